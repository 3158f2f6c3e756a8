"""The life of an invitation between its creation and its end, through real calls and mails."""

import unittest
import urllib.parse

from harness import SERVICE, ServerTest, as_user, eventually, mails

PENDING, DECLINED, CANCELED = 1, 3, 4


def token_in(uri):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)["token"][0]


class LifeCycleTest(ServerTest):
    with_mail = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Life")

    def of(self, invitation, /, **fields):
        return {"organization_id": self.org, "invitation_id": invitation.id, **fields}

    def change(self, method, request):
        return self.call(f"InvitationService.{method}", request, as_user(self.ann))

    def state(self, invitation):
        return self.change("GetInvitation", self.of(invitation)).invitation.state

    def tokens_to(self, address, count):
        """The tokens of the mails to the address, oldest first, once there are so many."""
        found = eventually(
            lambda: len(mails.mails_to(self.catcher.folder, address)) == count
            and mails.mails_to(self.catcher.folder, address), 15, f"{count} mails to {address}")
        return [mail.token for mail in reversed(found)]

    def test_r22_only_the_newest_mail_has_a_link_that_works(self):
        address = "lea@example.com"
        invitation = self.invite(self.org, self.ann, address, role="ROLE_HELPDESK").invitation
        self.tokens_to(address, 1)
        reinvited = self.change("ReinviteUser", self.of(invitation))
        self.tokens_to(address, 2)
        updated = self.change("UpdateInvitation",
                              self.of(invitation, invitation={"role": "ROLE_OBSERVER"}))
        a, b, c = self.tokens_to(address, 3)

        self.assertEqual((reinvited.accept_uri, updated.accept_uri), ("", ""))
        self.assertEqual(updated.invitation.generation, 3)
        decliner = {"email": address}
        for refused in [
                self.refused("InvitationService.PreviewInvitation", {"token": a}),
                self.refused("InvitationService.AcceptInvitation",
                             {"token": b, "accepter": decliner}),
                self.refused("InvitationService.DeclineInvitation",
                             {"token": a, "decliner": decliner})]:
            self.assertEqual((refused.code, refused.reason), ("NOT_FOUND", "INVITATION_INVALID"))
        self.assertEqual(self.state(invitation), PENDING)
        self.assertEqual(self.accept(c, address).membership.role,
                         self.client.enum("usher.v1.Role").values_by_name["ROLE_OBSERVER"].number)

    def test_r21_canceled_one_cannot_be_renewed(self):
        invitation = self.invite(self.org, self.ann, "kai@example.com").invitation

        canceled = self.change("CancelInvitation", {"organization_id": self.org,
                                                    "invitation_id": "Kai@Example.com"})
        again = self.change("CancelInvitation", self.of(invitation, etag=invitation.etag))
        refused = self.refused("InvitationService.ReinviteUser", self.of(invitation),
                               as_user(self.ann))

        self.assertEqual(canceled.invitation.id, invitation.id)
        self.assertEqual(canceled.invitation.state, CANCELED)
        self.assertNotEqual(canceled.position, "")
        self.assertEqual(again.invitation, canceled.invitation)
        self.assertEqual((refused.code, refused.reason), ("FAILED_PRECONDITION", "WRONG_STATE"))
        self.change("DeleteInvitation", self.of(invitation))
        self.assertEqual(self.refused("InvitationService.GetInvitation", self.of(invitation),
                                      as_user(self.ann)).reason, "INVITATION_NOT_FOUND")

    def test_r19_person_declines_and_may_be_asked_again(self):
        address = "noa@example.com"
        person = (("usher-caller-email", address), ("usher-caller-email-verified", "true"))
        invitation = self.invite(self.org, self.ann, address).invitation
        (token,) = self.tokens_to(address, 1)

        declined = self.call("InvitationService.DeclineInvitation", {"token": token}, person)

        self.assertEqual(self.state(invitation), DECLINED)
        again = self.call("InvitationService.DeclineInvitation", {"token": token}, person)
        self.assertEqual(again.decline_time, declined.decline_time)
        self.assertEqual(self.refused("InvitationService.AcceptInvitation", {"token": token},
                                      person).reason, "INVITATION_INVALID")
        renewed = self.change("ReinviteUser", self.of(invitation)).invitation
        self.assertFalse(renewed.HasField("decline_time"))
        self.call("InvitationService.AcceptInvitation",
                  {"token": self.tokens_to(address, 2)[1]}, person)

    def test_without_mail_the_new_link_is_in_the_answer(self):
        invitation = self.invite(self.org, self.ann, "ivo@example.com").invitation

        renewed = self.change("ReinviteUser", self.of(invitation, send_email=False, ttl="3600s"))

        self.accept(token_in(renewed.accept_uri), "ivo@example.com")

    def test_mail_that_a_worker_holds_delays_no_renewal(self):
        invitation = self.invite(self.org, self.ann, "eli@example.com").invitation
        self.tokens_to("eli@example.com", 1)
        mine = ("organization_id = (SELECT id FROM usher.organizations WHERE name = 'Life') AND"
                " invitation_id = (SELECT id FROM usher.invitations WHERE email = 'eli@example.com')")
        eventually(lambda: self.database.query(f"SELECT state FROM usher.mails WHERE {mine}")
                   == ["2"], 15, "settled")
        self.database.query("UPDATE usher.mails SET state = 1, next_attempt_time = 'tomorrow'"
                            f" WHERE {mine}")

        with self.database.locked(f"SELECT 1 FROM usher.mails WHERE {mine} FOR UPDATE"):
            self.change("ReinviteUser", self.of(invitation))
            self.change("CancelInvitation", self.of(invitation))

        self.assertEqual(self.state(invitation), CANCELED)

    def test_person_lists_their_own_invitations(self):
        other, bo = self.make_organization("Birch", "bo@example.com")
        self.invite(self.org, self.ann, "zoe@example.com")
        self.invite(other, bo, "Zoe@Example.com")
        person = (("usher-caller-email", "zoe@example.com"),
                  ("usher-caller-email-verified", "true"))

        first = self.call("InvitationService.ListMyInvitations", {"page_size": 1}, person)
        second = self.call("InvitationService.ListMyInvitations",
                           {"page_size": 1, "page_token": first.next_page_token}, person)
        vouched = self.call("InvitationService.ListMyInvitations", {"email": "ZOE@example.com"},
                            SERVICE)

        self.assertEqual([first.invitations[0].organization_name,
                          second.invitations[0].organization_name], ["Birch", "Life"])
        self.assertEqual(second.next_page_token, "")
        self.assertEqual(list(vouched.invitations),
                         [first.invitations[0], second.invitations[0]])
        unverified = (person[0], ("usher-caller-email-verified", "false"))
        self.assertEqual(self.refused("InvitationService.ListMyInvitations", {},
                                      unverified).reason, "EMAIL_UNVERIFIED")

    def test_bad_updates_name_their_fields(self):
        invitation = self.invite(self.org, self.ann, "una@example.com").invitation
        for request, fields in [
                ({}, ["update_mask"]),
                ({"update_mask": "email"}, ["update_mask.paths[0]"]),
                ({"update_mask": "role"}, ["invitation.role"]),
                ({"update_mask": "siteAccess"}, ["invitation.site_access"]),
                ({"invitation": {"email": "x@example.com", "role": "ROLE_OBSERVER"}},
                 ["invitation.email"]),
                ({"ttl": "1s"}, ["ttl"]),
                ({"expire_time": "2001-01-01T00:00:00Z"}, ["expire_time"]),
                ({"ttl": "3600s", "etag": "x", "request_id": "a b"}, ["etag", "request_id"])]:
            with self.subTest(request=request):
                refused = self.refused("InvitationService.UpdateInvitation",
                                       self.of(invitation, **request), as_user(self.ann))
                self.assertEqual(sorted(text.split(": ")[0] for text in refused.violations),
                                 fields)
        stale = self.refused("InvitationService.UpdateInvitation",
                             self.of(invitation, ttl="3600s", etag="r99"), as_user(self.ann))
        self.assertEqual((stale.code, stale.reason), ("ABORTED", "ETAG_MISMATCH"))


if __name__ == "__main__":
    unittest.main()
