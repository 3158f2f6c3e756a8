"""SIGTERM loses no call, and always ends the process in time."""

import signal
import tempfile
import threading
import time
import unittest

import grpc

from harness import SERVICE, Database, Refused, Usherd, as_user, eventually

SERVING, NOT_SERVING = 1, 2
NAMES = ("", "readiness", "usher.v1.InvitationService", "usher.v1.UserDirectory",
         "usher.v1.OrganizationDirectory", "usher.v1.EventLog", "usher.v1.MailDelivery")


class ShutdownTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.database = Database()
        self.addCleanup(self.database.drop)

    def start(self, *flags):
        server = Usherd(self.folder, self.database.conninfo, *flags)
        self.addCleanup(server.stop)
        return server

    def health(self, client, name=""):
        return client.call("grpc.health.v1.Health.Check", {"service": name}).status

    def organization(self, server, name):
        created = server.client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": name},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann"}}, SERVICE)
        return created.organization.id, created.membership.user_id

    def test_r43_health_turns_first_and_calls_go_on(self):
        server = self.start("--drain_delay=2s").wait_until_serving()
        org, ann = self.organization(server, "Drain")
        self.assertEqual({self.health(server.client, name) for name in NAMES}, {SERVING})

        server.terminate()
        eventually(lambda: self.health(server.client) == NOT_SERVING, 1, "NOT_SERVING")
        self.assertEqual({self.health(server.client, name) for name in NAMES}, {NOT_SERVING})
        self.assertEqual(self.health(server.client, "liveness"), SERVING)
        late = server.new_client()
        answer = late.call("InvitationService.CreateInvitation", {
            "organization_id": org,
            "invitation": {"email": "late@example.com", "first_name": "L", "last_name": "",
                           "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}},
            as_user(ann))
        self.assertEqual(answer.invitation.email, "late@example.com")
        late.close()

        self.assertEqual(server.stop(), 0)

    def test_no_call_that_was_accepted_fails_under_load(self):
        server = self.start("--drain_delay=1s", "--log_level=debug").wait_until_serving()
        org, ann = self.organization(server, "Load")
        failed, answered = [], []

        def call_until_refused():
            client = server.new_client()
            while True:
                try:
                    client.call("UserDirectory.ListUsers", {"organization_id": org},
                                as_user(ann))
                    answered.append(1)
                except Refused as refused:
                    failed.append((time.monotonic(), refused.code))
                    break
            client.close()

        threads = [threading.Thread(target=call_until_refused) for _ in range(8)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(answered) > 100, 10, "calls")
        told = time.monotonic()
        server.terminate()
        code = server.process.wait(30)
        for thread in threads:
            thread.join()

        self.assertEqual(code, 0)
        # What reached a handler was answered. What came when listening had ended did not: gRPC
        # turns it away, as UNAVAILABLE or, on a connection that is being closed, CANCELLED.
        done = [line for line in server.log_lines() if line["message"] == "call done"]
        self.assertGreaterEqual(len(done), len(answered))
        self.assertEqual({line["code"] for line in done}, {"OK"})
        for at, refused in failed:
            self.assertGreaterEqual(at - told, 1)
            self.assertIn(refused, ("UNAVAILABLE", "CANCELLED"))

    def test_r41_a_request_that_never_comes_does_not_hold_the_exit(self):
        # To the server the same as a call that came in the instant of the shutdown and that gRPC
        # forgot: one that no handler ever gets.
        server = self.start("--drain_timeout=60s").wait_until_serving()
        never = threading.Event()
        with grpc.insecure_channel(server.address) as channel:
            call = channel.stream_unary("/usher.v1.UserDirectory/ListUsers").future(
                iter(never.wait, True))
            # On the same connection, so behind what was announced.
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            self.assertEqual(check(b"", timeout=10), b"\x08\x01")
            self.assertEqual(server.stop(30), 0)

            self.assertEqual(call.code().name, "UNAVAILABLE")
            never.set()

    def test_r41_a_call_that_waits_for_a_lock_does_not_hold_the_exit(self):
        server = self.start("--drain_timeout=1s").wait_until_serving()
        org, ann = self.organization(server, "Lock")
        created = server.client.call("InvitationService.CreateInvitation", {
            "organization_id": org, "send_email": False,
            "invitation": {"email": "lock@example.com", "first_name": "L", "last_name": "",
                           "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}},
            as_user(ann))
        token = created.accept_uri.split("token=")[1]
        codes = []

        def accept():
            client = server.new_client()
            try:
                client.call("InvitationService.AcceptInvitation",
                            {"token": token, "accepter": {"email": "lock@example.com"}}, SERVICE)
                codes.append("OK")
            except Refused as refused:
                codes.append(refused.code)
            client.close()

        with self.database.locked("SELECT FROM usher.invitations FOR UPDATE"):
            waiting = threading.Thread(target=accept)
            waiting.start()
            eventually(lambda: server.metric('usher_pool_in_flight{lane="0"}') == 1, 5, "waiting")
            start = time.monotonic()
            self.assertEqual(server.stop(), 0)
            took = time.monotonic() - start
            waiting.join()

        self.assertLess(took, 1 + 5)
        self.assertIn(codes[0], ("UNAVAILABLE", "CANCELLED"))

    def test_r41_second_signal_is_harmless(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.start("--drain_delay=500ms").wait_until_serving()
            server.process.send_signal(signal.SIGTERM)
            server.process.send_signal(number)
            self.assertEqual(server.stop(), 0)

    def test_r41_signal_right_after_the_start_ends_it_too(self):
        for _ in range(5):
            server = self.start()
            server.terminate()
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
