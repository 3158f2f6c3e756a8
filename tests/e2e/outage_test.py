"""Mail through bad times: senders that die, and a mail server that is away for a day."""

import collections
import email
import email.policy
import json
import os
import pathlib
import subprocess
import unittest

from harness import ROOT, ServerTest, Usherd, eventually, free_port

# 2000 with --long.
MAILS = int(os.environ.get("USHER_TEST_MAILS", "300"))


class OutageTest(ServerTest):
    """Servers and a mail server of each test's own, over one database."""

    def setUp(self):
        self.folder = pathlib.Path(self.scratch.name) / self.id()
        self.folder.mkdir()

    def receive(self, script, port=0):
        stub = subprocess.Popen(
            ["/usr/bin/python3", ROOT / "tests/support/smtp_stub.py", self.folder,
             json.dumps(script), str(port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(stub.wait)
        self.addCleanup(stub.stdin.close)
        self.addCleanup(stub.stdout.close)
        return int(stub.stdout.readline())

    def send_to(self, port):
        sender = Usherd(self.scratch.name, self.database.conninfo, "--smtp_tls=off",
                        f"--smtp_url=smtp://127.0.0.1:{port}")
        self.addCleanup(sender.stop)
        return sender.wait_until_serving()

    def received(self):
        """Message-IDs by recipient."""
        mails = collections.defaultdict(list)
        for path in self.folder.glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            mails[message["to"].addresses[0].addr_spec].append(message["message-id"])
        return mails

    def queue(self, organization, count, expires="7 days"):
        """As if as many people had been invited."""
        self.database.query(f"""
            WITH invited AS (
              INSERT INTO usher.invitations (organization_id, id, email, email_key, first_name,
                last_name, role, site_access, expire_time, delivery, create_time, update_time)
              SELECT o.id, gen_random_uuid(), address, address, 'N', '', 3, 1,
                     usher.now() + interval '{expires}', 2, usher.now(), usher.now()
              FROM usher.organizations o, generate_series(1, {count}) n,
                   LATERAL (SELECT lower(o.name) || n || '@example.com' AS address) a
              WHERE o.name = '{organization}' RETURNING organization_id, id)
            INSERT INTO usher.mails (organization_id, id, invitation_id, generation,
                                     next_attempt_time, create_time, update_time)
            SELECT organization_id, gen_random_uuid(), id, 1, usher.now(), usher.now(), usher.now()
            FROM invited""")

    def move_clock(self, interval):
        self.database.query(f"""CREATE OR REPLACE FUNCTION usher.now() RETURNS timestamptz
            LANGUAGE sql STABLE PARALLEL SAFE AS
            'SELECT pg_catalog.now() + interval ''{interval}'''""")
        self.addCleanup(self.database.query, """CREATE OR REPLACE FUNCTION usher.now()
            RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT pg_catalog.now()'""")

    def count(self, state):
        return int(self.database.query(
            f"SELECT count(*) FROM usher.mails WHERE state = {state}")[0])

    def test_r35_three_senders_one_of_them_killed_reach_everybody_once(self):
        self.make_organization("Crash")
        port = self.receive([{}])
        self.queue("Crash", MAILS)
        before = self.count(2)
        first, *_ = [self.send_to(port) for _ in range(3)]

        eventually(lambda: self.count(2) - before > MAILS // 3, 200, "a third")
        first.process.kill()
        eventually(lambda: int(self.database.query(
            "SELECT count(*) FROM usher.mails WHERE state = 1"
            " AND (lease_until IS NULL OR lease_until <= usher.now())")[0]) == 0, 300, "the rest")
        # What the killed one had leased comes free.
        self.move_clock("3 minutes")
        eventually(lambda: self.count(2) - before == MAILS, 60, "all")

        mails = self.received()
        self.assertEqual(len(mails), MAILS)
        again = {address: ids for address, ids in mails.items() if len(ids) > 1}
        self.assertLessEqual(len(again), 4, "one for each connection of the killed one at most")
        for address, ids in again.items():
            self.assertEqual(len(set(ids)), 1, address)

    def test_r33_after_a_day_without_mail_server_what_is_valid_arrives_once(self):
        for name in ("DayA", "DayB", "DayC"):
            self.make_organization(name, email="ann@example.com")
        port = free_port()
        sender = self.send_to(port)
        self.queue("DayA", 60)
        self.queue("DayB", 5)
        self.queue("DayC", 5, expires="20 hours")
        eventually(lambda: sender.metric(
            'usher_mail_attempts_total{outcome="temporary"}') >= 1, 20, "an attempt")

        self.move_clock("24 hours")
        self.receive([{}], port)
        eventually(lambda: self.count(1) == 0, 120, "nothing waits")

        mails = self.received()
        self.assertEqual(len(mails), 65)
        self.assertEqual({len(ids) for ids in mails.values()}, {1})
        self.assertEqual([one for one in mails if one.startswith("dayc")], [])
        self.assertEqual(self.database.query(
            "SELECT DISTINCT m.state || ' ' || i.delivery FROM usher.mails m"
            " JOIN usher.invitations i ON i.organization_id = m.organization_id"
            " AND i.id = m.invitation_id WHERE i.email LIKE 'dayc%' AND m.state <> 3"), ["4 4"])


if __name__ == "__main__":
    unittest.main()
