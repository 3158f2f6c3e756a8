"""PostgreSQL away, back, killed and locked: bounded answers, and no restart of usherd."""

import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

from harness import (ROOT, SERVICE, Refused, ServerTest, Usherd, as_user,
                     eventually, many)

SERVING, NOT_SERVING = 1, 2


class PrivateCluster:
    """A PostgreSQL that the test may stop."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.tool = ROOT / "tools/postgres"

    def start(self):
        return subprocess.check_output([self.tool, "start", self.folder, "--fast"],
                                       text=True).strip()

    def stop(self, *how):
        subprocess.run([self.tool, "stop", self.folder, *how], check=True)

    def remove(self):
        subprocess.run([self.tool, "remove", self.folder], check=True)


class Load:
    """Calls in a loop from a thread; what each ended with."""

    def __init__(self, server, method, request, caller=SERVICE):
        self.codes = []
        self._client = server.new_client()
        self._work = (method, request, caller)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._client.close()

    def _run(self):
        while not self._stop.is_set():
            try:
                self._client.call(*self._work)
                self.codes.append("OK")
            except Refused as refused:
                self.codes.append(refused.code)


class OutageTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        pathlib.Path(scratch.name).chmod(0o711)
        self.folder = pathlib.Path(scratch.name)
        self.cluster = PrivateCluster(self.folder / "postgres")
        self.conninfo = self.cluster.start()
        self.addCleanup(self.cluster.remove)

    def start(self, *flags):
        server = Usherd(self.folder, self.conninfo, *flags)
        self.addCleanup(server.stop)
        return server

    def health(self, server, name=""):
        return server.client.call("grpc.health.v1.Health.Check", {"service": name}).status

    def test_starts_without_a_database_and_serves_when_it_comes(self):
        self.cluster.stop()
        server = self.start()

        self.assertEqual(self.health(server), NOT_SERVING)
        self.assertEqual(self.health(server, "readiness"), NOT_SERVING)
        self.assertEqual(self.health(server, "liveness"), SERVING)
        eventually(lambda: "no database connection" in server.log(), 10, "a log line")
        with self.assertRaises(Refused) as caught:
            server.client.call("UserDirectory.CheckAccess", {
                "user_id": "user_01jdhx0000e008000000000000", "permission": "members.read",
                "organization_id": "org_01jdhx0000e008000000000000"}, SERVICE)
        self.assertEqual((caught.exception.code, caught.exception.reason),
                         ("UNAVAILABLE", "DATABASE_UNAVAILABLE"))

        self.cluster.start()
        server.wait_until_serving(10)

    def test_recovers_from_a_restart_of_the_database(self):
        server = self.start().wait_until_serving()
        request = {"user_id": "user_01jdhx0000e008000000000000", "permission": "members.read",
                   "organization_id": "org_01jdhx0000e008000000000000"}

        with Load(server, "UserDirectory.CheckAccess", request) as load:
            eventually(lambda: load.codes.count("OK") > 20, 10, "calls")
            self.cluster.stop("--immediate")  # as a crash would
            eventually(lambda: self.health(server) == NOT_SERVING, 10, "NOT_SERVING")
            eventually(lambda: "UNAVAILABLE" in load.codes, 10, "UNAVAILABLE")
            self.cluster.start()
            server.wait_until_serving(10)
            seen = len(load.codes)
            eventually(lambda: load.codes[seen:].count("OK") > 20, 10, "calls again")

        self.assertLessEqual(set(load.codes), {"OK", "UNAVAILABLE"})


class FaultsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")

    def token(self, email):
        return self.invite(self.org, self.ann, email).accept_uri.split("token=")[1]

    def in_flight(self):
        return self.server.metric('usher_pool_in_flight{lane="0"}')

    def backlog(self):
        return self.server.metric('usher_pool_waiting{lane="0"}')

    def test_r38_killed_sessions_are_replaced(self):
        request = {"user_id": self.ann, "organization_id": self.org,
                   "permission": "members.write"}
        with Load(self.server, "UserDirectory.CheckAccess", request) as load:
            for _ in range(50):
                self.database.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'usher' AND datname = current_database()"
                    " ORDER BY random() LIMIT 1")
            seen = len(load.codes)
            eventually(lambda: len(load.codes) > seen + 20, 10, "calls")

        self.assertLessEqual(set(load.codes), {"OK", "UNAVAILABLE"})
        eventually(lambda: self.in_flight() == 0, 5, "nothing in flight")
        self.assertLessEqual(self.server.metric('usher_pool_connections{lane="0"}'), 4)

    def test_r42_expired_calls_leave_nothing_behind(self):
        token = self.token("lock@example.com")
        lock = "SELECT FROM usher.invitations WHERE email_key = 'lock@example.com' FOR UPDATE"
        accept = ("InvitationService.AcceptInvitation",
                  {"token": token, "accepter": {"email": "lock@example.com"}}, SERVICE)

        def accept_briefly(_):
            client = self.server.new_client()
            start = time.monotonic()
            try:
                client.call(*accept, seconds=0.2)
                return "OK", 0
            except Refused as refused:
                return refused.code, time.monotonic() - start
            finally:
                client.close()

        with self.database.locked(lock):
            answers = many(20, accept_briefly)
            self.assertEqual({code for code, _ in answers}, {"DEADLINE_EXCEEDED"})
            eventually(lambda: self.in_flight() == 0, 3, "nothing in flight")
            # A session that was given up notices when its statement's time is over.
            eventually(lambda: self.database.query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'usher' AND state <> 'idle'") == ["0"], 3, "none runs")
        self.call(*accept)

    def test_r46_calls_that_wait_for_a_lock_do_not_stop_the_others(self):
        token = self.token("busy@example.com")
        other, bo = self.make_organization("Birch", "bo@example.com")
        lock = "SELECT FROM usher.invitations WHERE email_key = 'busy@example.com' FOR UPDATE"
        clients = [self.server.new_client() for _ in range(16)]

        def accept(i):
            return clients[i].call("InvitationService.AcceptInvitation",
                                   {"token": token, "accepter": {"email": "busy@example.com"}},
                                   SERVICE)

        with self.database.locked(lock):
            waiting = [threading.Thread(target=accept, args=(i,)) for i in range(16)]
            for thread in waiting:
                thread.start()
            eventually(lambda: self.in_flight() + self.backlog() >= 16, 10, "calls that wait")
            start = time.monotonic()
            self.call("grpc.health.v1.Health.Check", {})
            self.assertLess(time.monotonic() - start, 0.5)
            self.call("InvitationService.ListInvitations", {"organization_id": other},
                      as_user(bo))
        for thread in waiting:
            thread.join()
        for client in clients:
            client.close()
        members = self.call("UserDirectory.ListUsers", {"organization_id": self.org})
        self.assertEqual([e.email for e in members.entries].count("busy@example.com"), 1)


if __name__ == "__main__":
    unittest.main()
