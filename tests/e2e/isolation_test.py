"""Organizations do not see each other: another one's ids are as good as ids that nobody has."""

import re
import unittest

from harness import SERVICE, Refused, ServerTest, as_user
from api_requests import filled, is_text, name, paths, unary_methods, with_ids

# As ids are made, but no thing has them.
NOBODYS = {"organization_id": "org_01jdhx0000e008000000000000",
           "user_id": "user_01jdhx0000e008000000000000",
           "site_id": "site_01jdhx0000e008000000000000",
           "site_group_id": "sgrp_01jdhx0000e008000000000000",
           "invitation_id": "inv_01jdhx0000e008000000000000"}
KINDS = {"user_id": "user_id", "user_ids": "user_id", "inviter_user_id": "user_id",
         "actor_user_id": "user_id", "site_id": "site_id", "site_ids": "site_id",
         "site_group_id": "site_group_id", "site_group_ids": "site_group_id",
         "invitation_id": "invitation_id", "invitation_ids": "invitation_id"}
# Users are everybody's: a service that may read may read each of them by id.
OF_USERS = {"GetUser", "BatchGetUsers", "UpdateUser", "DeleteUser", "ListMemberships", "ListEvents"}


class IsolationTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids, cls.ann = cls.make_place("Acme", "ann@example.com")
        cls.others, cls.bo = cls.make_place("Birch", "bo@example.com")

    @classmethod
    def make_place(cls, organization, email):
        org, user = cls.make_organization(organization, email)
        site = cls.call("OrganizationDirectory.CreateSite",
                        {"organization_id": org, "site": {"name": "Berlin"}}).site
        group = cls.call("OrganizationDirectory.CreateSiteGroup",
                         {"organization_id": org, "site_group": {"name": "North"}}).site_group
        invitation = cls.invite(org, user, "ben@example.com").invitation
        return {"organization_id": org, "user_id": user, "site_id": site.id,
                "site_group_id": group.id, "invitation_id": invitation.id}, user

    def state(self, organization):
        """All that the database has of an organization."""
        uuid = self.database.query(
            "SELECT organization_id FROM usher.events WHERE type = 'organization.created' "
            f"AND after->>'name' = '{organization}'")[0]
        tables = ("sites", "site_groups", "site_group_sites", "memberships", "invitations",
                  "mails", "events")
        rows = " UNION ALL ".join(
            f"SELECT to_jsonb(t)::text FROM usher.{table} t "
            f"WHERE organization_id = '{uuid}'" for table in tables)
        return sorted(self.database.query(rows))

    def outcome(self, method, request, caller):
        """What a caller gets to know, with ids made alike."""
        try:
            answer = str(self.call(method, {**request, **self.validated(method)}, caller))
        except Refused as refused:
            answer = f"{refused.code} {refused.reason} {refused.metadata} {refused}"
        return re.sub(r"(org|user|site|sgrp|inv|evt)_[0-9a-z]{26}|seconds: \d+|nanos: \d+|"
                      r'(position|next_page_token): ".*"', "…", answer)

    def validated(self, method):
        """Changes are only decided, so that each call finds things as the one before did."""
        descriptor = dict(unary_methods(self.client))[method]
        return {"validate_only": True} if "validate_only" in descriptor.input_type.fields_by_name \
            else {}

    def inner_ids(self, method):
        """The id fields of a request besides the organization's, with the kind of id in each."""
        for path in paths(method.input_type, lambda field: is_text(field)
                          and field.name in KINDS):
            yield path, KINDS[path[-1].name]

    def test_ids_of_another_organization_are_as_good_as_nobodys(self):
        before = self.state("Birch")
        compared = 0
        for method, descriptor in unary_methods(self.client):
            if "organization_id" not in descriptor.input_type.fields_by_name:
                continue
            for path, kind in self.inner_ids(descriptor):
                if kind == "user_id" and descriptor.name in OF_USERS:
                    continue
                theirs = filled(descriptor, self.ids, path, self.others[kind])
                nobodys = filled(descriptor, self.ids, path, NOBODYS[kind])
                for caller in (as_user(self.ann), SERVICE):
                    with self.subTest(method=method, field=name(path), caller=caller):
                        self.assertEqual(self.outcome(method, theirs, caller),
                                         self.outcome(method, nobodys, caller))
                        compared += 1
        self.assertGreater(compared, 60)
        self.assertEqual(self.state("Birch"), before)

    def test_another_organization_is_as_good_as_none(self):
        before = self.state("Birch")
        compared = 0
        for method, descriptor in unary_methods(self.client):
            if "organization_id" not in descriptor.input_type.fields_by_name:
                continue
            with self.subTest(method=method):
                theirs = self.outcome(method, with_ids(descriptor, self.others),
                                      as_user(self.ann))
                nobodys = self.outcome(method, with_ids(descriptor, NOBODYS), as_user(self.ann))
                self.assertEqual(theirs, nobodys)
                self.assertNotIn("bo@example.com", theirs)
                compared += 1
        self.assertGreater(compared, 30)
        self.assertEqual(self.state("Birch"), before)


if __name__ == "__main__":
    unittest.main()
