"""Repeated and validated calls, as clients make them."""

import unittest

from harness import ServerTest, as_user


class RepeatsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Repeats")

    def draft(self, email, **fields):
        return {"organization_id": self.org, **fields,
                "invitation": {"email": email, "first_name": "Xi", "role": "ROLE_OBSERVER",
                               "site_access": {"all_sites": True}}}

    def create(self, email, **fields):
        return self.call("InvitationService.CreateInvitation", self.draft(email, **fields),
                         as_user(self.ann))

    def emails(self):
        listed = self.call("InvitationService.ListInvitations", {"organization_id": self.org},
                           as_user(self.ann))
        return [invitation.email for invitation in listed.invitations]

    def test_r08_a_repeat_gets_the_same_answer_with_the_same_link(self):
        first = self.create("xi@example.com", request_id="r1")
        again = self.create("xi@example.com", request_id="r1")

        self.assertTrue(first.accept_uri)
        self.assertEqual(again, first)
        self.assertEqual(self.emails().count("xi@example.com"), 1)

    def test_r08_other_content_is_refused(self):
        self.create("pi@example.com", request_id="r2")

        refused = self.refused("InvitationService.CreateInvitation",
                               self.draft("rho@example.com", request_id="r2"), as_user(self.ann))

        self.assertEqual((refused.code, refused.reason),
                         ("INVALID_ARGUMENT", "REQUEST_ID_REUSED"))
        self.assertNotIn("rho@example.com", self.emails())

    def test_validate_only_answers_without_what_only_the_change_makes(self):
        answer = self.create("nu@example.com", request_id="r3", validate_only=True)

        self.assertEqual(answer.invitation.email, "nu@example.com")
        self.assertTrue(answer.invitation.HasField("expire_time"))
        self.assertEqual((answer.invitation.id, answer.invitation.etag, answer.accept_uri,
                          answer.position), ("", "", "", ""))
        self.assertNotIn("nu@example.com", self.emails())
        self.assertTrue(self.create("nu@example.com", request_id="r3").invitation.id)

    def test_a_validated_acceptance_leaves_the_link_good(self):
        token = self.create("mu@example.com").accept_uri.split("token=")[1]
        accept = {"token": token, "accepter": {"email": "mu@example.com"}}

        answer = self.call("InvitationService.AcceptInvitation", {**accept, "validate_only": True})

        self.assertTrue(answer.user_created)
        self.assertEqual(answer.position, "")
        accepted = self.call("InvitationService.AcceptInvitation", accept)
        self.assertEqual(accepted.user.email, "mu@example.com")


if __name__ == "__main__":
    unittest.main()
