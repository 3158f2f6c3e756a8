"""Organizations, sites and site groups are read, through the built binary."""

import unittest

from harness import ServerTest, as_user


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
                "mails_per_hour": 3, "redirect_uris": ["https://App.Example.com:443/Start/"]}}},
            as_user(self.ann))
        settings = self.read("GetOrganization", organization_id="cedar").organization.settings
        self.assertEqual(settings, created.organization.settings)
        self.assertEqual(list(settings.allowed_domains), ["xn--bcher-kva.example", "*.example.com"])
        self.assertEqual(list(settings.redirect_uris), ["https://app.example.com/Start"])
        self.assertEqual((settings.seat_limit, settings.pending_limit, settings.mails_per_hour),
                         (5, 4, 3))

    def test_every_wrong_setting_is_named(self):
        refused = self.refused("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Doom", "settings": {
                "invitation_lifetime": "299s", "allowed_domains": ["a.example", "example."],
                "denied_domains": ["*"], "seat_limit": -1, "seat_mode": 9,
                "redirect_uris": ["http://app.example.com", "https://a.example/?x=1"]}}},
            as_user(self.ann))
        fields = {violation.split(": ")[0] for violation in refused.violations}
        self.assertEqual({field.removeprefix("organization.settings.") for field in fields},
                         {"invitation_lifetime", "allowed_domains[1]", "denied_domains[0]",
                          "seat_limit", "seat_mode", "redirect_uris[0]", "redirect_uris[1]"})


if __name__ == "__main__":
    unittest.main()
