"""Questions about access, through the built binary."""

import unittest

from harness import ServerTest, as_user


class AccessTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")
        cls.birch, cls.bo = cls.make_organization("Birch", "bo@example.com")
        cls.sites = [cls.call("OrganizationDirectory.CreateSite", {
            "organization_id": cls.org, "site": {"name": name}}).site.id for name in "ABC"]
        invited = cls.invite(cls.org, cls.ann, "ria@example.com", role="ROLE_NETWORK_ADMIN",
                             site_access={"site_ids": cls.sites[:2]})
        token = invited.accept_uri.split("token=")[1]
        cls.ria = cls.accept(token, "ria@example.com").user.id

    def question(self, permission, site=None, user=None, organization=None):
        question = {"organization_id": organization or self.org, "permission": permission,
                    "user_id": user or self.ria}
        return {**question, "site_id": site} if site else question

    def test_batch_answers_in_the_order_of_the_questions(self):
        checks = [self.question("devices.configure", self.sites[0]),
                  self.question("devices.configure", self.sites[2]),
                  self.question("no.such"),
                  self.question("members.write", user=self.bo, organization=self.birch)]
        answer = self.call("UserDirectory.BatchCheckAccess", {"checks": checks})
        self.assertEqual([result.allowed for result in answer.results],
                         [True, False, False, True])
        for check, result in zip(checks, answer.results):
            self.assertEqual(self.call("UserDirectory.CheckAccess", check).reason, result.reason)

    def test_batch_has_1_to_1000_questions_and_names_every_wrong_field(self):
        for count in (0, 1001):
            refused = self.refused("UserDirectory.BatchCheckAccess",
                                   {"checks": [self.question("sites.read")] * count})
            self.assertEqual(refused.violations, ["checks: must have 1 to 1000 entries"])
        answer = self.call("UserDirectory.BatchCheckAccess",
                           {"checks": [self.question("sites.read", self.sites[0])] * 1000})
        self.assertTrue(all(result.allowed for result in answer.results))
        self.assertEqual(len(answer.results), 1000)
        wrong = {**self.question("sites.read", "site_x"), "consistency": {}}
        refused = self.refused("UserDirectory.BatchCheckAccess",
                               {"checks": [self.question(""), wrong]})
        self.assertEqual([violation.split(": ")[0] for violation in refused.violations],
                         ["checks[0].permission", "checks[1].site_id", "checks[1].consistency"])

    def test_users_ask_about_themselves_without_naming_themselves(self):
        question = {"organization_id": self.org, "permission": "devices.configure",
                    "site_id": self.sites[1]}
        caller = as_user(self.ria)
        self.assertTrue(self.call("UserDirectory.CheckAccess", question, caller).allowed)
        batch = {"checks": [question]}
        self.assertTrue(
            self.call("UserDirectory.BatchCheckAccess", batch, caller).results[0].allowed)
        refused = self.refused("UserDirectory.BatchCheckAccess",
                               {"checks": [question, self.question("sites.read", user=self.ann)]},
                               caller)
        self.assertEqual(refused.reason, "PERMISSION_MISSING")

    def test_r25_accessible_sites_come_page_by_page(self):
        request = {"organization_id": self.org, "user_id": self.ria, "page_size": 1}
        seen = []
        while True:
            page = self.call("UserDirectory.ListAccessibleSites", request)
            self.assertFalse(page.all_sites)
            seen += page.site_ids
            if not page.next_page_token:
                break
            request["page_token"] = page.next_page_token
        self.assertEqual(seen, sorted(self.sites[:2]))
        request["permission"] = "devices.configure"
        refused = self.refused("UserDirectory.ListAccessibleSites", request)
        self.assertEqual(refused.reason, "PAGE_TOKEN_INVALID")

    def test_consistency_may_be_given_by_the_position_alone(self):
        question = self.question("sites.read", self.sites[0])
        for consistency in ({"at_least_position": "5"}, {"mode": "CONSISTENCY_MODE_AT_LEAST",
                                                         "at_least_position": "5"},
                            {"mode": "CONSISTENCY_MODE_FULLY_CONSISTENT"}):
            answer = self.call("UserDirectory.CheckAccess",
                               {**question, "consistency": consistency})
            self.assertTrue(answer.allowed)
        for consistency in ({"mode": "CONSISTENCY_MODE_AT_LEAST"},
                            {"mode": "CONSISTENCY_MODE_MINIMIZE_LATENCY",
                             "at_least_position": "5"}):
            refused = self.refused("UserDirectory.CheckAccess",
                                   {**question, "consistency": consistency})
            self.assertEqual([violation.split(": ")[0] for violation in refused.violations],
                             ["consistency.at_least_position"])


if __name__ == "__main__":
    unittest.main()
