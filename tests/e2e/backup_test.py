"""A dump restored elsewhere is a whole usher: what docs/operations.md says of backups."""

import pathlib
import subprocess
import unittest

from harness import PSQL, SERVICE, USHERD, Database, ServerTest, Usherd, as_user

TOOLS = pathlib.Path(PSQL).parent


class BackupTest(ServerTest):
    def test_a_restored_dump_goes_on(self):
        org, ann = self.make_organization("Backup")
        invited = self.invite(org, ann, "guest@example.com")
        token = invited.accept_uri.split("token=")[1]
        dump = pathlib.Path(self.scratch.name) / "usher.dump"
        copy = Database()
        self.addCleanup(copy.drop)

        subprocess.run([TOOLS / "pg_dump", "--format=custom", f"--file={dump}",
                        f"--dbname={self.database.conninfo}"], check=True)
        subprocess.run([TOOLS / "pg_restore", "--exit-on-error", "--no-owner",
                        f"--dbname={copy.conninfo}", dump], check=True)
        subprocess.run([USHERD, "check", f"--database={copy.conninfo}"], check=True,
                       stdout=subprocess.DEVNULL)
        restored = Usherd(self.scratch.name, copy.conninfo)
        self.addCleanup(restored.stop)
        restored.wait_until_serving()

        # The link still opens: it is derived from the key file, of which both have the same.
        accepted = restored.client.call(
            "InvitationService.AcceptInvitation",
            {"token": token, "accepter": {"email": "guest@example.com"}}, SERVICE)
        self.assertEqual(accepted.membership.organization_id, org)
        listed = restored.client.call("UserDirectory.ListUsers", {"organization_id": org},
                                      as_user(ann))
        self.assertEqual(len(listed.entries), 2)


if __name__ == "__main__":
    unittest.main()
