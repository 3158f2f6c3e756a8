"""Orders, filters, searches and totals of the two big lists, as a client asks for them."""
import unittest

from harness import ServerTest, as_user


class ListsTest(ServerTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Lists", "ann@lists.example")
        cls.invite(cls.org, cls.ann, "Lee@lists.example", first_name="Kim", last_name="Lee")
        cls.invite(cls.org, cls.ann, "adams@lists.example", first_name="Zoé", last_name="adams",
                   role="ROLE_HELPDESK")

    def users(self, **request):
        return self.call("UserDirectory.ListUsers", {"organization_id": self.org, **request},
                         as_user(self.ann))

    def invitations(self, **request):
        return self.call("InvitationService.ListInvitations",
                         {"organization_id": self.org, **request}, as_user(self.ann))

    def test_users_begin_with_the_first_last_name(self):
        names = [entry.last_name for entry in self.users().entries]
        self.assertEqual(names, sorted(names, key=str.lower))
        self.assertEqual([e.last_name for e in self.users(order_by="last_name desc").entries],
                         names[::-1])

    def test_a_page_token_continues_any_order(self):
        for order_by in ("email", "role desc", "last_access_time", "status desc"):
            with self.subTest(order_by=order_by):
                page = self.users(order_by=order_by, page_size=1)
                walked = [page.entries[0].email]
                while page.next_page_token:
                    page = self.users(order_by=order_by, page_size=1,
                                      page_token=page.next_page_token)
                    walked += [entry.email for entry in page.entries]
                self.assertEqual(walked, [e.email for e in self.users(order_by=order_by).entries])

    def test_searches_and_counts(self):
        page = self.users(filter={"search": "ZOÉ a"}, include_total=True)
        self.assertEqual([e.last_name for e in page.entries], ["adams"])
        self.assertEqual(page.total_size, 1)
        self.assertEqual(self.users().total_size, 0)
        page = self.invitations(filter={"search": "@lists", "roles": ["ROLE_OBSERVER"]},
                                include_total=True, order_by="inviter")
        self.assertEqual([i.email for i in page.invitations], ["Lee@lists.example"])
        self.assertEqual(page.total_size, 1)

    def test_the_full_view_has_the_whole_of_what_each_row_shows(self):
        basic = self.users().entries
        full = self.users(view="DIRECTORY_VIEW_FULL").entries

        self.assertFalse(any(e.HasField("membership") or e.HasField("invitation") for e in basic))
        self.assertEqual([e.email for e in full], [e.email for e in basic])
        for entry in full:
            with self.subTest(entry.email):
                if entry.user_id:
                    whole = self.call("UserDirectory.GetMembership", {
                        "organization_id": self.org, "user_id": entry.user_id},
                        as_user(self.ann)).membership
                    self.assertEqual(entry.membership, whole)
                    self.assertFalse(entry.HasField("invitation"))
                else:
                    whole = self.call("InvitationService.GetInvitation", {
                        "organization_id": self.org, "invitation_id": entry.invitation_id},
                        as_user(self.ann)).invitation
                    self.assertEqual(entry.invitation, whole)
                    self.assertFalse(entry.HasField("membership"))

    def violations(self, method, **request):
        refused = self.refused(method, {"organization_id": self.org, **request}, as_user(self.ann))
        return sorted(violation.split(": ")[0] for violation in refused.violations)

    def test_every_wrong_field_is_named(self):
        self.assertEqual(
            self.violations("InvitationService.ListInvitations", order_by="nonsense", filter={
                "site_id": "x", "inviter_user_id": "y", "email": "z",
                "create_time": {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}}),
            ["filter.create_time.end", "filter.email", "filter.inviter_user_id", "filter.site_id",
             "order_by"])
        self.assertEqual(
            self.violations("UserDirectory.ListUsers", order_by="last_name DESC",
                            filter={"search": "x" * 257}), ["filter.search", "order_by"])


if __name__ == "__main__":
    unittest.main()
