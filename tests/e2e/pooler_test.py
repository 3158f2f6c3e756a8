"""Behind PgBouncer in transaction mode, where sessions are anybody's."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import CLUSTER, SERVICE, Database, Usherd, as_user, eventually, free_port, many

CONFIG = """
[databases]
* = host={host} port={port} user=usher
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
admin_users = usher
logfile = {folder}/pgbouncer.log
"""


def part(conninfo, key):
    return re.search(rf"{key}=(\S+)", conninfo)[1]


class PoolerTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.folder.chmod(0o777)
        self.database = Database()
        self.addCleanup(self.database.drop)
        self.port = free_port()
        config = self.folder / "pgbouncer.ini"
        config.write_text(CONFIG.format(host=part(CLUSTER, "host"), port=part(CLUSTER, "port"),
                                        listen=self.port, folder=self.folder), encoding="utf-8")
        # It does not run as root, and another user may not go where the tools are.
        command = [shutil.copy(shutil.which("pgbouncer"), self.folder), "-q", config]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        self.pooler = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.addCleanup(self.pooler.wait)
        self.addCleanup(self.pooler.terminate)

    def start(self):
        subprocess.run([os.environ["USHERD"], "migrate", f"--database={self.database.conninfo}"],
                       check=True, stdout=subprocess.DEVNULL)
        server = Usherd(self.folder, f"host=127.0.0.1 port={self.port} user=usher "
                        f"dbname={self.database.name}", "--migrate=false",
                        "--database_prepare=false", "--database_connections=8")
        self.addCleanup(server.stop)
        return server.wait_until_serving()

    def life(self, server, number):
        """One person's way from the invitation to the list."""
        client = server.new_client()
        created = client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": f"Org {number}"},
            "first_super_user": {"email": f"ann{number}@example.com", "first_name": "A"}}, SERVICE)
        org, ann = created.organization.id, created.membership.user_id
        made = client.call("InvitationService.CreateInvitation", {
            "organization_id": org, "send_email": False,
            "invitation": {"email": f"guest{number}@example.com", "first_name": "G",
                           "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}},
            as_user(ann))
        client.call("InvitationService.AcceptInvitation", {
            "token": made.accept_uri.split("token=")[1],
            "accepter": {"email": f"guest{number}@example.com"}}, SERVICE)
        listed = client.call("UserDirectory.ListUsers", {"organization_id": org}, as_user(ann))
        client.close()
        return len(listed.entries)

    def failed_statements(self, server):
        return [line for line in server.log_lines() if line["message"] == "statement failed"]

    def test_r37_32_callers_at_once_share_two_sessions(self):
        server = self.start()

        self.assertEqual(many(32, lambda number: self.life(server, number)), [2] * 32)

        self.assertEqual(self.failed_statements(server), [])

    def test_r37_goes_on_when_the_pooler_comes_back(self):
        server = self.start()
        self.assertEqual(self.life(server, 1), 2)

        # As an operator's RECONNECT: what PgBouncer keeps open is closed after its transaction.
        subprocess.run(["/usr/lib/postgresql/15/bin/psql", "-XAtqc", "RECONNECT", "-c", "RELOAD",
                        f"host=127.0.0.1 port={self.port} user=usher dbname=pgbouncer"],
                       check=True)

        self.assertEqual(many(8, lambda number: self.life(server, 10 + number)), [2] * 8)
        eventually(lambda: not self.failed_statements(server), 1, "no failed statement")


if __name__ == "__main__":
    unittest.main()
