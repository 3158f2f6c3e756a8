"""The production overlay's Deployment, run by `podman kube play` against PostgreSQL, with TLS, client
certificates and secrets as files.

Podman 4.3 is no Kubernetes. What stands in its way is changed before, and nothing else; `played` has
the list.
"""

import base64
import copy
import json
import pathlib
import re
import subprocess
import unittest

from image_test import IMAGE, ROOT, USHERD, Client, eventually, free_port, make_base, make_image
from pooler_test import PoolerTest as Pooler
from rendered import containers, find, kustomized, run, yaml

from credentials import Credentials

POD = "usher-pod-0"
SERVER = f"{POD}-usherd"
# Podman would ask for more than a sandbox may give.
ENGINE = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=1000:1000"]
[engine]
runtime = "runc"
"""


def as_files(name, files):
    """Content of a secret of Podman's that is mounted: 4.3 does not decode what it has."""
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
                           "data": files})


def as_variables(values):
    """Content of a secret of Podman's that is read into variables: 4.3 wants it encoded."""
    return json.dumps({name: base64.b64encode(value.encode()).decode()
                       for name, value in values.items()})


def played(deployment):
    """The Deployment as Podman 4.3 takes it."""
    deployment = copy.deepcopy(deployment)
    spec = deployment["spec"]["template"]["spec"]
    for container in containers(deployment["spec"]["template"]):
        container["image"], container["imagePullPolicy"] = IMAGE, "Never"
        # The network is the machine's, which is what a sandbox has; ports are opened by it.
        container.pop("ports", None)
        for probe in [value for key, value in container.items() if key.endswith("Probe")]:
            # Podman has no gRPC probes. This one also shows that the variables reach a command.
            if probe.pop("grpc", None):
                probe["exec"] = {"command": ["/usr/bin/usherd", "check"]}
    # It would start an init container anew that has done its work.
    spec["restartPolicy"] = "Never"
    for volume in spec["volumes"]:
        # It looks at this without asking whether it is there.
        if "secret" in volume:
            volume["secret"].setdefault("optional", False)
    return deployment


class KubePlayTest(Pooler):
    test_r37_32_callers_at_once_share_two_sessions = None
    test_r37_goes_on_when_the_pooler_comes_back = None

    def setUp(self):
        super().setUp()
        make_base(self.folder)
        make_image(self.folder)
        self.credentials = Credentials(self.folder / "credentials")
        self.grpc, self.health = free_port(), free_port()
        engine = self.folder / "containers.conf"
        engine.write_text(ENGINE, encoding="utf-8")
        self.engine = {"CONTAINERS_CONF": str(engine), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    def podman(self, *arguments, **options):
        return run("podman", *arguments, env=self.engine, **options)

    def settings(self, objects):
        """The overlay's own, but for where this machine has room and how long a test may take."""
        settings = next(thing for thing in objects if thing["kind"] == "ConfigMap"
                        and thing["metadata"]["name"].startswith("usher-settings"))
        settings["data"] |= {
            "USHER_LISTEN": f"127.0.0.1:{self.grpc}", "USHER_METRICS_LISTEN": "off",
            "USHER_HEALTH_LISTEN": f"127.0.0.1:{self.health}", "USHER_DRAIN_DELAY": "1s",
            "USHER_MAX_CONNECTION_AGE": "1s", "USHER_DATABASE_PREPARE": "false"}
        callers = next(thing for thing in objects if thing["kind"] == "ConfigMap"
                       and thing["metadata"]["name"].startswith("usher-callers"))
        callers["data"] = {name: self.credentials.read(name).decode()
                           for name in ("auth.conf", "jwks.json")}
        return [settings, callers]

    def secrets(self):
        """What a person makes beforehand, see docs/kubernetes.md."""
        tls = {"tls.crt": "server.pem", "tls.key": "server.key", "ca.crt": "ca.pem"}
        return {
            "usher-database": as_variables({
                "conninfo": f"host=127.0.0.1 port={self.port} user=usher dbname={self.database.name}"}),
            "usher-token-keys": as_files("usher-token-keys", {
                "token.keys": run(USHERD, "generate-token-key")}),
            "usher-smtp": as_files("usher-smtp", {"password": "not used"}),
            "usher-tls": as_files("usher-tls", {name: self.credentials.read(file).decode()
                                                for name, file in tls.items()})}

    def play(self):
        objects = copy.deepcopy(kustomized("production"))
        for name, content in self.secrets().items():
            self.podman("secret", "create", name, "-", input=content)
            self.addCleanup(self.podman, "secret", "rm", name)
        settings = self.settings(objects)
        deployment = played(find(objects, "Deployment"))
        for volume in deployment["spec"]["template"]["spec"]["volumes"]:
            named = volume.get("secret", {}).get("secretName") or volume["configMap"]["name"]
            self.addCleanup(self.podman, "volume", "rm", "--force", named)
        manifest = self.folder / "manifest.yaml"
        manifest.write_text(yaml.safe_dump_all([*settings, deployment]), encoding="utf-8")
        self.addCleanup(self.podman, "pod", "rm", "--force", "--time=0", "--ignore", POD)
        self.podman("kube", "play", "--network=host", manifest)

    def grpcurl(self, *arguments, data="{}"):
        folder = self.credentials.folder
        done = subprocess.run(
            ["grpcurl", "-cacert", folder / "ca.pem", "-cert", folder / "backend.pem",
             "-key", folder / "backend.key", "-import-path", ROOT / "proto",
             "-proto", "usher/v1/organization_directory.proto", "-d", data,
             f"localhost:{self.grpc}", *arguments],
            check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_the_rendered_deployment_migrates_serves_and_drains(self):
        self.play()
        client = Client(f"localhost:{self.grpc}", ROOT / "proto",
                        self.credentials.channel("backend"))
        self.addCleanup(client.close)
        self.assertTrue(client.wait_until_serving(30),
                        subprocess.run(["podman", "logs", SERVER], check=False, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout)

        made = self.grpcurl("usher.v1.OrganizationDirectory/CreateOrganization", data=json.dumps({
            "organization": {"name": "Played"},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann"}}))
        listed = self.grpcurl("usher.v1.OrganizationDirectory/ListOrganizations")

        self.assertIn('"ann@example.com"', made)
        self.assertIn('"Played"', listed)
        self.podman("healthcheck", "run", SERVER)
        self.assertEqual(self.database.query("SELECT name FROM usher.organizations"), ["Played"])
        self.assert_restricted()
        client.close()
        self.podman("pod", "stop", "--time=60", POD)
        self.assertEqual(self.podman("inspect", "--format={{.State.ExitCode}}", SERVER).strip(),
                         "0")

    def assert_restricted(self):
        pid = self.podman("inspect", "--format={{.State.Pid}}", SERVER).strip()
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        self.assertRegex(status, r"(?m)^Uid:\s+65532\s+65532")
        self.assertRegex(status, r"(?m)^CapEff:\s+0+$")
        self.assertRegex(status, r"(?m)^NoNewPrivs:\s+1$")
        mounts = pathlib.Path(f"/proc/{pid}/mountinfo").read_text(encoding="utf-8")
        self.assertTrue(re.search(r"(?m)^\S+ \S+ \S+ / / ro,", mounts), mounts)


del Pooler  # Or it would run here as well.

if __name__ == "__main__":
    unittest.main()
