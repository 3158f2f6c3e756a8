"""The table of docs/roles.md is what the server does, cell by cell."""

import re
import unittest

from api_requests import unary_methods, with_ids
from harness import ROOT, Refused, ServerTest, as_user

ROW = re.compile(r"^\| `([a-z_.]+)` \| (.*) \|$", re.MULTILINE)
HEADER = re.compile(r"^\| Permission \| (.*) \|$", re.MULTILINE)
SCOPES = {"yes": "ORGANIZATION", "own sites": "SITE_ACCESS", "if all sites": "ALL_SITES_ONLY"}


def table():
    """{(role, permission): cell}, roles by their names for people, in the order of the page."""
    page = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    roles = HEADER.search(page)[1].split(" | ")
    return {(role, permission): cell for permission, cells in ROW.findall(page)
            for role, cell in zip(roles, cells.split(" | "), strict=True)}


def enum_name(role):
    return "ROLE_" + role.upper().replace(" ", "_")


class RolesTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = table()
        cls.roles = list(dict.fromkeys(role for role, _ in cls.table))
        cls.org, cls.ann = cls.make_organization("Acme")
        cls.near, cls.far = (cls.make_site(name) for name in ("Near", "Far"))
        cls.group = cls.call("OrganizationDirectory.CreateSiteGroup", {
            "organization_id": cls.org,
            "site_group": {"name": "Group", "site_ids": [cls.near]}}).site_group.id
        cls.invitation = cls.invite(cls.org, cls.ann, "ben@example.com").invitation.id
        cls.everywhere = {role: cls.make_member(role, {"all_sites": True}) for role in cls.roles}
        near = {"site_ids": [cls.near]}
        cls.limited = {role: cls.make_member(role, near) for role in cls.roles}

    @classmethod
    def make_site(cls, name):
        return cls.call("OrganizationDirectory.CreateSite",
                        {"organization_id": cls.org, "site": {"name": name}}).site.id

    @classmethod
    def make_member(cls, role, access):
        email = f"{enum_name(role)}-{next(iter(access))}@example.com"
        made = cls.invite(cls.org, cls.ann, email, role=enum_name(role), site_access=access)
        return cls.accept(made.accept_uri.rsplit("=", 1)[1], email).user.id

    def test_the_catalogue_is_the_table(self):
        scope = self.client.enum("usher.v1.PermissionScope").values_by_number
        answer = self.call("UserDirectory.ListRoles", {}).roles

        catalogue = {(role.display_name, one.permission):
                     scope[one.scope].name.removeprefix("PERMISSION_SCOPE_")
                     for role in answer for one in role.permissions}

        self.assertEqual(catalogue, {key: SCOPES[cell] for key, cell in self.table.items()
                                     if cell != "–"})

    def test_each_permission_is_had_by_a_member_of_each_role_as_the_table_says(self):
        for (role, permission), cell in self.table.items():
            for member, site, expected in (
                    (self.everywhere[role], self.far, cell != "–"),
                    (self.limited[role], self.near, cell in ("yes", "own sites")),
                    (self.limited[role], self.far, cell == "yes")):
                with self.subTest(role=role, permission=permission, cell=cell):
                    answer = self.call("UserDirectory.CheckAccess", {
                        "user_id": member, "organization_id": self.org,
                        "permission": permission, "site_id": site})
                    self.assertEqual(answer.allowed, expected)

    def test_each_rpc_is_for_the_roles_that_have_its_permission(self):
        ids = {"organization_id": self.org, "user_id": self.ann, "site_id": self.near,
               "site_group_id": self.group, "invitation_id": self.invitation}
        asked = 0
        for method, descriptor in unary_methods(self.client):
            permission = self.client.option(descriptor, "usher.v1.access").permission
            if not permission:
                continue
            request = with_ids(descriptor, ids)
            if "validate_only" in descriptor.input_type.fields_by_name:
                request["validate_only"] = True
            for role in self.roles:
                cell = self.table[role, permission]
                for member, expected in ((self.everywhere[role], cell != "–"),
                                         (self.limited[role], cell in ("yes", "own sites"))):
                    with self.subTest(method=method, permission=permission, role=role):
                        reason = self.reason(method, request, member)
                        self.assertEqual(reason != "PERMISSION_MISSING", expected, reason)
                        self.assertNotIn(reason, ("CALLER_UNKNOWN", "ORGANIZATION_NOT_FOUND"))
                        asked += 1
        self.assertGreater(asked, 150)

    def reason(self, method, request, member):
        try:
            self.call(method, request, as_user(member))
        except Refused as refused:
            return refused.reason
        return ""


if __name__ == "__main__":
    unittest.main()
