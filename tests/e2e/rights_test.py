"""Nobody gets at an organization they do not belong to, by any method that names one."""

import unittest

from api_requests import unary_methods, with_ids
from harness import Refused, ServerTest, as_user

STRANGERS = {
    "a person without an account": (("usher-caller-email", "stranger@example.com"),),
    "an id that nobody has": as_user("user_01jdhx0000e008000000000000"),
}


class RightsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")
        site = cls.call("OrganizationDirectory.CreateSite",
                        {"organization_id": cls.org, "site": {"name": "Berlin"}}).site
        group = cls.call("OrganizationDirectory.CreateSiteGroup",
                         {"organization_id": cls.org, "site_group": {"name": "All"}}).site_group
        invitation = cls.invite(cls.org, cls.ann, "ben@example.com").invitation
        cls.ids = {"organization_id": cls.org, "user_id": cls.ann, "site_id": site.id,
                   "site_group_id": group.id, "invitation_id": invitation.id}
        cls.stranger = cls.make_organization("Birch", "bo@example.com")[1]

    def methods(self):
        """Those that name an organization, with a request that is well formed."""
        for method, descriptor in unary_methods(self.client):
            if "organization_id" in descriptor.input_type.fields_by_name:
                yield method, with_ids(descriptor, self.ids)

    def test_strangers_get_nothing_and_change_nothing(self):
        before = self.database.query("SELECT count(*) FROM usher.events")
        asked = 0
        for who, caller in {**STRANGERS, "a member of another organization":
                            as_user(self.stranger)}.items():
            for method, request in self.methods():
                with self.subTest(method=method, caller=who):
                    try:
                        answer = self.call(method, request, caller)
                    except Refused as refused:
                        if refused.code == "UNIMPLEMENTED":
                            continue
                        self.assertEqual(refused.code, "NOT_FOUND", str(refused))
                    else:
                        # Answers about nobody are the only ones.
                        self.assertNotIn("ann@example.com", str(answer))
                        self.assertNotIn("ben@example.com", str(answer))
                        self.assertFalse(getattr(answer, "allowed", False))
                    asked += 1
        self.assertGreater(asked, 40)
        self.assertEqual(self.database.query("SELECT count(*) FROM usher.events"), before)


if __name__ == "__main__":
    unittest.main()
