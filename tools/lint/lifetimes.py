#!/usr/bin/python3
"""A loop owns what it walks.

`for (x : Make().list)` and `for (x : *Make())` walk a part of a temporary that is gone before the
first turn: until C++23 only the range itself is kept. Name what is made on the line above.
"""

import re
import sys

from source import Finding, code_of, line_of, main, our_files

RANGE_FOR = re.compile(r"\bfor\s*\([^;{}()]*?(?<!:):(?!:)\s*")
# A call whose member, not whose own result, is the range.
PART_OF_CALL = re.compile(r"\)\s*(?:->|\.)\s*\w+$")


def _range_of(text, start):
    """The range expression that begins at `start`, up to the parenthesis that closes the loop."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at].strip()
    return ""


def check(text):
    text = code_of(text)
    for loop in RANGE_FOR.finditer(text):
        range_expression = _range_of(text, loop.end())
        dereferenced = range_expression.startswith("*") and range_expression.endswith(")")
        if PART_OF_CALL.search(range_expression) or dereferenced:
            yield (line_of(text, loop.start()),
                   "walks a part of a temporary: name what the call makes on the line above")


def check_tree(root):
    for path in our_files(root):
        for line, what in check((root / path).read_text(encoding="utf-8")):
            yield Finding(str(path), line, what)


if __name__ == "__main__":
    sys.exit(main(check_tree))
