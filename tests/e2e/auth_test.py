"""Who calls is known by tokens, and what they may do follows from it."""

import pathlib
import tempfile
import time
import unittest

from credentials import Credentials, KeyServer, bearer
from harness import Database, Refused, Usherd, as_user, eventually, many

SELF = "UserDirectory.GetSelf"
MINE = "InvitationService.ListMyInvitations"
FOUND = "OrganizationDirectory.CreateOrganization"
GET = "OrganizationDirectory.GetOrganization"


class AuthServerTest(unittest.TestCase):
    """A server that knows callers by the tokens of its credentials."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="usher-auth-")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.credentials = Credentials(cls.folder / "credentials")
        cls.prepare()
        cls.database = Database()
        cls.addClassCleanup(cls.database.drop)
        cls.server = Usherd(cls.folder, cls.database.conninfo,
                            f"--auth_config={cls.credentials.config}")
        cls.addClassCleanup(cls.server.stop)
        cls.server.wait_until_serving()
        cls.client = cls.server.client

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def call(cls, method, request, caller):
        return cls.client.call(method, request, caller)

    def refused(self, method, request, caller):
        with self.assertRaises(Refused) as caught:
            self.call(method, request, caller)
        return caught.exception

    @classmethod
    def found(cls, name, email):
        """The ids of an organization and its first Super User."""
        made = cls.call(FOUND, {"organization": {"name": name}, "first_super_user": {
            "email": email, "first_name": "Ann", "last_name": ""}}, cls.credentials.operator())
        return made.organization.id, made.membership.user_id

    def assert_unknown(self, caller, method=SELF):
        refused = self.refused(method, {}, caller)
        self.assertEqual((refused.code, refused.reason), ("UNAUTHENTICATED", "CALLER_UNKNOWN"))


class TokenTest(AuthServerTest):
    def test_a_user_is_found_by_the_verified_address(self):
        organization, ann = self.found("By address", "ann@example.com")

        caller = self.credentials.caller("sub-ann", "Ann@Example.COM")

        self.assertEqual(self.call(SELF, {}, caller).user.id, ann)
        self.assertEqual(self.call(GET, {"organization_id": organization}, caller)
                         .organization.id, organization)

    def test_an_address_that_is_not_verified_finds_nobody(self):
        organization, _ = self.found("Not verified", "nina@example.com")

        caller = self.credentials.caller("sub-nina", "nina@example.com", verified=False)

        self.assertEqual(self.refused(SELF, {}, caller).reason, "USER_NOT_FOUND")
        self.assertEqual(self.refused(GET, {"organization_id": organization}, caller).reason,
                         "ORGANIZATION_NOT_FOUND")

    def test_accepting_remembers_the_identity_which_then_comes_before_the_address(self):
        organization, owner = self.found("Identities", "owner@example.com")
        invited = self.call("InvitationService.CreateInvitation", {
            "organization_id": organization, "invitation": {
                "email": "eve@example.com", "first_name": "Eve", "role": "ROLE_OBSERVER",
                "site_access": {"all_sites": True}}},
            self.credentials.operator(("usher-on-behalf-of", owner)))
        token = invited.accept_uri.rsplit("=", 1)[1]
        eve = self.credentials.caller("sub-eve", "eve@example.com")
        self.assertEqual(len(self.call(MINE, {}, eve).invitations), 1)

        member = self.call("InvitationService.AcceptInvitation", {"token": token}, eve)

        renamed = self.credentials.caller("sub-eve", "owner@example.com")
        self.assertEqual(self.call(SELF, {}, renamed).user.id, member.user.id)
        self.assert_unknown(self.credentials.caller("sub-another", "eve@example.com"))

    def test_only_people_with_a_verified_address_found_organizations_by_themselves(self):
        verified = self.credentials.caller("sub-fay", "fay@example.com", given_name="Fay")
        unverified = self.credentials.caller("sub-gus", "gus@example.com", verified=False)

        made = self.call(FOUND, {"organization": {"name": "Fay's"}}, verified)

        renamed = self.credentials.caller("sub-fay", "fay@example.org")
        founder = self.call(SELF, {}, renamed).user
        self.assertEqual((founder.id, founder.first_name), (made.membership.user_id, "Fay"))
        self.assertEqual(self.refused(FOUND, {"organization": {"name": "Gus's"}}, unverified)
                         .reason, "EMAIL_UNVERIFIED")

    def test_tokens_that_are_not_accepted(self):
        make = self.credentials.token
        good = make("sub-ann")
        head, body, signature = good.split(".")
        now = int(time.time())
        for name, token in {
                "expired": make("sub-ann", seconds=-61),
                "of another audience": make("sub-ann", aud="other"),
                "of another issuer": make("sub-ann", iss="https://other.localhost"),
                "not valid yet": make("sub-ann", nbf=now + 120),
                "valid for years": make("sub-ann", seconds=10 ** 8),
                "an ID token": make("sub-ann", at_hash="x"),
                "cut": good[:-2],
                "with the signature of another": f"{head}.{body}.{make('ben').rsplit('.')[2]}",
                "without a signature": f"{head}.{body}.",
                "no token": "x",
                "empty": "",
                "too long": make("sub-ann", more="m" * 9000),
                "padded": good + "=",
        }.items():
            with self.subTest(token=name):
                self.assert_unknown(bearer(token))
        self.assertEqual(self.refused(SELF, {}, bearer(good)).reason, "USER_NOT_FOUND")
        self.assertTrue(signature)

    def test_clocks_may_differ_by_a_minute(self):
        now = int(time.time())

        for caller in (self.credentials.caller("sub-ann", seconds=-30),
                       self.credentials.caller("sub-ann", nbf=now + 30, iat=now + 30)):
            self.assertEqual(self.refused(SELF, {}, caller).reason, "USER_NOT_FOUND")

    def test_other_credentials_are_not_accepted_and_metadata_of_development_counts_nothing(self):
        token = self.credentials.token("operator")

        for caller in ((("authorization", f"Basic {token}"),), (("authorization", token),),
                       (*bearer(token), *bearer(token)), as_user("user_01jdhx0000e008000000000000"),
                       (("usher-caller", "service"),), (("usher-on-behalf-of", "user_x"),), ()):
            with self.subTest(caller=[key for key, _ in caller]):
                self.assert_unknown(caller)

    def test_the_scheme_is_written_in_any_case(self):
        caller = (("authorization", f"bEARER {self.credentials.token('operator')}"),)

        self.call("OrganizationDirectory.ListOrganizations", {}, caller)

    def test_previews_need_no_credentials_but_refuse_bad_ones(self):
        preview = "InvitationService.PreviewInvitation"

        self.assertEqual(self.refused(preview, {"token": "x"}, ()).reason, "INVITATION_INVALID")
        self.assertEqual(self.refused(preview, {"token": "x"}, bearer("bad")).reason,
                         "CALLER_UNKNOWN")

    def test_a_service_has_its_scopes_and_no_other(self):
        organization, _ = self.found("Scopes", "sid@example.com")
        reporter = self.credentials.caller("reporter")

        self.call(GET, {"organization_id": organization}, reporter)
        refused = self.refused("OrganizationDirectory.CreateSite",
                               {"organization_id": organization, "site": {"name": "S"}}, reporter)

        self.assertEqual((refused.code, refused.reason), ("PERMISSION_DENIED", "SCOPE_MISSING"))
        self.assertEqual(refused.metadata["scope"], "usher.write")

    def test_a_service_acts_for_users_only_if_it_may(self):
        organization, user = self.found("On behalf", "olaf@example.com")
        behalf = ("usher-on-behalf-of", user)

        for_user = self.call(SELF, {}, self.credentials.operator(behalf))
        refused = self.refused(SELF, {}, bearer(self.credentials.token("reporter"), behalf))

        self.assertEqual(for_user.user.id, user)
        self.assertEqual((refused.code, refused.reason), ("PERMISSION_DENIED", "SCOPE_MISSING"))
        self.assert_unknown(self.credentials.operator(("usher-on-behalf-of", "nobody")))
        self.assert_unknown(bearer(self.credentials.token("sub-x", "olaf@example.com"), behalf))
        self.assertTrue(organization)

    def test_events_name_the_service_and_the_user(self):
        organization, user = self.found("Both", "bob@example.com")

        self.call("OrganizationDirectory.CreateSite",
                  {"organization_id": organization, "site": {"name": "S"}},
                  self.credentials.operator(("usher-on-behalf-of", user)))

        rows = self.database.query(
            "SELECT origin->>'service', actor_user_id IS NOT NULL FROM usher.events e"
            " WHERE type = 'site.created'")
        self.assertIn("operator|t", rows)


class KeyRotationTest(AuthServerTest):
    INTERVAL = 2

    @classmethod
    def prepare(cls):
        cls.keys = KeyServer(cls.credentials)
        cls.addClassCleanup(cls.keys.stop)
        cls.keys.configure(jwks_lifetime=3600, jwks_refresh_interval=cls.INTERVAL)

    def works(self, caller):
        return self.call("OrganizationDirectory.ListOrganizations", {}, caller)

    def await_interval(self):
        """Until an unknown key may be asked for again, which a call shows."""
        before = self.keys.fetches
        eventually(lambda: self.ask_for_unknown() and self.keys.fetches > before,
                   10 * self.INTERVAL, "another fetch")
        return before

    def ask_for_unknown(self):
        try:
            self.works(bearer(self.unknown_token()))
        except Refused as refused:
            return refused.code == "UNAUTHENTICATED"
        return False

    def unknown_token(self):
        """Like a good one, by a key that nobody publishes."""
        with tempfile.TemporaryDirectory() as folder:
            return Credentials(folder).token("operator")

    def test_r47_a_new_key_is_fetched_by_the_first_call_with_it(self):
        self.works(self.credentials.operator())

        self.credentials.rotate()

        eventually(lambda: self.tries(self.credentials.operator()), 10 * self.INTERVAL, "new key")

    def tries(self, caller):
        try:
            return self.works(caller) is not None
        except Refused:
            return False

    def test_r47_a_rotation_under_load_fails_no_call(self):
        # As providers do it: the new key is published beside the former one.
        token = self.credentials.token("operator")
        self.await_interval()
        ends = time.monotonic() + 3 * self.INTERVAL
        current = [token]

        def caller(number):
            client, failed = self.server.new_client(), []
            while time.monotonic() < ends:
                try:
                    client.call("OrganizationDirectory.ListOrganizations", {}, bearer(current[0]))
                except Refused as refused:
                    failed.append(str(refused))
                if number == 0 and len(current) == 1 and ends - time.monotonic() < self.INTERVAL:
                    self.credentials.rotate(keep=True)
                    current.append(token)
                    current[0] = self.credentials.token("operator")
            client.close()
            return failed

        self.assertEqual([text for failed in many(4, caller) for text in failed], [])
        self.works(bearer(token))
        self.assertEqual(len(current), 2)

    def test_r47_a_flood_of_unknown_keys_asks_the_issuer_once_in_an_interval(self):
        tokens = [self.unknown_token() for _ in range(8)]
        before, begin = self.keys.fetches, time.monotonic()

        for _ in range(40):
            for token in tokens:
                self.assertEqual(self.refused(SELF, {}, bearer(token)).code, "UNAUTHENTICATED")

        intervals = (time.monotonic() - begin) / self.INTERVAL
        self.assertLessEqual(self.keys.fetches - before, intervals + 1)

    def test_r47_a_lost_issuer_is_endured(self):
        eventually(lambda: self.tries(self.credentials.operator()), 10 * self.INTERVAL, "key")
        self.keys.stop()
        self.addCleanup(self.keys.start)

        self.works(self.credentials.operator())
        eventually(lambda: self.ask_for_unknown() and "not read" in self.server.log(),
                   10 * self.INTERVAL, "a fetch that failed")
        self.works(self.credentials.operator())


class StartTest(unittest.TestCase):
    def test_a_wrong_configuration_ends_the_start_and_names_file_and_line(self):
        with tempfile.TemporaryDirectory() as folder:
            credentials = Credentials(folder)
            credentials.config.write_text('issuers {\n  issuer: "x"\n  algorithms: "HS256"\n}\n',
                                          encoding="utf-8")

            with self.assertRaises(AssertionError) as caught:
                Usherd(folder, "host=127.0.0.1 port=1", f"--auth_config={credentials.config}")

        self.assertIn("auth.conf:3:3: algorithm must be RS256, PS256, ES256 or EdDSA",
                      str(caught.exception))
        self.assertIn("auth.conf:2:3: the issuer needs audiences", str(caught.exception))

    def test_without_the_issuer_it_starts_and_callers_wait(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-auth-")
        self.addCleanup(scratch.cleanup)
        credentials = Credentials(scratch.name)
        (credentials.folder / "jwks.json").rename(credentials.folder / "later.json")
        database = Database()
        self.addCleanup(database.drop)
        server = Usherd(scratch.name, database.conninfo, f"--auth_config={credentials.config}")
        self.addCleanup(server.stop)
        server.wait_until_serving()
        caller = credentials.operator()

        with self.assertRaises(Refused) as caught:
            server.client.call("OrganizationDirectory.ListOrganizations", {}, caller)
        (credentials.folder / "later.json").rename(credentials.folder / "jwks.json")

        self.assertEqual((caught.exception.code, caught.exception.reason),
                         ("UNAVAILABLE", "ISSUER_KEYS_UNAVAILABLE"))
        eventually(lambda: "keys read" in server.log(), 10, "keys")
        server.client.call("OrganizationDirectory.ListOrganizations", {}, caller)


if __name__ == "__main__":
    unittest.main()
