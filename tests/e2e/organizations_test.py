"""Organizations, sites and site groups are read, through the built binary."""

import pathlib
import unittest

from harness import (SERVICE, Catcher, ServerTest, Usherd, as_user, eventually,
                     free_port)


class OrganizationsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")
        cls.birch, cls.bo = cls.make_organization("Birch", "bo@example.com")
        cls.sites = [cls.make("Site", name=name) for name in ("Lyon", "berlin", "Oslo")]
        cls.group = cls.make("SiteGroup", name="North", site_ids=[cls.sites[2]])

    @classmethod
    def make(cls, kind, **fields):
        message = "site" if kind == "Site" else "site_group"
        created = cls.call(f"OrganizationDirectory.Create{kind}",
                           {"organization_id": cls.org, message: fields}, as_user(cls.ann))
        return getattr(created, message).id

    def read(self, method, caller=None, **fields):
        return self.call(f"OrganizationDirectory.{method}", fields, as_user(caller or self.ann))

    def test_organization_is_found_by_id_or_name(self):
        for name in (self.org, "acme"):
            organization = self.read("GetOrganization", organization_id=name).organization
            self.assertEqual((organization.id, organization.name), (self.org, "Acme"))
            refused = self.refused("OrganizationDirectory.GetOrganization",
                                   {"organization_id": name}, as_user(self.bo))
            self.assertEqual(refused.reason, "ORGANIZATION_NOT_FOUND")
        refused = self.refused("OrganizationDirectory.GetOrganization", {})
        self.assertEqual(refused.violations[0].split(": ")[0], "organization_id")

    def test_lists_are_in_the_order_of_names_page_by_page(self):
        names, token = [], ""
        while True:
            page = self.read("ListSites", organization_id=self.org, page_size=1, page_token=token)
            names += [site.name for site in page.sites]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(names, ["berlin", "Lyon", "Oslo"])
        own = self.read("ListOrganizations").organizations
        self.assertEqual([organization.name for organization in own], ["Acme"])
        refused = self.refused("OrganizationDirectory.ListSites",
                               {"organization_id": self.org, "page_token": "x"})
        self.assertEqual(refused.reason, "PAGE_TOKEN_INVALID")

    def test_lists_are_searched_counted_and_ordered_both_ways(self):
        names, token = [], ""
        while True:
            page = self.read("ListSites", organization_id=self.org, page_size=1, page_token=token,
                             order_by="name desc", filter={"search": "L"}, include_total=True)
            names += [site.name for site in page.sites]
            self.assertEqual(page.total_size, 3)
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(names, ["Oslo", "Lyon", "berlin"])
        refused = self.refused("OrganizationDirectory.ListOrganizations", {
            "order_by": "settings", "filter": {
                "create_time": {"start": "2025-03-02T00:00:00Z", "end": "2025-03-01T00:00:00Z"}}})
        self.assertEqual([violation.split(": ")[0] for violation in refused.violations],
                         ["order_by", "filter.create_time.end"])

    def test_limited_member_sees_their_sites_and_groups(self):
        invited = self.invite(self.org, self.ann, "gus@example.com",
                              site_access={"site_group_ids": [self.group]})
        gus = self.accept(invited.accept_uri.split("token=")[1], "gus@example.com").user.id
        sites = self.read("ListSites", caller=gus, organization_id=self.org).sites
        self.assertEqual([site.id for site in sites], [self.sites[2]])
        groups = self.read("ListSiteGroups", caller=gus, organization_id=self.org).site_groups
        self.assertEqual([list(group.site_ids) for group in groups], [[self.sites[2]]])
        refused = self.refused("OrganizationDirectory.GetSite",
                               {"organization_id": self.org, "site_id": self.sites[0]},
                               as_user(gus))
        self.assertEqual((refused.code, refused.reason), ("NOT_FOUND", "SITE_NOT_FOUND"))
        organization = self.read("GetOrganization", caller=gus,
                                 organization_id=self.org).organization
        self.assertFalse(organization.HasField("settings"))

    def test_site_and_group_are_read(self):
        site = self.read("GetSite", organization_id=self.org, site_id=self.sites[0]).site
        self.assertEqual(site.name, "Lyon")
        group = self.read("GetSiteGroup", organization_id=self.org,
                          site_group_id=self.group).site_group
        self.assertEqual((group.name, list(group.site_ids)), ("North", [self.sites[2]]))

    def test_settings_are_kept_in_one_form_and_shown_to_some(self):
        created = self.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Cedar", "settings": {
                "invitation_lifetime": "3600s",
                "inviter_departure_policy": "INVITER_DEPARTURE_POLICY_KEEP",
                "allowed_domains": ["Bücher.Example", "*.Example.com", "bücher.example"],
                "seat_limit": 5, "seat_mode": "SEAT_MODE_RESERVE", "pending_limit": 4,
                "mails_per_hour": 3, "redirect_uris": ["https://App.Example.com:443/Start/"],
                "remind_before_expiry": "1800s", "notify_inviter": True}}},
            as_user(self.ann))
        settings = self.read("GetOrganization", organization_id="cedar").organization.settings
        self.assertEqual(settings, created.organization.settings)
        self.assertEqual(list(settings.allowed_domains), ["xn--bcher-kva.example", "*.example.com"])
        self.assertEqual(list(settings.redirect_uris), ["https://app.example.com/Start"])
        self.assertEqual((settings.seat_limit, settings.pending_limit, settings.mails_per_hour),
                         (5, 4, 3))
        self.assertEqual((settings.remind_before_expiry.seconds, settings.notify_inviter),
                         (1800, True))

    def test_every_wrong_setting_is_named(self):
        refused = self.refused("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Doom", "settings": {
                "invitation_lifetime": "299s", "allowed_domains": ["a.example", "example."],
                "denied_domains": ["*"], "seat_limit": -1, "seat_mode": 9,
                "redirect_uris": ["http://app.example.com", "https://a.example/?x=1"],
                "remind_before_expiry": "300.5s"}}},
            as_user(self.ann))
        fields = {violation.split(": ")[0] for violation in refused.violations}
        self.assertEqual({field.removeprefix("organization.settings.") for field in fields},
                         {"invitation_lifetime", "allowed_domains[1]", "denied_domains[0]",
                          "seat_limit", "seat_mode", "redirect_uris[0]", "redirect_uris[1]",
                          "remind_before_expiry"})

    def change(self, method, caller=None, **fields):
        return self.call(f"OrganizationDirectory.{method}",
                         {"organization_id": self.org, **fields}, as_user(caller or self.ann))

    def test_organization_is_updated_by_mask_or_by_what_is_set(self):
        org, _ = self.make_organization("Elm")
        def update(**fields):
            return self.call("OrganizationDirectory.UpdateOrganization",
                             {"organization_id": org, **fields}, as_user(self.ann)).organization
        changed = update(organization={"name": "Elm 2", "settings": {"seat_limit": 9,
                                                                     "pending_limit": 3}})
        self.assertEqual((changed.name, changed.settings.seat_limit), ("Elm 2", 9))
        changed = update(organization={}, update_mask="settings.seatLimit")
        self.assertEqual((changed.name, changed.settings.seat_limit,
                          changed.settings.pending_limit), ("Elm 2", 0, 3))
        reminding = update(organization={"settings": {"remind_before_expiry": "3600s"}})
        self.assertTrue(reminding.settings.HasField("remind_before_expiry"))
        changed = update(organization={}, update_mask="settings", etag=reminding.etag)
        self.assertEqual(changed.settings.pending_limit, 0)
        self.assertFalse(changed.settings.HasField("remind_before_expiry"))
        for fields, wrong in ((dict(organization={}, update_mask="name"), "organization.name"),
                              (dict(organization={}, update_mask="etag"), "update_mask.paths[0]")):
            refused = self.refused("OrganizationDirectory.UpdateOrganization",
                                   {"organization_id": org, **fields}, as_user(self.ann))
            self.assertEqual([v.split(": ")[0] for v in refused.violations], [wrong])

    def test_site_and_group_are_changed_and_deleted(self):
        site = self.make("Site", name="Rome")
        group = self.make("SiteGroup", name="South", site_ids=[site])
        described = self.change("UpdateSite", site_id=site,
                                site={"description": "Old", "labels": {"tier": "1"}}).site
        self.assertEqual((described.name, described.description), ("Rome", "Old"))
        renamed = self.change("UpdateSiteGroup", site_group_id=group,
                              site_group={"name": "Far South"}).site_group
        self.assertEqual((renamed.name, list(renamed.site_ids)), ("Far South", [site]))
        refused = self.refused("OrganizationDirectory.DeleteSite",
                               {"organization_id": self.org, "site_id": site}, as_user(self.ann))
        self.assertEqual((refused.code, refused.reason), ("FAILED_PRECONDITION", "SITE_IN_USE"))
        self.change("DeleteSiteGroup", site_group_id=group)
        self.assertTrue(self.change("DeleteSite", site_id=site).position)
        for method, field in (("DeleteSite", "site_id"), ("DeleteSiteGroup", "site_group_id")):
            refused = self.refused(f"OrganizationDirectory.{method}", {
                "organization_id": self.org, field: site if field == "site_id" else group})
            self.assertEqual(refused.code, "NOT_FOUND")

    def test_r08_repeats_get_the_first_answer(self):
        fields = {"site": {"name": "Turin"}, "request_id": "turin"}
        first, again = (self.change("CreateSite", **fields).site for _ in range(2))
        self.assertEqual(first, again)
        request = {"organization": {"name": "Fir"}, "request_id": "fir"}
        first, again = (self.call("OrganizationDirectory.CreateOrganization", request,
                                  as_user(self.ann)) for _ in range(2))
        self.assertEqual(first, again)
        self.assertEqual(first.membership.user_id, self.ann)
        for _ in range(2):
            deleted = self.call("OrganizationDirectory.DeleteOrganization", {
                "organization_id": first.organization.id, "request_id": "unfir"},
                as_user(self.ann))
            self.assertEqual(deleted.memberships_ended, 1)

    def test_validation_leaves_out_what_only_the_change_makes(self):
        would = self.call("OrganizationDirectory.CreateOrganization",
                          {"organization": {"name": "Ghost"}, "validate_only": True},
                          as_user(self.ann))
        self.assertEqual((would.organization.name, would.organization.id, would.position),
                         ("Ghost", "", ""))
        self.assertEqual((would.membership.user_id, would.membership.organization_id),
                         (self.ann, ""))
        refused = self.refused("OrganizationDirectory.GetOrganization",
                               {"organization_id": "Ghost"})
        self.assertEqual(refused.reason, "ORGANIZATION_NOT_FOUND")


