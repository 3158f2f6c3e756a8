"""Random sequences of calls against a small model of what they should answer and leave behind.

A failure is shrunk to few steps and printed with its seed; USHER_SEED=N runs that one again,
USHER_EXAMPLES=N more of them.
"""

import os
import random
import unittest

from hypothesis import HealthCheck, seed, settings, strategies
from hypothesis.stateful import (RuleBasedStateMachine, invariant, precondition, rule,
                                 run_state_machine_as_test)

from harness import SERVICE, Refused, ServerTest, as_user

SEED = int(os.environ.get("USHER_SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES = int(os.environ.get("USHER_EXAMPLES", "12"))
ROLES = strategies.sampled_from(["ROLE_SUPER_USER", "ROLE_OBSERVER", "ROLE_HELPDESK"])
PEOPLE = strategies.sampled_from(["ann", "ben", "cy", "dee"])
PENDING, ACCEPTED, DECLINED, CANCELED, EXPIRED = "PENDING", "ACCEPTED", "DECLINED", "CANCELED", \
    "EXPIRED"
LIFETIME_HOURS = 168


class Invitation:
    """What the model knows of an invitation."""

    def __init__(self, answer, person, role, inviter, hour):
        self.id = answer.invitation.id
        self.person = person
        self.inviter = inviter
        self.newest = True  # Of its address; older ones are history.
        self.links = []
        self.accepter = None
        self.renew(answer, role, hour)

    def renew(self, answer, role, hour):
        self.role = role
        self.stored = PENDING
        self.expires = hour + LIFETIME_HOURS
        self.links.append(answer.accept_uri.split("token=")[1])

    def state(self, hour):
        return EXPIRED if self.stored == PENDING and hour >= self.expires else self.stored


class Machine(RuleBasedStateMachine):
    """The calls. Each computes what the model expects and compares the server's answer with it."""

    server = None  # The ServerTest that runs it.
    organizations = 0

    def __init__(self):
        super().__init__()
        Machine.organizations += 1
        self.hour = 0
        self.move_clock(0)
        self.domain = f"o{self.organizations}.example.com"
        self.org, ann = self.server.make_organization(f"Model {self.organizations}",
                                                      self.address("ann"))
        self.users = {"ann": ann}
        self.members = {"ann": ("ROLE_SUPER_USER", True)}  # Role, and whether active.
        self.invitations = []
        # Two who may invite, so that one of them can go.
        self.invite("ben", "ROLE_SUPER_USER", "ann")
        self.accept_link(self.invitations[0], self.invitations[0].links[0], "ben")

    def address(self, person):
        return f"{person}@{self.domain}"

    def move_clock(self, hours):
        self.hour += hours
        self.server.database.query(
            "CREATE OR REPLACE FUNCTION usher.now() RETURNS timestamptz LANGUAGE sql STABLE "
            f"PARALLEL SAFE AS 'SELECT pg_catalog.now() + interval ''{self.hour} hours'''")

    # What the model says.

    def may_write(self, person):
        if person not in self.members:
            return "ORGANIZATION_NOT_FOUND"
        role, active = self.members[person]
        return None if active and role == "ROLE_SUPER_USER" else "PERMISSION_MISSING"

    def is_last_super_user(self, person):
        others = [who for who, (role, active) in self.members.items()
                  if role == "ROLE_SUPER_USER" and active and who != person]
        return self.members.get(person) == ("ROLE_SUPER_USER", True) and not others

    def open_of(self, person):
        """The newest invitation of an address that may still be accepted or renewed."""
        return next((i for i in self.invitations if i.person == person and i.newest
                     and i.stored in (PENDING, DECLINED)), None)

    def inviter_departs(self, person):
        for invitation in self.invitations:
            if invitation.inviter == person and invitation.state(self.hour) == PENDING:
                invitation.stored = CANCELED

    def check(self, expected, method, request, caller=SERVICE):
        """Calls; the answer if the model expects one, else the refusal must be the expected one."""
        try:
            answer = self.server.call(method, request, caller)
        except Refused as refused:
            assert refused.reason == expected, f"{method}: {refused.reason}, not {expected}"
            return None
        assert expected is None, f"{method}: OK, not {expected}"
        return answer

    # Invitations.

    @rule(person=PEOPLE, role=ROLES, inviter=PEOPLE)
    def somebody_invites(self, person, role, inviter):
        if inviter in self.users:
            self.invite(person, role, inviter)

    def invite(self, person, role, inviter):
        expected = self.may_write(inviter)
        present = self.open_of(person)
        if expected is None and person in self.members:
            expected = "MEMBER_EXISTS"
        elif expected is None and present and present.state(self.hour) == PENDING:
            expected = "INVITATION_EXISTS"
        answer = self.check(expected, "InvitationService.CreateInvitation", {
            "organization_id": self.org, "send_email": False,
            "invitation": {"email": self.address(person), "first_name": person, "role": role,
                           "site_access": {"all_sites": True}}}, as_user(self.users[inviter]))
        if answer is None:
            return
        if present:
            present.newest = False
            present.stored = present.state(self.hour)
        self.invitations.append(Invitation(answer, person, role, inviter, self.hour))

    def renewal(self, invitation):
        if invitation.state(self.hour) in (ACCEPTED, CANCELED) or not invitation.newest:
            return "WRONG_STATE"
        return "MEMBER_EXISTS" if invitation.person in self.members else None

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data())
    def reinvite(self, data):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        answer = self.check(self.renewal(invitation), "InvitationService.ReinviteUser",
                            {"organization_id": self.org, "invitation_id": invitation.id,
                             "send_email": False})
        if answer:
            invitation.renew(answer, invitation.role, self.hour)

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data(), role=ROLES)
    def update_invitation(self, data, role):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        answer = self.check(self.renewal(invitation), "InvitationService.UpdateInvitation",
                            {"organization_id": self.org, "invitation_id": invitation.id,
                             "invitation": {"role": role}, "send_email": False})
        if answer:
            invitation.renew(answer, role, self.hour)

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data())
    def cancel(self, data):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        wrong = invitation.state(self.hour) in (ACCEPTED, DECLINED)
        answer = self.check("WRONG_STATE" if wrong else None, "InvitationService.CancelInvitation",
                            {"organization_id": self.org, "invitation_id": invitation.id})
        if answer:
            invitation.stored = CANCELED

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data())
    def delete(self, data):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        wrong = invitation.state(self.hour) in (PENDING, ACCEPTED)
        answer = self.check("WRONG_STATE" if wrong else None, "InvitationService.DeleteInvitation",
                            {"organization_id": self.org, "invitation_id": invitation.id})
        if answer:
            self.invitations.remove(invitation)

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data(), person=PEOPLE)
    def somebody_accepts(self, data, person):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        self.accept_link(invitation, data.draw(strategies.sampled_from(invitation.links)), person)

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data())
    def accept(self, data):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        self.accept_link(invitation, invitation.links[-1], invitation.person)

    def accept_link(self, invitation, link, person):
        state = invitation.state(self.hour)
        expected = None
        if link != invitation.links[-1] or state in (DECLINED, CANCELED):
            expected = "INVITATION_INVALID"
        elif state == ACCEPTED and person == invitation.accepter:
            expected = None if person in self.members else "INVITATION_INVALID"
        elif person != invitation.person or state == ACCEPTED:
            expected = "EMAIL_MISMATCH"
        elif state == EXPIRED:
            expected = "INVITATION_EXPIRED"
        elif person == invitation.inviter:
            expected = "SELF_INVITATION"
        answer = self.check(expected, "InvitationService.AcceptInvitation",
                            {"token": link, "accepter": {"email": self.address(person)}})
        if answer and state == PENDING:
            invitation.stored, invitation.accepter = ACCEPTED, person
            self.users.setdefault(person, answer.user.id)
            self.members[person] = (invitation.role, True)

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data(), person=PEOPLE)
    def decline(self, data, person):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        link = data.draw(strategies.sampled_from(invitation.links))
        state = invitation.state(self.hour)
        expected = None
        if link != invitation.links[-1] or state in (ACCEPTED, CANCELED):
            expected = "INVITATION_INVALID"
        elif state == DECLINED:
            expected = None if person == invitation.person else "INVITATION_INVALID"
        elif person != invitation.person:
            expected = "EMAIL_MISMATCH"
        elif state == EXPIRED:
            expected = "INVITATION_EXPIRED"
        if self.check(expected, "InvitationService.DeclineInvitation",
                      {"token": link, "decliner": {"email": self.address(person)}}):
            invitation.stored = DECLINED

    @precondition(lambda self: self.invitations)
    @rule(data=strategies.data())
    def preview(self, data):
        invitation = data.draw(strategies.sampled_from(self.invitations))
        link = data.draw(strategies.sampled_from(invitation.links))
        state = invitation.state(self.hour)
        expected = {PENDING: None, EXPIRED: "INVITATION_EXPIRED"}.get(state, "INVITATION_INVALID")
        if link != invitation.links[-1]:
            expected = "INVITATION_INVALID"
        self.check(expected, "InvitationService.PreviewInvitation", {"token": link})

    # Members.

    def named(self, person):
        return {"organization_id": self.org, "user_id": self.users[person]}

    @rule(person=PEOPLE, role=ROLES)
    def change_role(self, person, role):
        if person not in self.users:
            return
        expected = None
        if person not in self.members:
            expected = "MEMBERSHIP_NOT_FOUND"
        elif role != "ROLE_SUPER_USER" and self.is_last_super_user(person):
            expected = "LAST_SUPER_USER"
        if self.check(expected, "UserDirectory.UpdateMembership",
                      {**self.named(person), "membership": {"role": role}}):
            if self.members[person][0] == "ROLE_SUPER_USER" != role:
                self.inviter_departs(person)
            self.members[person] = (role, self.members[person][1])

    @rule(person=PEOPLE, method=strategies.sampled_from(["Suspend", "Reactivate", "Revoke"]))
    def change_membership(self, person, method):
        if person not in self.users:
            return
        expected = None
        if person not in self.members:
            expected = "MEMBERSHIP_NOT_FOUND"
        elif method != "Reactivate" and self.is_last_super_user(person):
            expected = "LAST_SUPER_USER"
        if not self.check(expected, f"UserDirectory.{method}Membership", self.named(person)):
            return
        if method != "Reactivate":
            self.inviter_departs(person)
        if method == "Revoke":
            del self.members[person]
        else:
            self.members[person] = (self.members[person][0], method == "Reactivate")

    @rule(person=PEOPLE)
    def leave(self, person):
        if person not in self.users:
            return
        expected = None
        if person not in self.members:
            expected = "ORGANIZATION_NOT_FOUND"
        elif self.is_last_super_user(person):
            expected = "LAST_SUPER_USER"
        if self.check(expected, "UserDirectory.LeaveOrganization", {"organization_id": self.org},
                      as_user(self.users[person])):
            self.inviter_departs(person)
            del self.members[person]

    @rule(hours=strategies.sampled_from([1, 100, 169]))
    def time_passes(self, hours):
        self.move_clock(hours)

    # What they leave behind.

    @invariant()
    def lists_tell_the_same(self):
        enum = self.server.client.enum
        listed = self.server.call("InvitationService.ListInvitations",
                                  {"organization_id": self.org, "page_size": 1000})
        states = enum("usher.v1.InvitationState").values_by_number
        assert {i.id: states[i.state].name.removeprefix("INVITATION_STATE_")
                for i in listed.invitations} == {i.id: i.state(self.hour)
                                                 for i in self.invitations}
        users = self.server.call("UserDirectory.ListUsers",
                                 {"organization_id": self.org, "page_size": 1000})
        statuses = enum("usher.v1.DirectoryStatus").values_by_number
        seen = sorted((u.email, statuses[u.status].name.removeprefix("DIRECTORY_STATUS_"))
                      for u in users.entries)
        assert seen == sorted(self.directory()), f"{seen} is not {sorted(self.directory())}"

    def directory(self):
        """The rows of the Users page."""
        for person, (_, active) in self.members.items():
            yield self.address(person), "ACTIVE" if active else "SUSPENDED"
        for person in ("ann", "ben", "cy", "dee"):
            invitation = self.open_of(person)
            if invitation and person not in self.members:
                yield self.address(person), f"INVITE_{invitation.state(self.hour)}"


class ModelTest(ServerTest):
    def test_random_calls_answer_and_leave_what_the_model_says(self):
        print(f"USHER_SEED={SEED}", flush=True)
        Machine.server = self
        run_state_machine_as_test(
            seed(SEED)(Machine),
            settings=settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None,
                              database=None, print_blob=False,
                              suppress_health_check=list(HealthCheck)))


if __name__ == "__main__":
    unittest.main()
