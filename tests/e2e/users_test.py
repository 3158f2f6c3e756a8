"""Users come, change and go, through the built binary."""

import unittest

from harness import ServerTest, as_user, eventually

ISSUER = "https://id.example.com"


class UsersTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")

    def upsert(self, subject, email, **fields):
        return self.call("UserDirectory.UpsertUser",
                         {"identity": {"issuer": ISSUER, "subject": subject}, "email": email,
                          "first_name": "Given", **fields})

    def join(self, email, role):
        invited = self.invite(self.org, self.ann, email, role=role)
        return self.accept(invited.accept_uri.split("token=")[1], email).user.id

    def test_user_is_created_found_and_changed(self):
        created = self.call("UserDirectory.CreateUser", {"user": {
            "email": "Ben@Example.com", "first_name": "Ben", "locale": "de",
            "identities": [{"issuer": ISSUER, "subject": "b1"}]}})
        self.assertTrue(created.position)
        ben = created.user.id
        for name in ({"user_id": ben}, {"user_id": "ben@example.com"},
                     {"identity": {"issuer": ISSUER, "subject": "b1"}}):
            self.assertEqual(self.call("UserDirectory.GetUser", name).user.email, "Ben@Example.com")
        changed = self.call("UserDirectory.UpdateUser",
                            {"user": {"first_name": "Benno", "last_name": "Boe"},
                             "update_mask": "firstName,locale"}, as_user(ben))
        self.assertEqual((changed.user.first_name, changed.user.last_name, changed.user.locale),
                         ("Benno", "", ""))

    def test_upsert_answers_who_it_is_each_time(self):
        first = self.upsert("u1", "uma@example.com")
        again = self.upsert("u1", "UMA@example.com", first_name="")
        self.assertTrue(first.created)
        self.assertFalse(again.created)
        self.assertEqual(first.user.id, again.user.id)
        self.assertTrue(again.user.HasField("last_access_time"))
        refused = self.refused("UserDirectory.UpsertUser", {
            "identity": {"issuer": ISSUER, "subject": "u2"}, "email": "uma@example.com"})
        self.assertEqual((refused.code, refused.reason), ("ALREADY_EXISTS", "USER_EXISTS"))

    def test_every_wrong_field_is_named(self):
        refused = self.refused("UserDirectory.CreateUser", {"user": {
            "email": "x", "locale": "!", "identities": [{"issuer": ISSUER}]}})
        self.assertEqual(sorted(violation.split(": ")[0] for violation in refused.violations),
                         ["user.email", "user.first_name", "user.identities[0].subject",
                          "user.locale"])
        refused = self.refused("UserDirectory.UpsertUser", {"email": "a@example.com"})
        self.assertEqual(sorted(violation.split(": ")[0] for violation in refused.violations),
                         ["identity.issuer", "identity.subject"])
        refused = self.refused("UserDirectory.UpdateUser",
                               {"user": {"identities": [{"issuer": "i", "subject": "s"}]},
                                "update_mask": "identities"}, as_user(self.ann))
        self.assertEqual([violation.split(": ")[0] for violation in refused.violations],
                         ["update_mask.paths[0]"])

    def test_only_services_make_users(self):
        for method in ("CreateUser", "UpsertUser"):
            with self.subTest(method=method):
                refused = self.refused(f"UserDirectory.{method}", {}, as_user(self.ann))
                self.assertEqual(refused.code, "PERMISSION_DENIED")

    def test_user_moves_to_the_address_of_their_credentials(self):
        moving = {"user": {"email": "zoe@example.net"}}
        zoe = self.upsert("z1", "zoe@example.com").user.id
        cases = ((), "EMAIL_UNVERIFIED"), ((("usher-caller-email", "zoe@example.com"),),
                                          "EMAIL_MISMATCH")
        for metadata, reason in cases:
            refused = self.refused("UserDirectory.UpdateUser", moving,
                                   tuple(as_user(zoe)) + metadata)
            self.assertEqual((refused.code, refused.reason), ("PERMISSION_DENIED", reason))
        proved = tuple(as_user(zoe)) + (("usher-caller-email", "zoe@example.net"),)
        self.assertEqual(self.call("UserDirectory.UpdateUser", moving, proved).user.email,
                         "zoe@example.net")

    def test_r28_person_is_erased_and_what_they_sent_stays(self):
        oz = self.join("oz@example.com", "ROLE_SUPER_USER")
        invitation = self.invite(self.org, oz, "of-oz@example.com").invitation
        report = self.call("UserDirectory.DeleteUser", {"user_id": oz}, as_user(oz)).report
        self.assertEqual((report.user_id, report.memberships_ended, report.invitations_erased,
                          report.invitations_kept), (oz, 1, 1, 1))
        self.assertGreater(report.events_redacted, 0)
        name = {"organization_id": self.org, "invitation_id": invitation.id}
        kept = self.call("InvitationService.GetInvitation", name).invitation
        self.assertEqual(kept.state, 1)
        self.assertFalse(kept.HasField("inviter"))
        refused = self.refused("UserDirectory.GetUser", {"user_id": oz})
        self.assertEqual(refused.reason, "USER_NOT_FOUND")
        self.assertNotEqual(self.join("oz@example.com", "ROLE_OBSERVER"), oz)

    def test_who_calls_has_accessed(self):
        cal = self.call("UserDirectory.CreateUser",
                        {"user": {"email": "cal@example.com", "first_name": "Cal"}}).user
        self.assertFalse(cal.HasField("last_access_time"))
        self.call("UserDirectory.GetSelf", {}, as_user(cal.id))
        eventually(lambda: self.call("UserDirectory.GetUser", {"user_id": cal.id})
                   .user.HasField("last_access_time"), 10, "an access")

    def test_r27_last_super_user_is_not_erased(self):
        refused = self.refused("UserDirectory.DeleteUser", {"user_id": self.ann},
                               as_user(self.ann))
        self.assertEqual((refused.code, refused.reason),
                         ("FAILED_PRECONDITION", "LAST_SUPER_USER"))
        self.assertEqual(refused.metadata, {"organization_ids": self.org})

    def test_repeat_of_a_change_gets_the_first_answer(self):
        request = {"user": {"email": "rep@example.com", "first_name": "Rep"}, "request_id": "u1"}
        first = self.call("UserDirectory.CreateUser", request)
        self.assertEqual(self.call("UserDirectory.CreateUser", request), first)
        gone = {"user_id": first.user.id, "request_id": "u2"}
        report = self.call("UserDirectory.DeleteUser", gone)
        self.assertEqual(self.call("UserDirectory.DeleteUser", gone), report)

    def test_validated_changes_leave_nothing(self):
        upsert = {"identity": {"issuer": ISSUER, "subject": "v1"}, "email": "val@example.com",
                  "first_name": "Val", "validate_only": True}
        answer = self.call("UserDirectory.UpsertUser", upsert)
        self.assertTrue(answer.created)
        self.assertEqual((answer.user.id, answer.user.etag, answer.position), ("", "", ""))
        self.assertEqual(self.refused("UserDirectory.GetUser",
                                      {"user_id": "val@example.com"}).reason, "USER_NOT_FOUND")
        val = self.upsert("v1", "val@example.com").user.id
        report = self.call("UserDirectory.DeleteUser",
                           {"user_id": val, "validate_only": True}).report
        self.assertEqual(report.identities_removed, 1)
        self.assertEqual(self.call("UserDirectory.GetUser", {"user_id": val}).user.id, val)


if __name__ == "__main__":
    unittest.main()
