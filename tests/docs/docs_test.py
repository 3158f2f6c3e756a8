"""What the documents repeat of the program is what the program has, and their links lead somewhere.

After a change of flags or reasons: docs_test.py --update writes their tables into docs/operations.md and
docs/api.md.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
API = ROOT / "docs" / "api.md"
FLAGS = re.compile(r"(?<=<!-- begin flags -->\n).*?(?=<!-- end flags -->)", re.DOTALL)
REASONS = re.compile(r"(?<=<!-- begin reasons -->\n).*?(?=<!-- end reasons -->)", re.DOTALL)
# A reason with its comment, which begins with the code: "// NOT_FOUND: no such user. Check the id."
REASON = re.compile(r"((?:^  //.*\n)+)^  ERROR_REASON_(\w+) = [1-9]", re.MULTILINE)
SERVED = re.compile(r"registry\.(?:Unary|Stream)\([^,]+, &Async::Request(\w+)")
DOCUMENTED_METHODS = re.compile(r"^\| [A-Z][a-z]\w+ \| (`[A-Z]\w+`.*) \|$", re.MULTILINE)
CASE = re.compile(r"(?:TEST(?:_F)?\(\w+,\s*|def test_)r(\d\d)", re.IGNORECASE)
DOCUMENTED_CASE = re.compile(r"^\| R(\d\d) \|", re.MULTILINE)
METRIC = re.compile(r'"((?:grpc_server|usher|process)_\w+)"')
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def read(path):
    return path.read_text(encoding="utf-8")


def flags_table():
    return subprocess.check_output([os.environ["USHERD"], "--help_markdown"], text=True)


def reasons():
    """(name, code, meaning) of each, from the comments of the proto."""
    for comment, name in REASON.findall(read(ROOT / "proto/usher/v1/errors.proto")):
        text = " ".join(line.strip().removeprefix("//").strip() for line in comment.splitlines())
        code, meaning = text.split(": ", 1)
        yield name, code, meaning[0].upper() + meaning[1:]


def reasons_table():
    rows = [f"| `{name}` | `{code}` | {meaning} |\n" for name, code, meaning in reasons()]
    return "".join(["| Reason | Code | Meaning, and what to do |\n", "|---|---|---|\n", *rows])


def documents():
    return [path for path in ROOT.rglob("*.md")
            if path.relative_to(ROOT).parts[0] not in ("build", ".git")]


def anchors_of(path):
    """As GitHub makes them of headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in HEADING.findall(CODE.sub("", read(path)))}


def fault_of(document, link):
    """What is wrong with a relative link; nothing if it leads somewhere."""
    target, _, anchor = link.partition("#")
    path = (document.parent / target).resolve() if target else document
    if not path.exists():
        return f"{document.relative_to(ROOT)}: {link} is not there"
    if anchor and anchor not in anchors_of(path):
        return f"{document.relative_to(ROOT)}: {link} names no heading"
    return None


TABLES = ((OPERATIONS, FLAGS, flags_table), (API, REASONS, reasons_table))


class DocsTest(unittest.TestCase):
    maxDiff = None

    def test_tables_of_flags_and_reasons_are_current(self):
        self.assertGreater(len(list(reasons())), 40)
        for document, place, table in TABLES:
            self.assertEqual(place.search(read(document))[0], table(),
                             "docs_test.py --update writes it")

    def test_served_methods_are_those_in_the_api_guide(self):
        served = [method for path in ROOT.glob("server/*_service.cc")
                  for method in SERVED.findall(read(path))]
        rows = DOCUMENTED_METHODS.findall(read(ROOT / "docs/api.md"))

        self.assertGreater(len(served), 10)
        self.assertEqual(sorted(re.findall(r"`(\w+)`", " ".join(rows))), sorted(served))

    def test_every_reason_is_produced_by_a_test(self):
        tests = "".join(read(path) for folder in ("integration", "e2e")
                        for path in sorted((ROOT / "tests" / folder).rglob("*_test.*")))

        expected = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', tests))
        expected.update(re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
                        for name in re.findall(r"Reason::k(\w+)", tests))

        self.assertEqual({name for name, _, _ in reasons()} - expected, set())

    def test_every_case_that_tests_name_is_explained(self):
        named = {number for path in (ROOT / "tests").rglob("*_test.*")
                 for number in CASE.findall(read(path))}

        explained = set(DOCUMENTED_CASE.findall(read(ROOT / "docs/testing.md")))

        self.assertGreater(len(named), 20)
        self.assertEqual(named - explained, set())

    def test_every_metric_is_in_the_operations_guide(self):
        sources = "".join(read(path) for path in ROOT.glob("server/*metrics.cc"))
        guide = read(OPERATIONS)

        missing = [name for name in METRIC.findall(sources) if f"`{name}`" not in guide]

        self.assertEqual(missing, [])

    def test_relative_links_lead_somewhere(self):
        checked, faults = 0, []
        for document in documents():
            for link in LINK.findall(CODE.sub("", read(document))):
                if "://" not in link and not link.startswith("mailto:"):
                    checked += 1
                    faults.append(fault_of(document, link))

        self.assertGreater(checked, 10)
        self.assertEqual([fault for fault in faults if fault], [])


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        for written, place, table in TABLES:
            current = table()
            written.write_text(place.sub(lambda _: current, read(written)), encoding="utf-8")
    else:
        unittest.main()
