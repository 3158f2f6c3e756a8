import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from files import files_of  # noqa: E402


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("lib/a.cc", "lib/b.cc", "build/c.cc", "notes.txt"):
            (self.root / name).parent.mkdir(exist_ok=True)
            (self.root / name).write_text("\n")

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.root, *arguments], check=True, capture_output=True)

    def found(self):
        return [str(path) for path in files_of(self.root)]

    def test_are_tracked_ones_and_new_ones_that_are_not_ignored(self):
        (self.root / ".gitignore").write_text("/build/\nnotes.txt\n")
        self.git("init")
        self.git("add", "lib/a.cc")

        self.assertEqual(self.found(), [".gitignore", "lib/a.cc", "lib/b.cc"])

    def test_are_those_that_still_exist(self):
        self.git("init")
        self.git("add", ".")
        (self.root / "lib/a.cc").unlink()
        (self.root / "lib/link.cc").symlink_to("b.cc")

        self.assertEqual(self.found(), ["build/c.cc", "lib/b.cc", "notes.txt"])

    def test_without_git_are_all_but_what_is_built(self):
        self.assertEqual(self.found(), ["lib/a.cc", "lib/b.cc", "notes.txt"])


if __name__ == "__main__":
    unittest.main()
