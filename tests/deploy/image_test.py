"""The image, built without Docker over a root made of Debian's packages, run as deploy/ runs it:
not as root, with a root file system that it cannot write, without capabilities.

The build stage is left out: the binary under test takes its place.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from harness import SERVICE, USHERD, Client, eventually, free_port  # noqa: E402
from pooler_test import PoolerTest as Pooler  # noqa: E402

BASE, IMAGE = "localhost/usher-test-base", "localhost/usher-test"
# Podman would ask for more descriptors than a sandbox may give.
RESTRICTED = ("--runtime=runc", "--network=host", "--read-only", "--cap-drop=all",
              "--security-opt=no-new-privileges", "--ulimit=nofile=4096:4096",
              "--ulimit=nproc=1000:1000")


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_base(folder):
    if subprocess.run(["podman", "image", "exists", BASE], check=False).returncode == 0:
        return
    archive = folder / "base.tar"
    run("mmdebstrap", "--variant=minbase", "bookworm", archive)
    run("podman", "import", archive, BASE)
    archive.unlink()


def make_image(folder):
    out = folder / "build/out"
    out.mkdir(parents=True)
    shutil.copy(USHERD, out / "usherd")
    run("strip", out / "usherd")
    # As the build stage does it.
    script = re.search(r"RUN (ldd .*?)\n\n", (ROOT / "deploy/Dockerfile").read_text(
        encoding="utf-8"), re.DOTALL)[1].replace("/out/", f"{out}/")
    run("bash", "-c", script.replace("\\\n", ""))
    run("buildah", "build", "--isolation=chroot", "--network=host", f"--build-arg=BASE={BASE}",
        f"--build-context=build={folder / 'build'}", f"--file={ROOT / 'deploy/Dockerfile'}",
        f"--tag={IMAGE}", folder / "build")


class ImageTest(Pooler):
    """Over TCP by PgBouncer: the test cluster has but a socket that only its owner may use."""

    test_r37_32_callers_at_once_share_two_sessions = None
    test_r37_goes_on_when_the_pooler_comes_back = None

    def setUp(self):
        super().setUp()
        make_base(self.folder)
        make_image(self.folder)

    def test_it_serves_restricted_and_drains(self):
        keys = self.folder / "token.keys"
        keys.write_text(run(USHERD, "generate-token-key"), encoding="utf-8")
        keys.chmod(0o444)
        port, health = free_port(), free_port()
        database = (f"--database=host=127.0.0.1 port={self.port} user=usher "
                    f"dbname={self.database.name}")
        run("podman", "run", "--rm", *RESTRICTED, IMAGE, "migrate", database)

        name = self.folder.name
        run("podman", "run", "--detach", f"--name={name}", *RESTRICTED,
            f"--volume={keys}:/etc/usher/keys/token.keys:ro", IMAGE, "serve", "--auth=insecure",
            f"--listen=127.0.0.1:{port}", f"--health_listen=127.0.0.1:{health}",
            "--metrics_listen=off", "--token_key_file=/etc/usher/keys/token.keys",
            "--database_prepare=false", "--drain_delay=1s", database)
        self.addCleanup(run, "podman", "rm", "--force", "--time=0", name)
        client = Client(f"127.0.0.1:{port}", ROOT / "proto")
        self.addCleanup(client.close)

        self.assertTrue(client.wait_until_serving(30), run("podman", "logs", name))
        client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Image"},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann"}}, SERVICE)
        pid = run("podman", "inspect", "--format={{.State.Pid}}", name).strip()
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        self.assertRegex(status, r"(?m)^Uid:\s+65532\s+65532")
        self.assertRegex(status, r"(?m)^NSpid:.*\s1$")
        self.assertRegex(status, r"(?m)^CapEff:\s+0+$")
        client.close()
        run("podman", "stop", "--time=40", name)
        self.assertEqual(run("podman", "inspect", "--format={{.State.ExitCode}}", name).strip(),
                         "0")
        eventually(lambda: '"message":"stopped"' in subprocess.run(
            ["podman", "logs", name], stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True,
            check=True).stdout, 5, "the last line of the log")

    def test_it_says_what_it_is_made_of(self):
        packages = run("podman", "run", "--rm", "--entrypoint=cat", *RESTRICTED, IMAGE,
                       "/usr/share/usher/packages")

        self.assertRegex(packages, r"(?m)^grpc libgrpc\+\+1\.51 \S+$")


del Pooler  # Or it would run here as well.

if __name__ == "__main__":
    unittest.main()
