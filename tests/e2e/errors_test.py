"""Bad input gets a clear error that names the field, and nothing is half done."""

import unittest

import grpc

from harness import ServerTest, as_user

UNKNOWN = "01jdhx0000e008000000000000"


class ErrorsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")

    def violations(self, method, request, caller=None):
        refused = self.refused(method, request, caller or as_user(self.ann))
        self.assertEqual((refused.code, refused.reason), ("INVALID_ARGUMENT", "FIELD_INVALID"))
        return sorted(violation.split(": ")[0] for violation in refused.violations)

    def invitation(self, **fields):
        return {"organization_id": self.org,
                "invitation": {"email": "a@example.com", "first_name": "A", "last_name": "B",
                               "role": "ROLE_OBSERVER", "site_access": {"all_sites": True},
                               **fields}}

    def rows(self):
        return self.database.query("SELECT count(*) FROM usher.invitations")

    def test_all_violations_are_told_at_once(self):
        before = self.rows()
        fields = self.violations("InvitationService.CreateInvitation", {
            "organization_id": "user_x",
            "invitation": {"email": "not-an-address", "first_name": "", "last_name": "<b>",
                           "site_access": {}, "locale": "??", "redirect_uri": "ftp://x"},
            "ttl": "1s",
        })

        self.assertEqual(fields, ["invitation.email", "invitation.first_name",
                                  "invitation.last_name", "invitation.locale",
                                  "invitation.redirect_uri", "invitation.role",
                                  "invitation.site_access", "organization_id", "ttl"])
        self.assertEqual(self.rows(), before)

    def test_a_fault_of_the_server_is_told_without_its_text(self):
        self.database.query("ALTER TABLE usher.site_groups RENAME TO elsewhere")
        try:
            refused = self.refused("OrganizationDirectory.ListSiteGroups",
                                   {"organization_id": self.org}, as_user(self.ann))
        finally:
            self.database.query("ALTER TABLE usher.elsewhere RENAME TO site_groups")

        self.assertEqual((refused.code, refused.reason), ("INTERNAL", "INTERNAL"))
        self.assertNotIn("site_groups", str(refused))

    def test_r11_names_are_counted_in_characters(self):
        for i, character in enumerate(["é", "田", "😀"]):
            with self.subTest(character=character):
                request = self.invitation(email=f"r11.{i}@example.com", first_name=character * 64)
                created = self.call("InvitationService.CreateInvitation", request,
                                    as_user(self.ann)).invitation
                self.assertEqual(created.first_name, character * 64)
                self.assertEqual(
                    self.violations("InvitationService.CreateInvitation",
                                    self.invitation(first_name=character * 65)),
                    ["invitation.first_name"])
        composed = self.invitation(email="r11.c@example.com", first_name="e\u0301" * 64)
        created = self.call("InvitationService.CreateInvitation", composed, as_user(self.ann))
        self.assertEqual(created.invitation.first_name, "\u00e9" * 64)
        for blank in ("", "   ", "\u200b"):
            self.assertEqual(self.violations("InvitationService.CreateInvitation",
                                             self.invitation(first_name=blank)),
                             ["invitation.first_name"])

    def test_r13_local_part_beyond_ascii_is_refused(self):
        self.assertEqual(self.violations("InvitationService.CreateInvitation",
                                         self.invitation(email="josé@example.com")),
                         ["invitation.email"])

    def test_r14_control_characters_are_refused(self):
        for field, text in [("first_name", "Ann\u0000Admin"), ("last_name", "x\r\ny"),
                            ("email", "a\u0000@example.com"), ("first_name", "\u202eAnn"),
                            ("note", "a\u0000b"), ("locale", "e\nn")]:
            with self.subTest(field=field, text=text):
                self.assertEqual(self.violations("InvitationService.CreateInvitation",
                                                 self.invitation(**{field: text})),
                                 [f"invitation.{field}"])
        self.assertEqual(
            self.violations("InvitationService.ListInvitations",
                            {"organization_id": self.org, "filter": {"search": "a\u0000"}}),
            ["filter.search"])
        self.assertEqual(
            self.violations("InvitationService.CreateInvitation",
                            {**self.invitation(), "request_id": "a\u0000"}), ["request_id"])
        refused = self.refused("InvitationService.ListInvitations",
                               {"organization_id": self.org, "page_token": "\u0000"})
        self.assertEqual((refused.code, refused.reason),
                         ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID"))

    def test_site_access_is_never_empty_or_mixed(self):
        site = self.call("OrganizationDirectory.CreateSite",
                         {"organization_id": self.org, "site": {"name": "Mixed"}}).site.id
        for access in ({}, {"all_sites": True, "site_ids": [site]},
                       {"site_ids": [site], "site_group_ids": [f"sgrp_{UNKNOWN}"]}):
            with self.subTest(access=access):
                self.assertEqual(self.violations("InvitationService.CreateInvitation",
                                                 self.invitation(site_access=access)),
                                 ["invitation.site_access"])
        self.assertEqual(
            self.violations("InvitationService.CreateInvitation",
                            self.invitation(site_access={"site_ids": [f"site_{UNKNOWN}"]})),
            ["invitation.site_access.site_ids[0]"])

    def test_unknown_enumerators_are_refused(self):
        self.assertEqual(self.violations("InvitationService.CreateInvitation",
                                         self.invitation(role=99)), ["invitation.role"])
        self.assertEqual(self.violations("UserDirectory.ListUsers",
                                         {"organization_id": self.org,
                                          "filter": {"statuses": [77]}}), ["filter.statuses[0]"])

    def test_page_sizes_have_defined_answers(self):
        large = self.call("UserDirectory.ListUsers",
                          {"organization_id": self.org, "page_size": 1_000_000})
        self.assertGreaterEqual(len(large.entries), 1)
        self.assertEqual(self.violations("UserDirectory.ListUsers",
                                         {"organization_id": self.org, "page_size": -1}),
                         ["page_size"])

    def test_page_token_is_good_for_its_own_query_only(self):
        for i in range(3):
            self.call("InvitationService.CreateInvitation",
                      self.invitation(email=f"page{i}@example.com"), as_user(self.ann))
        query = {"organization_id": self.org, "page_size": 1}
        token = self.call("InvitationService.ListInvitations", query,
                          as_user(self.ann)).next_page_token
        other, _ = self.make_organization("Pages", "pages@example.com")
        self.call("InvitationService.ListInvitations", {**query, "page_token": token},
                  as_user(self.ann))

        flipped = token[:10] + ("A" if token[10] != "A" else "B") + token[11:]
        for request, caller in [
                ({**query, "page_token": flipped}, as_user(self.ann)),
                ({**query, "page_token": token}, (("usher-caller", "service"),)),
                ({**query, "page_token": token, "order_by": "create_time"}, as_user(self.ann)),
                ({**query, "organization_id": other, "page_token": token}, as_user(self.ann))]:
            refused = self.refused("InvitationService.ListInvitations", request, caller)
            self.assertEqual(refused.reason, "PAGE_TOKEN_INVALID")
        users = self.refused("UserDirectory.ListUsers", {**query, "page_token": token},
                             as_user(self.ann))
        self.assertEqual(users.reason, "PAGE_TOKEN_INVALID")

    def test_callers_are_told_what_they_lack(self):
        create = ("InvitationService.CreateInvitation", self.invitation())
        self.assertEqual(self.refused(*create, ()).code, "UNAUTHENTICATED")
        self.assertEqual(self.refused(*create, (("usher-caller", "nobody"),)).code,
                         "UNAUTHENTICATED")
        stranger = self.make_organization("Strangers", "stranger@example.com")[1]
        refused = self.refused(*create, as_user(stranger))
        self.assertEqual((refused.code, refused.reason), ("NOT_FOUND", "ORGANIZATION_NOT_FOUND"))
        unknown = self.refused("InvitationService.CreateInvitation",
                               {**self.invitation(), "organization_id": f"org_{UNKNOWN}"},
                               as_user(self.ann))
        self.assertEqual(str(unknown), str(refused))

    def test_existing_names_are_refused_in_any_letter_case(self):
        refused = self.refused("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "ACME"},
            "first_super_user": {"email": "x@example.com", "first_name": "X"}})
        self.assertEqual((refused.code, refused.reason),
                         ("ALREADY_EXISTS", "ORGANIZATION_EXISTS"))
        site = {"organization_id": self.org, "site": {"name": "Straße"}}
        self.call("OrganizationDirectory.CreateSite", site)
        refused = self.refused("OrganizationDirectory.CreateSite",
                               {"organization_id": self.org, "site": {"name": "STRASSE"}})
        self.assertEqual(refused.reason, "SITE_EXISTS")

    def test_r17_insecure_callers_accept_with_their_own_address(self):
        created = self.call("InvitationService.CreateInvitation",
                            self.invitation(email="uli@example.com"), as_user(self.ann))
        token = created.accept_uri.split("token=")[1]
        accept = ("InvitationService.AcceptInvitation", {"token": token})

        def person(email, verified="true"):
            return (("usher-caller-email", email), ("usher-caller-email-verified", verified))

        self.assertEqual(self.refused(*accept, person("vera@example.com")).reason,
                         "EMAIL_MISMATCH")
        self.assertEqual(self.refused(*accept, person("uli@example.com", "false")).reason,
                         "EMAIL_UNVERIFIED")
        accepted = self.call(*accept, person("Uli@Example.com"))
        again = self.call(*accept, as_user(accepted.user.id))
        self.assertEqual(again.membership, accepted.membership)

    def test_unknown_methods_are_unimplemented(self):
        with grpc.insecure_channel(self.server.address) as channel:
            with self.assertRaises(grpc.RpcError) as caught:
                channel.unary_unary("/x.Y/Z")(b"", timeout=10)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_bytes_that_are_no_request_are_refused(self):
        for junk in (b"\xff", b"\x0a\xff\xff", b"\x0a\x7f?"):
            refused = self.refused("InvitationService.CreateInvitation", {}, as_user(self.ann),
                                   on_wire=lambda _, junk=junk: junk)
            self.assertEqual((refused.code, refused.reason), ("INVALID_ARGUMENT", "FIELD_INVALID"))
        self.assertNotIn("libprotobuf", self.server.log())

    def test_large_requests_are_refused(self):
        refused = self.refused("InvitationService.PreviewInvitation", {"token": "x" * (2 << 20)})
        self.assertEqual(refused.code, "RESOURCE_EXHAUSTED")


if __name__ == "__main__":
    unittest.main()
