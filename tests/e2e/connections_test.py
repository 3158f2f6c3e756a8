"""How connections live: who may ping how often, their age, how many there may be, and probes."""

import pathlib
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from harness import ROOT, SERVICE, Client, Database, Refused, Usherd, eventually

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, GOAWAY = 4, 6, 7
ENHANCE_YOUR_CALM = 11
SERVING, NOT_SERVING = 1, 2


class RawConnection:
    """HTTP/2 by hand: settings, pings, and what comes back."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.buffer = b""
        self.send(SETTINGS)

    def send(self, kind, body=b""):
        start = PREFACE if kind == SETTINGS else b""
        self.socket.sendall(start + struct.pack(">I", len(body))[1:] + bytes([kind, 0]) + bytes(4)
                            + body)

    def frames(self, seconds):
        """(type, body) of all that comes in this time; None at the end of the connection."""
        end = time.monotonic() + seconds
        while True:
            while len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) < 9 + size:
                    break
                yield self.buffer[3], self.buffer[9:9 + size]
                self.buffer = self.buffer[9 + size:]
            left = end - time.monotonic()
            if left <= 0:
                return
            self.socket.settimeout(left)
            try:
                got = self.socket.recv(65536)
            except socket.timeout:
                return
            except ConnectionError:
                got = b""
            if not got:
                yield None
                return
            self.buffer += got

    def ping(self, times, interval):
        """Errors that the server said goodbye with, as numbers of HTTP/2."""
        errors = []
        for _ in range(times):
            try:
                self.send(PING, bytes(8))
            except ConnectionError:
                break
            for frame in self.frames(interval):
                if frame is None:
                    return errors
                if frame[0] == GOAWAY:
                    errors.append(int.from_bytes(frame[1][4:8], "big"))
        return errors

    def close(self):
        self.socket.close()


class ConnectionsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.database = Database()
        self.addCleanup(self.database.drop)

    def start(self, *flags):
        server = Usherd(self.folder, self.database.conninfo, *flags)
        self.addCleanup(server.stop)
        return server.wait_until_serving()

    def connect(self, server):
        connection = RawConnection(server.address)
        self.addCleanup(connection.close)
        return connection

    def test_r44_who_pings_too_often_is_thrown_out(self):
        server = self.start()

        self.assertEqual(self.connect(server).ping(times=10, interval=0.1), [ENHANCE_YOUR_CALM])

    def test_r44_who_keeps_to_the_interval_stays_while_idle(self):
        server = self.start("--min_ping_interval=200ms")

        self.assertEqual(self.connect(server).ping(times=12, interval=0.3), [])

    def test_r44_pings_while_idle_can_be_forbidden(self):
        server = self.start("--min_ping_interval=200ms", "--ping_without_calls=false")

        self.assertEqual(self.connect(server).ping(times=12, interval=0.3), [ENHANCE_YOUR_CALM])

    def test_r44_connections_that_are_old_end_and_no_call_fails(self):
        server = self.start("--max_connection_age=300ms", "--max_connection_age_grace=10s")
        before = server.metric("usher_connections_accepted_total")

        def grown():
            # Fails with an exception if the call does.
            server.client.call("OrganizationDirectory.ListOrganizations", {}, SERVICE)
            return server.metric("usher_connections_accepted_total") >= before + 5

        eventually(grown, 30, "five connections more")

    def test_idle_connections_end(self):
        server = self.start("--max_connection_idle=300ms")
        connection = self.connect(server)

        frames = list(connection.frames(10))

        self.assertEqual(frames[-1], None)
        self.assertIn(GOAWAY, [frame[0] for frame in frames if frame])

    def test_who_comes_when_there_are_too_many_is_turned_away(self):
        server = self.start("--max_connections=20")

        self.assertGreater(self.flood(server, 300), 150)

    def test_the_listener_outlives_a_lack_of_descriptors(self):
        server = self.start()
        subprocess.run(["prlimit", f"--pid={server.process.pid}", "--nofile=100:100"], check=True)

        self.assertGreater(self.flood(server, 300), 150)

    def flood(self, server, count):
        """Opens so many, wants the server to be well afterwards; how many were turned away."""
        connections = [RawConnection(server.address) for _ in range(count)]
        # Who was turned away sees the end; who was let in sees the server's settings.
        for connection in connections:
            next(connection.frames(20))
        for connection in connections:
            connection.close()

        def answers():
            client = server.new_client()
            try:
                return client.call("grpc.health.v1.Health.Check", {}, seconds=2).status == SERVING
            except Refused:
                return False
            finally:
                client.close()

        eventually(answers, 20, "an answer on a new connection")
        return server.metric("usher_connections_refused_total")

    def test_r43_the_port_for_probes_tells_health_and_nothing_else(self):
        server = self.start("--health_listen=127.0.0.1:0", "--drain_delay=1s")
        port = next(line["health_port"] for line in server.log_lines()
                    if line["message"] == "listening")
        probe = Client(f"127.0.0.1:{port}", ROOT / "proto")
        self.addCleanup(probe.close)

        def health(name):
            return probe.call("grpc.health.v1.Health.Check", {"service": name}).status

        self.assertEqual({health(name) for name in ("", "readiness", "liveness")}, {SERVING})
        with self.assertRaises(Refused) as caught:
            probe.call("UserDirectory.ListRoles", {}, SERVICE)
        self.assertEqual(caught.exception.code, "UNIMPLEMENTED")
        server.terminate()
        eventually(lambda: health("readiness") == NOT_SERVING, 1, "NOT_SERVING")
        self.assertEqual(health("liveness"), SERVING)
        self.assertEqual(server.stop(), 0)

    def test_ports_that_are_taken_end_the_start(self):
        server = self.start("--health_listen=127.0.0.1:0")
        for flag in ("--listen", "--health_listen"):
            with self.assertRaisesRegex(AssertionError, "cannot listen on 127.0.0.1"):
                Usherd(self.folder, self.database.conninfo, f"{flag}={server.address}")


if __name__ == "__main__":
    unittest.main()
