"""Keys, tokens and certificates for tests, made by tools/dev-credentials."""

import json
import pathlib
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc

import leaks

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "dev-credentials"
ISSUER = "https://issuer.localhost"
# A service that may do everything, by its token, and one that is known by a DNS name.
MORE_SERVICES = """
services {
  name: "operator"
  token_subjects { issuer: "https://issuer.localhost" subject: "operator" }
  scopes: ["usher.read", "usher.write", "usher.admin", "usher.mail"]
  may_act_for_users: true
}
services {
  name: "worker"
  certificate_dns_names: "worker.internal"
  scopes: "usher.read"
}
"""


def bearer(token, *more):
    return (("authorization", f"Bearer {token}"), *more)


class Credentials:
    """A folder of tools/dev-credentials; what it makes is secret."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._run("init")
        self.config = self.folder / "auth.conf"
        self.config.write_text(self.config.read_text(encoding="utf-8") + MORE_SERVICES,
                               encoding="utf-8")

    def _run(self, command, *arguments):
        return subprocess.check_output(
            ["/usr/bin/python3", TOOL, command, self.folder, *arguments], text=True).strip()

    def token(self, subject, email=None, *, verified=True, seconds=3600, **claims):
        more = ["--email", email] if email else []
        more += [] if verified else ["--unverified"]
        token = self._run("token", subject, *more, "--seconds", str(seconds), "--claims",
                          json.dumps(claims))
        leaks.secret_token(token)
        return token

    def caller(self, subject, email=None, **how):
        """The metadata of a call by the subject."""
        return bearer(self.token(subject, email, **how))

    def operator(self, *more):
        return bearer(self.token("operator"), *more)

    def rotate(self, *, keep=False):
        self._run("rotate", *(["--keep"] if keep else []))

    def certificate(self, name, *arguments):
        self._run("certificate", name, *arguments)

    def read(self, name):
        return (self.folder / name).read_bytes()

    def channel(self, name=None):
        """For a connection by the certificate of that name, or without one."""
        if name is None:
            return grpc.ssl_channel_credentials(self.read("ca.pem"))
        return grpc.ssl_channel_credentials(self.read("ca.pem"), self.read(f"{name}.key"),
                                            self.read(f"{name}.pem"))


class KeyServer:
    """Serves the JWK Set of credentials by https, and counts how often."""

    def __init__(self, credentials):
        self.fetches = 0
        self._credentials = credentials
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner.fetches += 1
                body = owner._credentials.read("jwks.json")
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._handler = Handler
        self.port = 0
        self.start()
        self.url = f"https://localhost:{self.port}/jwks"

    def start(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self.port = self._server.server_address[1]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        folder = self._credentials.folder
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def configure(self, **durations):
        """Makes the configuration name the URL instead of the file."""
        config = self._credentials.config
        text = config.read_text(encoding="utf-8")
        more = "".join(f"  {name} {{ seconds: {seconds} }}\n"
                       for name, seconds in durations.items())
        config.write_text(
            text.replace('  jwks_file: "jwks.json"\n',
                         f'  jwks_url: "{self.url}"\n  ca_file: "ca.pem"\n{more}'),
            encoding="utf-8")
