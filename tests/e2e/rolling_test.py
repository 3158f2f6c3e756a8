"""Replicas are replaced one after another under load, and no call fails, though none is repeated."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import ROOT, SERVICE, Client, Database, Usherd, eventually, free_port
from load import Load, balanced_channel, plain_channel

REPLICAS = 3
CALLS_PER_SECOND = 200


class RollingTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.database = Database()
        self.addCleanup(self.database.drop)
        self.ports = [free_port() for _ in range(REPLICAS)]
        self.health_ports = [free_port() for _ in range(REPLICAS)]
        self.replicas = []

    def start_all(self, *flags):
        self.flags = flags
        for number in range(REPLICAS):
            self.replicas.append(self.start(number))
        created = self.replicas[0].client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Rolling"},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann"}}, SERVICE)
        self.organization, self.ann = created.organization.id, created.membership.user_id

    def start(self, number):
        replica = Usherd(self.folder, self.database.conninfo,
                         f"--listen=127.0.0.1:{self.ports[number]}",
                         f"--health_listen=127.0.0.1:{self.health_ports[number]}", *self.flags)
        self.addCleanup(replica.stop)
        return replica.wait_until_serving()

    def load(self, channels):
        for channel in channels:
            self.addCleanup(channel.close)
        load = Load(channels, self.replicas[0].client, self.organization, self.ann,
                    CALLS_PER_SECOND)
        self.addCleanup(load.stop)
        return load

    def gets_calls(self, replica):
        series = ('grpc_server_handled_total{grpc_code="OK",grpc_method="ListUsers",'
                  'grpc_service="usher.v1.UserDirectory",grpc_type="unary"}')
        return (replica.metric(series) or 0) > 20

    def roll(self, rounds):
        """Restarts one after another; the exit codes."""
        codes = []
        for number in list(range(REPLICAS)) * rounds:
            old = self.replicas[number]
            eventually(lambda old=old: self.gets_calls(old), 30, "calls reach the replica")
            codes.append(old.stop())
            self.replicas[number] = self.start(number)
        return codes

    def start_haproxy(self, port, text):
        config = self.folder / "haproxy.cfg"
        config.write_text(text, encoding="utf-8")
        with open(self.folder / "haproxy.log", "wb") as log:
            front = subprocess.Popen(["haproxy", "-db", "-f", config], stdout=log, stderr=log)
        self.addCleanup(front.wait)
        self.addCleanup(front.terminate)
        client = Client(f"127.0.0.1:{port}", ROOT / "proto")
        self.assertTrue(client.wait_until_serving(20),
                        (self.folder / "haproxy.log").read_text(encoding="utf-8"))
        client.close()

    def test_r50_clients_that_heed_health_lose_no_call(self):
        self.start_all("--drain_delay=1s")
        load = self.load([balanced_channel(self.ports)])

        codes = self.roll(rounds=3)
        load.stop()

        self.assertEqual(load.failed, [])
        self.assertEqual(codes, [0] * REPLICAS * 3)
        self.assertGreater(load.done, 1000)

    def test_r50_behind_a_balancer_of_connections_their_age_takes_clients_away(self):
        # As a Service of Kubernetes: a replica that is not ready gets no new connection, and those
        # that are there stay.
        self.start_all("--max_connection_age=1s", "--drain_delay=3s")
        port = free_port()
        servers = "\n".join(
            f"  server replica{number} 127.0.0.1:{self.ports[number]} port {health}"
            for number, health in enumerate(self.health_ports))
        self.start_haproxy(port, BALANCER.format(port=port, check=shipped_check(), servers=servers))
        load = self.load([plain_channel(port, number) for number in range(6)])

        codes = self.roll(rounds=1)
        load.stop()

        self.assertEqual(load.failed, [])
        self.assertEqual(codes, [0] * REPLICAS)

    def test_r50_behind_the_front_that_ships_no_call_is_lost(self):
        self.start_all("--drain_delay=3s")
        port, stats = free_port(), free_port()
        servers = "\n".join(
            f"  server replica{number} 127.0.0.1:{self.ports[number]} port {health}"
            for number, health in enumerate(self.health_ports))
        text = shipped_front()
        text = re.sub(r"bind :50051 .*", f"bind 127.0.0.1:{port} proto h2", text)
        text = re.sub(r"bind :8404", f"bind 127.0.0.1:{stats}", text)
        text = re.sub(r" ssl verify required .*", "", text)
        text = text.replace("maxconn 20000", "maxconn 2000")
        text = re.sub(r"  server-template .*", servers, text)
        text = text.replace("tcp-check connect port 50052", "tcp-check connect")
        self.start_haproxy(port, text)
        load = self.load([plain_channel(port, number) for number in range(2)])

        codes = self.roll(rounds=1)
        load.stop()

        self.assertEqual(load.failed, [])
        self.assertEqual(codes, [0] * REPLICAS)


BALANCER = """
defaults
  mode tcp
  timeout connect 2s
  timeout client 1m
  timeout server 1m
listen balancer
  bind 127.0.0.1:{port}
  balance roundrobin
{check}
  default-server check inter 200ms fall 1 rise 1
{servers}
"""


def shipped_front():
    return (ROOT / "deploy/kustomize/components/haproxy/haproxy.cfg").read_text(encoding="utf-8")


def shipped_check():
    lines = re.findall(r"^  (?:option tcp-check|tcp-check .*)$", shipped_front(), re.MULTILINE)
    return "\n".join(lines).replace(" port 50052", "")


if __name__ == "__main__":
    unittest.main()
