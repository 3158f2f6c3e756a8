"""TLS: services are known by their certificates, and the files may change while the server runs."""

import pathlib
import socket
import ssl
import tempfile
import unittest

from credentials import Credentials, bearer
from cryptography import x509
from harness import Database, Refused, Usherd, eventually

LIST = "OrganizationDirectory.ListOrganizations"
SELF = "UserDirectory.GetSelf"
RELOAD_SECONDS = 15  # It takes about two; machines are slow at times.


class TlsServerTest(unittest.TestCase):
    """A server with TLS for each test, since they change its files."""

    more_flags = ()

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-tls-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.credentials = Credentials(self.folder / "credentials")
        self.link = self.folder / "mounted"
        self.use_folder("first")
        database = Database()
        self.addCleanup(database.drop)
        self.server = Usherd(
            self.folder, database.conninfo, f"--auth_config={self.credentials.config}",
            f"--tls_certificate={self.link}/server.pem", f"--tls_key={self.link}/server.key",
            f"--tls_client_ca={self.link}/ca.pem", *self.more_flags,
            credentials=self.credentials.channel("backend"))
        self.addCleanup(self.server.stop)
        self.server.wait_until_serving()

    def use_folder(self, name, **replaced):
        """Swaps a symbolic link, as a mounted secret does, to copies of the present files."""
        folder = self.folder / name
        folder.mkdir()
        for file in ("server.pem", "server.key", "ca.pem"):
            (folder / file).write_bytes(self.credentials.read(file))
        for file, data in replaced.items():
            (folder / file.replace("_", ".")).write_bytes(data)
        draft = self.folder / f"{name}.link"
        draft.symlink_to(folder)
        draft.rename(self.link)

    def client(self, certificate=None):
        client = self.server.new_client(self.credentials.channel(certificate))
        self.addCleanup(client.close)
        return client

    def serial(self):
        """Of the certificate that a new handshake shows."""
        context = ssl.create_default_context(cadata=self.credentials.read("ca.pem").decode())
        context.load_cert_chain(self.credentials.folder / "backend.pem",
                                self.credentials.folder / "backend.key")
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return x509.load_der_x509_certificate(secure.getpeercert(True)).serial_number

    def serial_of_file(self):
        return x509.load_pem_x509_certificate(self.credentials.read("server.pem")).serial_number

    def refusals(self):
        return self.server.metric('usher_tls_reloads_total{outcome="refused"}')

    def assert_unavailable(self, client):
        with self.assertRaises(Refused) as caught:
            client.call(LIST, {}, seconds=5)
        self.assertEqual(caught.exception.code, "UNAVAILABLE")


class TlsTest(TlsServerTest):
    def test_a_service_is_known_by_its_certificate(self):
        self.credentials.certificate("other", "--uri", "spiffe://localhost/other")
        backend, other = self.client("backend"), self.client("other")

        made = backend.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "By certificate"}, "first_super_user": {
                "email": "ann@example.com", "first_name": "Ann"}})
        behalf = (("usher-on-behalf-of", made.membership.user_id),)

        self.assertEqual(backend.call(SELF, {}, behalf).user.id, made.membership.user_id)
        with self.assertRaises(Refused) as caught:
            other.call(LIST, {})
        self.assertEqual(caught.exception.reason, "CALLER_UNKNOWN")

    def test_a_service_is_known_by_a_dns_name_compared_whole(self):
        self.credentials.certificate("worker", "--dns", "Worker.Internal")
        self.credentials.certificate("longer", "--dns", "a.worker.internal")

        self.client("worker").call(LIST, {})
        with self.assertRaises(Refused) as caught:
            self.client("longer").call(LIST, {})

        self.assertEqual(caught.exception.reason, "CALLER_UNKNOWN")

    def test_a_token_decides_whatever_the_certificate(self):
        backend = self.client("backend")

        with self.assertRaises(Refused) as user:
            backend.call(SELF, {}, self.credentials.caller("sub-ann", "ann@example.com"))
        with self.assertRaises(Refused) as nobody:
            backend.call(LIST, {}, bearer("bad"))

        self.assertEqual(user.exception.reason, "USER_NOT_FOUND")
        self.assertEqual(nobody.exception.reason, "CALLER_UNKNOWN")

    def test_users_need_no_certificate(self):
        self.client().call(LIST, {}, self.credentials.operator())

    def test_a_certificate_of_another_authority_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            stranger = Credentials(folder)
            self.credentials.folder.joinpath("stranger.pem").write_bytes(
                stranger.read("backend.pem"))
            self.credentials.folder.joinpath("stranger.key").write_bytes(
                stranger.read("backend.key"))

        self.assert_unavailable(self.client("stranger"))

    def test_r48_a_new_certificate_is_used_and_connections_stay(self):
        before, running = self.serial(), self.client("backend")
        running.call(LIST, {})

        self.credentials.certificate("server", "--dns", "localhost")
        self.use_folder("second")

        self.assertNotEqual(self.serial_of_file(), before)
        eventually(lambda: self.serial() == self.serial_of_file(), RELOAD_SECONDS, "new serial")
        running.call(LIST, {})
        self.client("backend").call(LIST, {})

    def test_r48_what_cannot_be_used_is_ignored_with_a_warning_and_a_metric(self):
        before, pem = self.serial(), self.credentials.read("server.pem")
        self.credentials.certificate("lonely", "--dns", "localhost")
        key = self.credentials.read("lonely.key")
        for number, broken in enumerate((
                {"server_key": key}, {"server_pem": pem[:-20]}, {"server_pem": b""},
                {"server_key": b""}, {"ca_pem": b""}, {"ca_pem": b"-----BEGIN CERTIFICATE-----\n"})):
            with self.subTest(broken=list(broken)):
                refusals = self.refusals()

                self.use_folder(f"broken{number}", **broken)

                eventually(lambda: self.refusals() > refusals, RELOAD_SECONDS, "a refusal")
                self.assertEqual(self.serial(), before)
                self.client("backend").call(LIST, {})
                self.use_folder(f"mended{number}")
        self.assertIn("TLS files not used", self.server.log())

    def test_r48_a_client_authority_that_was_removed_lets_nobody_in(self):
        running = self.client("backend")
        running.call(LIST, {})
        with tempfile.TemporaryDirectory() as folder:
            other = Credentials(folder).read("ca.pem")

        self.use_folder("removed", ca_pem=other)

        eventually(lambda: not self.comes_in("backend"), RELOAD_SECONDS, "refused handshakes")
        running.call(LIST, {})

    def comes_in(self, certificate):
        client = self.server.new_client(self.credentials.channel(certificate))
        try:
            client.call(LIST, {}, seconds=5)
            return True
        except Refused:
            return False
        finally:
            client.close()


class RequiredCertificateTest(TlsServerTest):
    more_flags = ("--tls_require_client_certificate",)

    def test_clients_without_a_certificate_are_refused(self):
        self.client("backend").call(LIST, {})

        self.assert_unavailable(self.client())


if __name__ == "__main__":
    unittest.main()
