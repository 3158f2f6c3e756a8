"""What the linters share: reading C++ without its comments and literals."""

import dataclasses
import pathlib
import re
import sys

from files import ROOT, files_of

SUFFIXES = (".cc", ".h")

# Comments, raw strings, strings, characters; digit separators (1'000) begin no character.
_QUIET = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<tag>[^()\s\\]{0,16})\((?P<raw_text>.*?)\)(?P=tag)")
      | (?P<text>"(?P<body>(?:\\.|[^"\\\n])*)")
      | (?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


@dataclasses.dataclass(frozen=True)
class Literal:
    line: int
    tag: str   # of a raw string, as "sql"
    text: str


def our_files(root):
    """The C++ files, as paths relative to the root."""
    return (path for path in files_of(root) if path.suffix in SUFFIXES)


def code_of(text):
    """The text with comments blanked and literals emptied; every line keeps its number."""

    def blank(match):
        lines = "\n" * match.group().count("\n")
        return (" " if match["comment"] else '""') + lines

    return _QUIET.sub(blank, text)


def directives_of(code):
    """Yields (line, text) of each preprocessor directive."""
    for match in _DIRECTIVE.finditer(code):
        yield line_of(code, match.start()), match.group()


def without_directives(code):
    return _DIRECTIVE.sub(lambda match: "\n" * match.group().count("\n"), code)


def literals_of(text):
    for match in _QUIET.finditer(text):
        if match["raw"] is not None:
            yield Literal(line_of(text, match.start("raw_text")), match["tag"], match["raw_text"])
        elif match["text"] is not None:
            yield Literal(line_of(text, match.start()), "", match["body"])


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def main(check_tree):
    """Runs a linter over the tree given as argument, or over its own; exit 1 with findings."""
    given = sys.argv[1] if len(sys.argv) > 1 else ROOT
    findings = sorted(set(check_tree(pathlib.Path(given))))
    for finding in findings:
        print(finding)
    return 1 if findings else 0
