"""The table of docs/roles.md is what the server does, cell by cell."""

import itertools
import re
import unittest

from api_requests import every_method, with_ids
from harness import ROOT, Refused, ServerTest, as_user

ROW = re.compile(r"^\| `([a-z_.]+)` \| (.*) \|$", re.MULTILINE)
HEADER = re.compile(r"^\| Permission \| (.*) \|$", re.MULTILINE)
RPCS = re.compile(r"^\| ((?:`[A-Z]\w+`(?:, )?)+) \| (.*?) \|", re.MULTILINE)
SCOPES = {"yes": "ORGANIZATION", "own sites": "SITE_ACCESS", "if all sites": "ALL_SITES_ONLY"}

# What is asked for beside a method's permission when a request has more in it.
FINER = {
    "UpdateOrganization": [("organization.settings.write",
                            {"organization": {"settings": {"pending_limit": 5}}})],
    "UpdateSite": [("sites.write", {"site": {"name": "Other"}})],
}
LACKING = ("PERMISSION_MISSING", "SITE_NOT_FOUND", "SITE_GROUP_NOT_FOUND", "USER_NOT_FOUND")
# Lists leave out what the caller may not see: their rows, and which id those who may find in one.
LISTED = {"BatchGetUsers": ("users", "user_id"), "ListSites": ("sites", "site_id"),
          "ListSiteGroups": ("site_groups", "site_group_id")}


def cells(roles):
    """Each role with all sites and with some, about what is inside those and what is not."""
    return itertools.product(roles, (False, True), (True, False))


def asked_for():
    """{RPC: what it asks for}, by the second table of the page."""
    page = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    return {name: asks.strip("`") for names, asks in RPCS.findall(page)
            for name in re.findall(r"\w+", names)}


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
        cls.table, cls.asks = table(), asked_for()
        cls.roles = list(dict.fromkeys(role for role, _ in cls.table))
        cls.org, cls.ann = cls.make_organization("Acme")
        cls.near, cls.far = (cls.make_site(name) for name in ("Near", "Far"))
        cls.group, cls.far_group = (cls.make_group(*one) for one in (("Near", cls.near),
                                                                     ("Far", cls.far)))
        cls.invitation = cls.invite(cls.org, cls.ann, "ben@example.com").invitation.id
        cls.everywhere = {role: cls.make_member(role, {"all_sites": True}) for role in cls.roles}
        near = {"site_group_ids": [cls.group]}
        cls.limited = {role: cls.make_member(role, near) for role in cls.roles}

    @classmethod
    def make_site(cls, name):
        return cls.call("OrganizationDirectory.CreateSite",
                        {"organization_id": cls.org, "site": {"name": name}}).site.id

    @classmethod
    def make_group(cls, name, site):
        return cls.call("OrganizationDirectory.CreateSiteGroup", {
            "organization_id": cls.org,
            "site_group": {"name": name, "site_ids": [site]}}).site_group.id

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

    def test_each_rpc_is_in_the_table_and_asks_for_what_its_option_names(self):
        every = {method.rsplit(".")[-1]: self.client.option(descriptor, "usher.v1.access").permission
                 for method, descriptor in every_method(self.client)}

        self.assertEqual(sorted(self.asks), sorted(every))
        self.assertEqual({name: self.asks[name] for name, permission in every.items()
                          if permission},
                         {name: permission for name, permission in every.items() if permission})

    def test_each_rpc_is_for_the_roles_that_have_its_permission(self):
        asked = 0
        for method, descriptor in every_method(self.client):
            name = method.rsplit(".")[-1]
            for asks, more in [(self.asks[name], {}), *FINER.get(name, ())]:
                for role, limited, near in cells(self.roles):
                    member = (self.limited if limited else self.everywhere)[role]
                    expected = self.has(role, asks, limited, near)
                    ids = self.ids(member if asks == "nothing" else self.ann, near)
                    request = {**self.request(descriptor, ids), **more}
                    with self.subTest(method=method, asks=asks, role=role, limited=limited,
                                      near=near):
                        self.assertEqual(self.served(method, request, ids, member), expected)
                        asked += 1
        finer = sum(len(cases) for cases in FINER.values())
        self.assertEqual(asked, 7 * 4 * (len(self.asks) + finer))

    def test_settings_are_for_the_roles_that_may_read_them(self):
        for role in self.roles:
            for members, limited in ((self.everywhere, False), (self.limited, True)):
                with self.subTest(role=role, limited=limited):
                    seen = self.call("OrganizationDirectory.GetOrganization",
                                     {"organization_id": self.org}, as_user(members[role]))
                    self.assertEqual(seen.organization.HasField("settings"),
                                     self.has(role, "organization.settings.read", limited, True))

    def has(self, role, permission, limited, near):
        """Whether a member has it, on a near or a far site where it is for sites."""
        if permission in ("nothing", "no role has it"):
            return permission == "nothing"
        cell = self.table[role, permission]
        return cell == "yes" or cell != "–" and not limited or cell == "own sites" and near

    def ids(self, user, near):
        return {"organization_id": self.org, "user_id": user, "invitation_id": self.invitation,
                "site_id": self.near if near else self.far,
                "site_group_id": self.group if near else self.far_group, "token": "usher_inv_x"}

    def request(self, descriptor, ids):
        request = with_ids(descriptor, ids)
        if "validate_only" in descriptor.input_type.fields_by_name:
            request["validate_only"] = True
        if descriptor.name == "CreateOrganization":
            del request["first_super_user"]
        if descriptor.name in ("AcceptInvitation", "DeclineInvitation"):
            request = {"token": "usher_inv_x"}
        if descriptor.name == "BatchCheckAccess":
            request["checks"] = [{"organization_id": self.org, "user_id": ids["user_id"],
                                  "permission": "sites.read"}]
        if descriptor.name == "WatchEvents":
            del request["user_id"]
        return request

    def served(self, method, request, ids, member):
        """Whether the member gets at what the request is about; an empty answer has nothing of it."""
        try:
            if method == "EventLog.WatchEvents":
                stream = self.client.stream(method, request, as_user(member), 10)
                next(stream)
                stream.cancel()
                return True
            answer = self.call(method, request, as_user(member))
        except Refused as refused:
            self.assertNotIn(refused.reason, ("CALLER_UNKNOWN", "ORGANIZATION_NOT_FOUND"))
            self.assertNotIn(refused.code, ("INVALID_ARGUMENT", "UNIMPLEMENTED"),
                             str(refused))
            return refused.reason not in LACKING
        rows, kind = LISTED.get(method.rsplit(".")[-1], (None, None))
        return rows is None or ids[kind] in [row.id for row in getattr(answer, rows)]


if __name__ == "__main__":
    unittest.main()
