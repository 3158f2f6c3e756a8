"""Neither answers nor the work for them tell a stranger whether an address has an account.

What is compared is all that a caller sees, and the statements that the server sends for it, which
is what a difference in time would come from.
"""

import re
import unittest

from auth_test import AuthServerTest

ACME = "acme.example"  # Where the curious are at home; the addresses they ask about are elsewhere.
STATEMENTS = re.compile(r'^usher_statement_seconds_count\{statement="([^"]+)"\} (\d+)$',
                        re.MULTILINE)
# What the server does by itself.
OWN = ("mail.", "events.", "storage.", "pg.", "directory.note_accesses")
IDS = re.compile(r"(org|user|site|sgrp|inv|evt)_[0-9a-z]{26}|seconds: \d+|nanos: \d+"
                 r'|(etag|position|next_page_token|accept_uri): ".*"')
WRONG_TOKEN = "usher_inv_AQ"
OBSERVER = {"first_name": "Given", "last_name": "Family", "role": "ROLE_OBSERVER",
            "site_access": {"all_sites": True}}


class AccountsTest(AuthServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.acme, cls.ann = cls.found("Acme", f"ann@{ACME}")
        cls.birch, cls.bo = cls.found("Birch", "bo@birch.example")
        cls.as_bo = cls.credentials.operator(("usher-on-behalf-of", cls.bo))
        cls.as_ann = cls.credentials.caller("sub-ann", f"ann@{ACME}")
        cls.as_nobody = cls.credentials.caller("sub-eve", "eve@elsewhere.example")
        cls.as_service = cls.credentials.operator()
        cls.targets = {
            "nobody": "nobody@there.example",
            "nobody else": "no-one@there.example",
            "an account": cls.make_user("account@there.example"),
            "a member": cls.make_member("member@there.example"),
            "a suspended member": cls.suspend(cls.make_member("suspended@there.example")),
            "a former member": cls.revoke(cls.make_member("former@there.example")),
            "a person erased": cls.erase(cls.make_user("erased@there.example")),
            "an invited person": cls.invite_to_birch("invited@there.example"),
            "a Super User": "bo@birch.example",
        }
        cls.asked = {name: cls.questions(target) for name, target in cls.targets.items()}

    @classmethod
    def ask(cls, method, request, caller=None):
        return cls.call(method, request, caller or cls.as_service)

    @classmethod
    def make_user(cls, email):
        cls.ask("UserDirectory.CreateUser", {"user": {"email": email, "first_name": "A"}})
        return email

    @classmethod
    def invite_to_birch(cls, email):
        cls.invited(cls.birch, email, cls.as_bo)
        return email

    @classmethod
    def invited(cls, organization, email, caller):
        return cls.ask("InvitationService.CreateInvitation", {
            "organization_id": organization, "invitation": {"email": email, **OBSERVER}}, caller)

    @classmethod
    def make_member(cls, email):
        token = cls.invited(cls.birch, email, cls.as_bo).accept_uri.rsplit("=", 1)[1]
        cls.ask("InvitationService.AcceptInvitation", {"token": token, "accepter": {"email": email}})
        return email

    @classmethod
    def id_of(cls, email):
        return cls.ask("UserDirectory.GetUser", {"user_id": email}).user.id

    @classmethod
    def suspend(cls, email):
        cls.ask("UserDirectory.SuspendMembership",
                {"organization_id": cls.birch, "user_id": cls.id_of(email)})
        return email

    @classmethod
    def revoke(cls, email):
        cls.ask("UserDirectory.RevokeMembership",
                {"organization_id": cls.birch, "user_id": cls.id_of(email)})
        return email

    @classmethod
    def erase(cls, email):
        cls.ask("UserDirectory.DeleteUser", {"user_id": cls.id_of(email)})
        return email

    @classmethod
    def questions(cls, target):
        """What the curious may try about an address: each a method, a request and a caller."""
        claims = cls.credentials.caller("sub-mallory", target, verified=False)
        answers = {"token": WRONG_TOKEN}
        own = {"organization_id": cls.acme}
        invitation = {**own, "invitation": {"email": target, **OBSERVER}, "validate_only": True}
        asked = {
            "a service accepts by a wrong token": (
                "InvitationService.AcceptInvitation",
                {**answers, "accepter": {"email": target}}, cls.as_service),
            "a service declines by a wrong token": (
                "InvitationService.DeclineInvitation",
                {**answers, "decliner": {"email": target}}, cls.as_service),
        }
        for method, request in {
                "UserDirectory.GetSelf": {}, "InvitationService.ListMyInvitations": {},
                "OrganizationDirectory.ListOrganizations": {},
                "OrganizationDirectory.CreateOrganization": {"organization": {"name": "New"}},
                "OrganizationDirectory.GetOrganization": {"organization_id": cls.birch},
                "UserDirectory.ListUsers": {"organization_id": cls.birch},
                "UserDirectory.LeaveOrganization": {"organization_id": cls.birch},
                "UserDirectory.GetUser": {"user_id": target},
                "UserDirectory.ListMemberships": {},
                "InvitationService.PreviewInvitation": answers,
                "InvitationService.AcceptInvitation": answers,
                "InvitationService.DeclineInvitation": answers}.items():
            asked[f"{method} by someone with that address, not verified"] = method, request, claims
        for method, request in {
                "UserDirectory.GetUser": {"user_id": target},
                "UserDirectory.BatchGetUsers": {"user_ids": [target]},
                "UserDirectory.CreateUser": {"user": {"email": target, "first_name": "A"}},
                "UserDirectory.UpdateUser": {"user": {"email": target}, "update_mask": "email"},
                "UserDirectory.UpsertUser": {
                    "identity": {"issuer": "https://id.example.com", "subject": "x"},
                    "email": target, "first_name": "A"},
                "UserDirectory.DeleteUser": {"user_id": target}}.items():
            for who, caller in {"a person without an account": cls.as_nobody,
                                "a Super User of another organization": cls.as_ann,
                                "nobody": ()}.items():
                asked[f"{method} by {who}"] = method, request, caller
        for method, request in {
                "UserDirectory.GetUser": {**own, "user_id": target},
                "UserDirectory.BatchGetUsers": {**own, "user_ids": [target]},
                "UserDirectory.GetMembership": {**own, "user_id": target},
                "UserDirectory.ListUsers": {**own, "filter": {"search": target}},
                "UserDirectory.CheckAccess": {**own, "user_id": target,
                                              "permission": "sites.read"},
                "InvitationService.ListInvitations": {**own, "filter": {"search": target}},
                "UserDirectory.ListMemberships": {"user_id": target},
                "UserDirectory.SuspendMembership": {**own, "user_id": target},
                "InvitationService.CancelInvitation": {**own, "invitation_id": target},
                "InvitationService.CreateInvitation": invitation}.items():
            asked[f"{method} in an organization of one's own"] = method, request, cls.as_ann
        return asked

    def seen(self, target, method, request, caller):
        """What the caller sees and what the server does, with ids and the address made alike."""
        before = self.statements()
        outcome = self.client.outcome(method, request,
                                      (*caller, ("x-request-id", "the-same")))
        after = self.statements()
        work = {name: count - before.get(name, 0) for name, count in after.items()
                if count > before.get(name, 0) and not name.startswith(OWN)}
        return IDS.sub("…", str(outcome).replace(target, "target")), work

    def statements(self):
        return {name: int(count) for name, count in STATEMENTS.findall(self.server.metrics())}

    def assert_alike(self, what, seen):
        """All saw the same as the first one."""
        (_, expected), *others = seen.items()
        for target, one in others:
            with self.subTest(question=what, about=target):
                self.assertEqual(one, expected)

    def test_no_question_is_answered_otherwise_or_by_other_work_for_an_address_with_an_account(self):
        for what in self.asked["nobody"]:
            self.assert_alike(what, {name: self.seen(target, *self.asked[name][what])
                                     for name, target in self.targets.items()})

    def test_the_comparison_sees_a_difference_where_there_is_one(self):
        seen = [self.seen(self.targets[name], "UserDirectory.GetUser",
                          {"user_id": self.targets[name]}, self.as_service)
                for name in ("nobody", "an account")]
        invited, listed = (self.seen(self.targets["nobody"], f"InvitationService.{method}",
                                     {}, self.as_nobody)
                           for method in ("ListMyInvitations", "AcceptInvitation"))

        self.assertNotEqual(seen[0][0], seen[1][0])
        self.assertNotEqual(invited[1], listed[1])

    def test_inviting_someone_with_an_account_is_like_inviting_anybody(self):
        seen = {}
        for name, target in self.targets.items():
            seen[name] = self.seen(target, "InvitationService.CreateInvitation", {
                "organization_id": self.acme, "invitation": {"email": target, **OBSERVER}},
                self.as_ann)
        self.assert_alike("invited", seen)
        self.assertEqual(seen["nobody"][0][2:4], "OK")

        lists = {name: self.seen(target, "UserDirectory.ListUsers",
                                 {"organization_id": self.acme, "filter": {"search": target}}, self.as_ann)
                 for name, target in self.targets.items()}
        self.assert_alike("listed", lists)

    def test_a_stranger_with_the_link_of_another_learns_no_more(self):
        cedar, _ = self.found("Cedar", "cy@cedar.example")
        links = {name: self.invited(cedar, target, self.as_service).accept_uri.rsplit("=", 1)[1]
                 for name, target in self.targets.items()}
        for method, caller in (("Preview", ()), ("Preview", self.as_nobody),
                               ("Accept", self.as_nobody), ("Decline", self.as_nobody),
                               ("Accept", self.as_ann), ("Decline", self.as_ann), ("Accept", ())):
            self.assert_alike(method, {
                name: self.seen(target, f"InvitationService.{method}Invitation",
                                {"token": links[name]}, caller)
                for name, target in self.targets.items()})

    def test_a_wrong_link_is_wrong_alike_whomever_it_is_about(self):
        cedar, _ = self.found("Cedar's", "cy@cedars.example")
        for method in ("Preview", "Accept", "Decline"):
            call = f"InvitationService.{method}Invitation"
            seen = {"no link": self.seen("x@there.example", call, {"token": WRONG_TOKEN},
                                         self.as_nobody)}
            for name, target in self.targets.items():
                token = self.other_than(cedar, target)
                seen[name] = self.seen(target, call, {"token": token}, self.as_nobody)
            self.assert_alike(method, seen)

    def other_than(self, organization, target):
        """The link of an invitation with another secret."""
        made = self.ask("InvitationService.CreateInvitation", {
            "organization_id": organization, "on_pending": "ON_PENDING_REINVITE",
            "invitation": {"email": target, **OBSERVER}})
        token = made.accept_uri.rsplit("=", 1)[1]
        return token[:70] + ("A" if token[70] != "A" else "B") + token[71:]


if __name__ == "__main__":
    unittest.main()