class DeletedOrganizationTest(ServerTest):
    """Mail of an organization that is deleted before it could be sent."""

    def test_r30_only_mail_of_others_is_sent_when_the_mail_server_is_back(self):
        port = free_port()
        self.sender = Usherd(self.scratch.name, self.database.conninfo,
                             f"--smtp_url=smtp://127.0.0.1:{port}", "--smtp_tls=off",
                             "--mail_from=Usher <invitations@example.com>",
                             "--accept_uri_template=https://app.example.com/accept?token={token}")
        self.addCleanup(self.sender.stop)
        self.sender.wait_until_serving()
        orgs = [self.make_organization(name)[0] for name in ("Acme", "Birch")]
        for org in orgs:
            self.sender.client.call("InvitationService.CreateInvitation", {
                "organization_id": org, "invitation": {
                    "email": "tia@example.com", "first_name": "Tia", "role": "ROLE_OBSERVER",
                    "site_access": {"all_sites": True}}}, SERVICE)
        eventually(lambda: (self.sender.metric(
            'usher_mail_attempts_total{outcome="temporary"}') or 0) >= 1, 15, "an attempt")

        deleted = self.call("OrganizationDirectory.DeleteOrganization",
                            {"organization_id": orgs[0]})
        catcher = Catcher(pathlib.Path(self.scratch.name) / "mails", port)
        self.addCleanup(catcher.stop)
        self.database.query("UPDATE usher.mails SET next_attempt_time = usher.now()")

        self.assertEqual((deleted.invitations_canceled, deleted.mails_withdrawn), (1, 1))
        self.assertIn("Birch", catcher.message_to("tia@example.com").subject)
        eventually(lambda: self.database.query("SELECT count(*) FROM usher.mails WHERE state = 1")
                   == ["0"], 15, "nothing to send")
        self.assertEqual(len(list(catcher.folder.glob("*.eml"))), 1)
        mine = self.call("InvitationService.ListMyInvitations", {},
                         (("usher-caller-email", "tia@example.com"),)).invitations
        self.assertEqual([one.organization_name for one in mine], ["Birch"])


if __name__ == "__main__":
    unittest.main()
