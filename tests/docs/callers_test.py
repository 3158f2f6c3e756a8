"""The page about callers does what it says: its commands are run as they stand there."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import grpc  # noqa: E402
from harness import Database, Usherd, free_port  # noqa: E402

# A block stands below a comment with the texts that it prints, each in quotes.
STEP = re.compile(r"<!-- callers: (?P<prints>.*?)-->\n```bash\n(?P<commands>.*?)```", re.DOTALL)
QUOTED = re.compile(r'"([^"]*)"')
MARK = "--- end of step"


def tools_path():
    folder = subprocess.check_output([ROOT / "tools/setup", "bin"], text=True).strip()
    return f"{folder}:{os.environ['PATH']}"


class CallersTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-callers-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.database = Database()
        self.addCleanup(self.database.drop)
        self.variables = {"credentials": str(self.folder / "credentials"),
                          "port": str(free_port()), "PATH": tools_path()}

    def run_in_one_shell(self, steps):
        commands = "".join(f"{step}echo '{MARK}'\n" for step, _ in steps)
        shell = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", commands], cwd=ROOT, text=True, timeout=100,
            env={**os.environ, **self.variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(shell.returncode, 0, shell.stdout)
        for (step, texts), output in zip(steps, shell.stdout.split(MARK)):
            for text in texts:
                self.assertIn(text, output, f"of the step\n{step}")
        return shell.stdout

    def test_every_step_succeeds_and_prints_what_it_is_about(self):
        page = (ROOT / "docs" / "callers.md").read_text(encoding="utf-8")
        steps = [(step["commands"], QUOTED.findall(step["prints"]))
                 for step in STEP.finditer(page)]
        self.assertGreater(len(steps), 5)

        flags = self.run_in_one_shell(steps[:1]).splitlines()[0].split()
        authority = (self.folder / "credentials" / "ca.pem").read_bytes()
        usherd = Usherd(self.folder, self.database.conninfo, *flags,
                        credentials=grpc.ssl_channel_credentials(authority))
        self.addCleanup(usherd.stop)
        usherd.wait_until_serving()

        self.run_in_one_shell(steps[1:])


if __name__ == "__main__":
    unittest.main()
