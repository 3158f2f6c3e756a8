"""The README's tour does what it says: its commands are run as they stand there."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from harness import Catcher, Database, Usherd  # noqa: E402

# A block of the tour stands below a comment with the texts that it prints, each in quotes.
STEP = re.compile(r"<!-- tour:(?P<prints>.*?)-->\n```bash\n(?P<commands>.*?)```", re.DOTALL)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
MARK = "--- end of step"


def steps_of(document):
    """The commands of each step, and the texts that it prints."""
    for step in STEP.finditer(document):
        texts = [text.replace('\\"', '"') for text in QUOTED.findall(step["prints"])]
        yield step["commands"], texts


def tools_path():
    folder = subprocess.check_output([ROOT / "tools/setup", "bin"], text=True).strip()
    return f"{folder}:{os.environ['PATH']}"


class ReadmeTourTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-tour-")
        self.addCleanup(scratch.cleanup)
        self.mails = pathlib.Path(scratch.name) / "mails"
        database = Database()
        self.addCleanup(database.drop)
        catcher = Catcher(self.mails)
        self.addCleanup(catcher.stop)
        self.usherd = Usherd(
            scratch.name, database.conninfo, f"--smtp_url=smtp://127.0.0.1:{catcher.port}",
            "--accept_uri_template=https://app.example.com/accept?token={token}")
        self.addCleanup(self.usherd.stop)
        self.usherd.wait_until_serving()

    def run_in_one_shell(self, steps):
        """What each step printed, as far as they went, and the shell's exit code."""
        commands = "".join(f"{step}echo '{MARK}'\n" for step, _ in steps)
        variables = {"usher": self.usherd.address, "mails": str(self.mails),
                     "metrics": f"127.0.0.1:{self.usherd.metrics_port}", "PATH": tools_path()}
        shell = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", commands], env={**os.environ, **variables},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=150, check=False)
        return shell.stdout.split(MARK), shell.returncode

    def test_every_step_succeeds_and_prints_what_it_is_about(self):
        steps = list(steps_of((ROOT / "README.md").read_text(encoding="utf-8")))
        self.assertGreater(len(steps), 5)

        printed, code = self.run_in_one_shell(steps)

        self.assertEqual(code, 0, f"step {len(printed)} failed:\n{printed[-1]}")
        for (commands, texts), output in zip(steps, printed):
            for text in texts:
                self.assertIn(text, output, f"of the step\n{commands}")


if __name__ == "__main__":
    unittest.main()
