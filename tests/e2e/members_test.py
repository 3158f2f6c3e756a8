"""Members come, change and go, through the built binary."""

import unittest

from harness import ServerTest, as_user


class MembersTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")
        cls.birch, cls.bo = cls.make_organization("Birch", "bo@example.com")

    def join(self, email, role="ROLE_OBSERVER"):
        invited = self.invite(self.org, self.ann, email, role=role)
        return self.accept(invited.accept_uri.split("token=")[1], email).user.id

    def change(self, method, user, caller=None, **fields):
        return self.call(f"UserDirectory.{method}",
                         {"organization_id": self.org, "user_id": user, **fields},
                         as_user(caller or self.ann))

    def change_refused(self, method, user, caller=None, **fields):
        return self.refused(f"UserDirectory.{method}",
                            {"organization_id": self.org, "user_id": user, **fields},
                            as_user(caller or self.ann))

    def test_update_changes_what_the_mask_names(self):
        ben = self.join("ben@example.com")
        changed = self.change("UpdateMembership", "Ben@Example.com",
                              membership={"role": "ROLE_HELPDESK", "metadata": {"team": "north"}},
                              update_mask="role")
        self.assertEqual(changed.membership.user_id, ben)
        self.assertEqual(changed.membership.role, 4)
        self.assertFalse(changed.membership.metadata)
        self.assertTrue(changed.position)

        refused = self.change_refused("UpdateMembership", ben, update_mask="*,email,status",
                                      membership={"site_access": {}})
        self.assertEqual(sorted(violation.split(": ")[0] for violation in refused.violations),
                         ["membership.role", "membership.site_access", "update_mask.paths[1]",
                          "update_mask.paths[2]"])

    def test_stale_etag_is_refused(self):
        ben = self.join("etag@example.com")
        name = {"organization_id": self.org, "user_id": ben}
        etag = self.call("UserDirectory.GetMembership", name).membership.etag
        update = {"membership": {"role": "ROLE_HELPDESK"}, "etag": etag}
        self.change("UpdateMembership", ben, **update)
        refused = self.change_refused("SuspendMembership", ben, etag=etag)
        self.assertEqual((refused.code, refused.reason), ("ABORTED", "ETAG_MISMATCH"))

    def test_suspended_member_has_no_rights_until_reactivated(self):
        eve = self.join("eve@example.com")

        def allowed(change):
            return self.call("UserDirectory.CheckAccess", {
                "organization_id": self.org, "user_id": eve, "permission": "organization.view",
                "consistency": {"at_least_position": change.position}}).allowed

        suspended = self.change("SuspendMembership", eve)
        self.assertEqual(suspended.membership.status, 2)
        self.assertFalse(allowed(suspended))
        reactivated = self.change("ReactivateMembership", eve)
        self.assertEqual(reactivated.membership.status, 1)
        self.assertTrue(allowed(reactivated))

    def test_r05_removed_person_can_be_invited_again(self):
        for role in (3, 4, 5):
            uma = self.join("uma@example.com", role=role)
            revoked = self.change("RevokeMembership", uma)
            self.assertEqual(revoked.membership.role, role)
        refused = self.change_refused("RevokeMembership", uma)
        self.assertEqual((refused.code, refused.reason), ("NOT_FOUND", "MEMBERSHIP_NOT_FOUND"))

    def test_r27_last_super_user_stays(self):
        calls = [("UpdateMembership", {"membership": {"role": "ROLE_OBSERVER"}}),
                 ("SuspendMembership", {}), ("RevokeMembership", {})]
        for method, fields in calls:
            with self.subTest(method=method):
                refused = self.change_refused(method, self.ann, **fields)
                self.assertEqual((refused.code, refused.reason),
                                 ("FAILED_PRECONDITION", "LAST_SUPER_USER"))
        leave = {"organization_id": self.org}
        refused = self.refused("UserDirectory.LeaveOrganization", leave, as_user(self.ann))
        self.assertEqual(refused.reason, "LAST_SUPER_USER")

    def test_batch_revokes_what_it_can_and_says_why_not_the_rest(self):
        members = [self.join(f"batch{i}@example.com") for i in range(2)]
        rows = [members[0], "user_x", "Batch1@Example.com", members[1], self.bo, self.ann]
        answer = self.call("UserDirectory.BatchRevokeMemberships",
                           {"organization_id": self.org, "user_ids": rows}, as_user(self.ann))
        self.assertEqual([result.membership.user_id for result in answer.results],
                         [members[0], "", members[1], "", "", ""])
        self.assertEqual([result.error.code for result in answer.results], [0, 3, 0, 5, 5, 9])
        self.assertIn(b"user_ids[1]", answer.results[1].error.SerializeToString())
        self.assertIn(b"LAST_SUPER_USER", answer.results[5].error.SerializeToString())
        self.assertTrue(answer.position)
        for count in (0, 1001):
            refused = self.refused("UserDirectory.BatchRevokeMemberships",
                                   {"organization_id": self.org, "user_ids": [self.bo] * count})
            self.assertEqual(refused.violations, ["user_ids: must have 1 to 1000 entries"])

    def test_invitations_of_one_who_is_revoked_are_canceled(self):
        oz = self.join("oz@example.com", role="ROLE_SUPER_USER")
        invitation = self.invite(self.org, oz, "of-oz@example.com").invitation
        self.change("RevokeMembership", oz)
        name = {"organization_id": self.org, "invitation_id": invitation.id}
        read = self.call("InvitationService.GetInvitation", name).invitation
        self.assertEqual(read.state, 4)

    def test_members_leave_and_strangers_have_nothing_to_leave(self):
        lea = self.join("lea@example.com")
        leave = ("UserDirectory.LeaveOrganization", {"organization_id": self.org})
        self.assertTrue(self.call(*leave, as_user(lea)).position)
        for stranger in (lea, self.bo):
            refused = self.refused(*leave, as_user(stranger))
            self.assertEqual((refused.code, refused.reason),
                             ("NOT_FOUND", "ORGANIZATION_NOT_FOUND"))

    def test_users_are_found_by_those_who_may_see_them(self):
        gus = self.join("gus@example.com")
        found = self.call("UserDirectory.GetUser",
                          {"user_id": "GUS@example.com", "organization_id": self.org,
                           "include_memberships": True}, as_user(self.ann))
        self.assertEqual((found.user.id, len(found.memberships)), (gus, 1))
        own = self.call("UserDirectory.GetSelf", {}, as_user(gus))
        self.assertEqual(own.memberships[0].organization_display_name, "Acme")
        refused = self.refused("UserDirectory.GetUser", {"user_id": self.ann}, as_user(gus))
        self.assertEqual(refused.reason, "USER_NOT_FOUND")

        batch = self.call("UserDirectory.BatchGetUsers",
                          {"user_ids": ["nobody@example.com", gus, "bo@example.com"]})
        self.assertEqual([user.id for user in batch.users], [gus, self.bo])
        self.assertEqual(batch.missing_user_ids, ["nobody@example.com"])

    def test_names_of_users_are_checked(self):
        for method, request in (("GetUser", {}),
                                ("GetUser", {"user_id": self.ann, "identity": {"issuer": "x"}}),
                                ("BatchGetUsers", {}),
                                ("BatchGetUsers", {"user_ids": [self.ann] * 1001}),
                                ("ListMemberships", {}),
                                ("ListMemberships", {"organization_id": self.org,
                                                     "user_id": self.ann})):
            with self.subTest(method=method):
                refused = self.refused(f"UserDirectory.{method}", request)
                self.assertEqual(refused.reason, "FIELD_INVALID")

    def test_memberships_are_listed_page_by_page(self):
        self.join("page@example.com")
        request = {"organization_id": self.birch, "page_size": 1}
        page = self.call("UserDirectory.ListMemberships", request, as_user(self.bo))
        self.assertEqual([row.user_id for row in page.memberships], [self.bo])
        self.assertFalse(page.next_page_token)
        request = {"organization_id": self.org, "page_size": 1}
        first = self.call("UserDirectory.ListMemberships", request, as_user(self.ann))
        request["page_token"] = first.next_page_token
        second = self.call("UserDirectory.ListMemberships", request, as_user(self.ann))
        self.assertEqual(first.memberships[0].user_id, self.ann)
        self.assertNotEqual(second.memberships[0].user_id, self.ann)
        refused = self.refused("UserDirectory.ListMemberships", request)
        self.assertEqual(refused.reason, "PAGE_TOKEN_INVALID")

    def test_person_without_an_account_is_no_service(self):
        caller = (("usher-caller-email", "nobody@example.com"),)
        for method in ("SuspendMembership", "RevokeMembership", "GetMembership", "ListUsers",
                       "LeaveOrganization"):
            with self.subTest(method=method):
                request = {"organization_id": self.org}
                if method.endswith("Membership"):
                    request["user_id"] = self.ann
                refused = self.refused(f"UserDirectory.{method}", request, caller)
                self.assertEqual(refused.reason, "ORGANIZATION_NOT_FOUND")


if __name__ == "__main__":
    unittest.main()
