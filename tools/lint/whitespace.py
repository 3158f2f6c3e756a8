#!/usr/bin/python3
"""Text ends its lines with a line feed and nothing before it, and is indented with spaces.

What nobody sees makes noise in every diff. Tabs stay where a format asks for them.
"""

import re
import sys

from files import files_of
from source import Finding, main

# Formats that are indented with tabs.
WITH_TABS = re.compile(r"(^|/)(Makefile|go\.(mod|sum)|\.gitmodules)$|\.(mk|go|tsv|patch)$")


def check(name, text):
    """Yields (line, what) for a text called `name`."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.endswith("\r"):
            yield number, "the line ends with a carriage return"
        elif line != line.rstrip(" \t"):
            yield number, "the line ends with white space"
        if "\t" in line and not WITH_TABS.search(name):
            yield number, "a tab: use spaces, or an escape in a literal"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "the last line does not end"
    elif text.endswith("\n\n"):
        yield text.count("\n"), "empty lines at the end"


def text_of(path):
    """The text of a file, or None for bytes that are none."""
    data = path.read_bytes()
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def check_tree(root):
    for path in files_of(root):
        if "corpus" in path.parts:  # Inputs of fuzzers are bytes.
            continue
        text = text_of(root / path)
        for line, what in check(str(path), text or ""):
            yield Finding(str(path), line, what)


if __name__ == "__main__":
    sys.exit(main(check_tree))
