#!/usr/bin/python3
"""Names line up, and SQL reads the clock where a test can move it.

- A pg::Statement in lib/<feature> is called "<feature>.<what happens>", in tests "test.<…>", and no
  two alike: the name is also the prepared statement, the metric's label and the log's field.
- Files and folders are in snake_case.
- SQL lists its columns, and reads time by usher.now() only.
"""

import re
import sys

from files import files_of
from source import Finding, line_of, literals_of, main, our_files

# Not a method of that name, as metrics have one.
STATEMENT = re.compile(r'(?<![.>])\bStatement(?:\s+k?\w+)?\s*(?:=\s*)?[{(]\s*"([^"]*)"')
STATEMENT_NAME = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")
SNAKE_CASE = re.compile(r"^\.?[a-z0-9]+(?:_[a-z0-9]+)*(?:\.[a-z0-9]+)*$")
NAMED_SUFFIXES = (".cc", ".h", ".py", ".proto", ".sql", ".cmake")

# Also of pieces that macros put together: upper-case keywords, parameters and casts.
LOOKS_LIKE_SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|RETURNING|FROM|SET|VALUES|CASE|WHEN|AND|OR|AS"
    r"|JOIN|ON)\b|\$\d|::[a-z]")
SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
EVERY_COLUMN = re.compile(r"\b(?:SELECT|RETURNING)\s+(?:\w+\.)?\*|,\s*\w+\.\*", re.IGNORECASE)
OTHER_CLOCK = re.compile(
    r"(?<!usher\.)\bnow\s*\(|\b(?:clock|statement|transaction)_timestamp\b|\btimeofday\b"
    r"|\b(?:current|local)_?(?:timestamp|time|date)\b|'now'", re.IGNORECASE)


def statements_of(text):
    """Yields (line, name) of the statements a file defines."""
    for match in STATEMENT.finditer(text):
        yield line_of(text, match.start(1)), match[1]


def check_statement_name(path, name):
    folder = {"lib": path.parts[1], "tests": "test"}.get(path.parts[0], path.parts[0])
    if not STATEMENT_NAME.match(name):
        yield f'statement "{name}" is not called "feature.what_happens"'
    elif name.split(".")[0] != folder:
        yield f'statement "{name}" is in {path.parent}: call it "{folder}.{name.split(".")[1]}"'


def check_sql(text):
    """Yields (line, what) for the SQL in a C++ file's literals."""
    for literal in literals_of(text):
        if literal.tag != "sql" and not LOOKS_LIKE_SQL.search(literal.text):
            continue
        sql = SQL_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), literal.text)
        for match in EVERY_COLUMN.finditer(sql):
            yield _line(literal, sql, match), "SQL lists its columns, never *"
        for match in OTHER_CLOCK.finditer(sql):
            yield (_line(literal, sql, match),
                   f"SQL reads time by usher.now() only, not {match.group().strip()}")


def _line(literal, sql, match):
    return literal.line + line_of(sql, match.start()) - 1


def check_path(path):
    for part in path.parts:
        if not SNAKE_CASE.match(part) and part != "__init__.py":
            yield f"{part} is not in snake_case"


def check_tree(root):
    for path in files_of(root):
        for what in check_path(path) if path.suffix in NAMED_SUFFIXES else ():
            yield Finding(str(path), 1, what)
    first_seen = {}
    for path in our_files(root):
        text = (root / path).read_text(encoding="utf-8")
        for line, what in check_sql(text) if path.parts[0] in ("lib", "server") else ():
            yield Finding(str(path), line, what)
        for line, name in statements_of(text):
            for what in check_statement_name(path, name):
                yield Finding(str(path), line, what)
            if name in first_seen:
                yield Finding(str(path), line, f'statement "{name}" is also in {first_seen[name]}')
            first_seen.setdefault(name, f"{path}:{line}")


if __name__ == "__main__":
    sys.exit(main(check_tree))
