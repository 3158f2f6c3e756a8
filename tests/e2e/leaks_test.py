"""What the harness asks at each server's stop finds secrets wherever they are written."""

import pathlib
import tempfile
import unittest

import leaks
from credentials import Credentials
from harness import SERVICE, Database, Usherd


class LeaksTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-leaks-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def start(self):
        database = Database()
        self.addCleanup(database.drop)
        server = Usherd(self.folder, database.conninfo).wait_until_serving()
        self.addCleanup(server.client.close)
        self.addCleanup(server.process.kill)
        return server

    def name_organization(self, server, name):
        server.client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": name},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann"}}, SERVICE)

    def test_a_token_that_a_call_brought_into_the_database_is_found(self):
        token = Credentials(self.folder / "credentials").token("ann")
        server = self.start()

        self.name_organization(server, token.rsplit(".", 1)[1])

        with self.assertRaisesRegex(AssertionError, "the database has a part of a JWT"):
            server.stop()

    def test_a_secret_in_the_log_is_found(self):
        server = self.start()
        key = (self.folder / "keys").read_text(encoding="utf-8")

        with open(server.log_file, "a", encoding="utf-8") as log:
            log.write(key)

        with self.assertRaisesRegex(AssertionError, "the log has a token key"):
            server.stop()

    def test_what_is_secret_has_a_shape_or_was_remembered(self):
        leaks.secret("correct horse battery", "a password")
        for text, what in (("x correct horse battery y", "a password"),
                           ("usher_inv_" + "A" * 90, "an invitation's token"),
                           ('{"\\\\x' + ("usher_inv_" + "A" * 90).encode().hex() + '"}',
                            "an invitation's token"),
                           ("authorization: Bearer x", "a bearer's credentials"),
                           ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.", "a JWT"),
                           ("-----BEGIN EC PRIVATE KEY-----", "a private key")):
            with self.subTest(text=text):
                self.assertEqual(leaks.found_in(text.encode()), [what])

    def test_what_only_looks_like_it_is_none(self):
        for text in ("The metadata authorization must be a Bearer token.", "usher_inv_x",
                     "\\x00ff", "usher.v1.UserDirectory/GetSelf", "eyJhbGciOiJub25lIn0"):
            with self.subTest(text=text):
                self.assertEqual(leaks.found_in(text.encode()), [])


if __name__ == "__main__":
    unittest.main()
