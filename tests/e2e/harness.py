"""What end-to-end tests share: a usherd of their own, its database, a mail catcher, a client.

USHERD names the binary, USHER_TEST_DATABASE the PostgreSQL cluster (tools/test makes one).
"""

import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "walk"))

from client import SERVICE, Client, Refused, as_user  # noqa: E402
import leaks  # noqa: E402
import mails  # noqa: E402

USHERD = os.environ["USHERD"]
CLUSTER = os.environ["USHER_TEST_DATABASE"]
PSQL = "/usr/lib/postgresql/15/bin/psql"
_numbers = itertools.count()

__all__ = ["SERVICE", "Client", "Refused", "as_user", "mails", "Usherd", "Database", "Catcher",
           "ServerTest", "eventually", "free_port", "many", "ROOT", "USHERD"]


def eventually(condition, seconds, what):
    """Waits until the condition holds, and returns what it said; fails when time is up."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def many(count, call):
    """Runs call(i) for each i at once; the results in order."""
    with concurrent.futures.ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


class Database:
    """A database of the test's own in the shared cluster, or in one that is given."""

    def __init__(self, cluster=CLUSTER):
        self.cluster = cluster
        self.name = f"usher_e2e_{os.getpid()}_{next(_numbers)}"
        self.conninfo = f"{cluster} dbname={self.name}"
        self._run(cluster, f"CREATE DATABASE {self.name}")

    def drop(self):
        self._run(self.cluster, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def query(self, sql):
        """The rows, as text."""
        return self._run(self.conninfo, sql).splitlines()

    @contextlib.contextmanager
    def locked(self, sql):
        """Holds what a SELECT … FOR UPDATE locks."""
        session = subprocess.Popen([PSQL, "-XAtq", self.conninfo], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        session.stdin.write(f"BEGIN;\n{sql};\n\\echo locked\n")
        session.stdin.flush()
        while session.stdout.readline().strip() != "locked":
            pass
        try:
            yield
        finally:
            session.stdin.close()
            session.stdout.close()
            session.wait()

    @staticmethod
    def _run(conninfo, sql):
        return subprocess.run([PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1", conninfo, "-c", sql],
                              check=True, stdout=subprocess.PIPE, text=True).stdout


class Catcher:
    """An SMTP server that keeps what it gets."""

    def __init__(self, folder, port=0):
        self.folder = folder
        self._process = subprocess.Popen(
            ["/usr/bin/python3", ROOT / "tests/support/smtp_catcher.py", folder, "--port",
             str(port)],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def message_to(self, address):
        return mails.wait_for_mail(self.folder, address, lambda mail: True, 15)


class Usherd:
    """A running usherd; flags override the harness's.

    At its stop, nothing secret may be in its log, its metrics and its database.
    """

    def __init__(self, folder, database, *flags, credentials=None):
        auth = [] if any(flag.startswith("--auth") for flag in flags) else ["--auth=insecure"]
        self.credentials = credentials
        self.folder = pathlib.Path(folder)
        self.database = database
        keys = self.folder / "keys"
        if not keys.exists():
            keys.write_bytes(subprocess.check_output([USHERD, "generate-token-key"]))
        leaks.secret_lines(keys, "a token key")
        self.metrics_port = free_port()
        self.log_file = self.folder / f"log{next(_numbers)}"
        address_file = self.folder / f"address{next(_numbers)}"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [USHERD, "serve", *auth, "--migrate", f"--token_key_file={keys}",
                 "--listen=127.0.0.1:0", f"--listen_address_file={address_file}",
                 f"--metrics_listen=127.0.0.1:{self.metrics_port}", f"--database={database}",
                 "--drain_delay=0s", *flags], stderr=log)
        eventually(lambda: address_file.exists() or self.process.poll() is not None, 20,
                   "listening")
        if not address_file.exists():
            raise AssertionError(self.log())
        self.address = address_file.read_text(encoding="utf-8").strip()
        self.client = self.new_client()

    def new_client(self, credentials=None):
        return Client(self.address, ROOT / "proto", credentials or self.credentials)

    def wait_until_serving(self, seconds=20):
        if not self.client.wait_until_serving(seconds):
            raise AssertionError(f"not serving after {seconds} s:\n{self.log()}")
        return self

    def log(self):
        return self.log_file.read_text(encoding="utf-8")

    def log_lines(self):
        return [json.loads(line) for line in self.log().splitlines()]

    def metrics(self):
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()

    def metric(self, series):
        for line in self.metrics().splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, seconds=40):
        """SIGTERM; the exit code. An idle Python channel would not answer the server's last ping."""
        self.client.close()
        metrics = ""
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                metrics = self.metrics()
            self.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.check_for_secrets(metrics)
        return code

    def check_for_secrets(self, metrics=""):
        for file in self.folder.rglob("*.key"):
            leaks.secret_lines(file, "a private key")
        for place, text in {"log": self.log().encode(), "metrics": metrics.encode(),
                            "database": leaks.dump(self.database)}.items():
            found = leaks.found_in(text)
            if found:
                raise AssertionError(f"the {place} has {', '.join(found)}")


class ServerTest(unittest.TestCase):
    """A server for all tests of a class."""

    flags = ()
    with_mail = False

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.database = Database()
        cls.addClassCleanup(cls.database.drop)
        flags = list(cls.flags)
        if cls.with_mail:
            cls.catcher = Catcher(pathlib.Path(cls.scratch.name) / "mails")
            cls.addClassCleanup(cls.catcher.stop)
            flags += [f"--smtp_url=smtp://127.0.0.1:{cls.catcher.port}", "--smtp_tls=off",
                      "--mail_from=Usher <invitations@example.com>",
                      "--accept_uri_template=https://app.example.com/accept?token={token}"]
        cls.server = Usherd(cls.scratch.name, cls.database.conninfo, *flags)
        cls.addClassCleanup(cls.server.stop)
        cls.server.wait_until_serving()
        cls.client = cls.server.client

    @classmethod
    def call(cls, method, request, caller=SERVICE, on_wire=bytes):
        return cls.client.call(method, request, caller, on_wire=on_wire)

    def refused(self, method, request, caller=SERVICE, on_wire=bytes):
        with self.assertRaises(Refused) as caught:
            self.call(method, request, caller, on_wire)
        return caught.exception

    @classmethod
    def make_organization(cls, name, email="ann@example.com"):
        """The ids of an organization and its first Super User."""
        created = cls.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": name},
            "first_super_user": {"email": email, "first_name": "Ann", "last_name": "Example"},
        })
        return created.organization.id, created.membership.user_id

    @classmethod
    def invite(cls, organization, caller, email, **fields):
        invitation = {"email": email, "first_name": "Given", "last_name": "Family",
                      "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}, **fields}
        return cls.call("InvitationService.CreateInvitation",
                         {"organization_id": organization, "invitation": invitation},
                         as_user(caller))

    @classmethod
    def accept(cls, token, email):
        return cls.call("InvitationService.AcceptInvitation",
                         {"token": token, "accepter": {"email": email}})

    def token_of(self, address):
        mail = self.catcher.message_to(address)
        self.assertIsNotNone(mail, f"no mail to {address}")
        return mail.token
