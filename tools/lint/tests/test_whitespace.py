import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from whitespace import check, check_tree  # noqa: E402


class Lines(unittest.TestCase):
    def assert_clean(self, text, name="a.cc"):
        self.assertEqual(list(check(name, text)), [], repr(text))

    def assert_flagged(self, text, line, word, name="a.cc"):
        found = list(check(name, text))
        self.assertTrue(any(at == line and word in what for at, what in found), found)

    def test_end_with_a_line_feed_alone(self):
        self.assert_clean("a\n\n  b\n")
        self.assert_flagged("a\nb \n", 2, "white space")
        self.assert_flagged("a\n\t\n", 2, "white space")
        self.assert_flagged("a\r\nb\n", 1, "carriage return")

    def test_last_one_ends_too(self):
        self.assert_clean("")
        self.assert_flagged("a\nb", 2, "does not end")
        self.assert_flagged("a\n\n", 2, "empty lines")

    def test_tabs_stand_where_a_format_asks_for_them(self):
        self.assert_flagged("a\n\tb\n", 2, "a tab")
        self.assert_flagged("a\tb\n", 1, "a tab", "tools/run")
        self.assert_clean("all:\n\tmake\n", "Makefile")
        self.assert_clean("\tURL\n", "third/go.mod")
        self.assert_clean(r'const char* kTab = "\t";' + "\n")


class Files(unittest.TestCase):
    def test_of_bytes_are_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "text.md").write_text("a \n")
            (root / "image.png").write_bytes(b"\x89PNG\0 \n")
            (root / "latin.txt").write_bytes(b"caf\xE9 \n")

            found = [str(finding) for finding in check_tree(root)]

        self.assertEqual(found, ["text.md:1: the line ends with white space"])


if __name__ == "__main__":
    unittest.main()
