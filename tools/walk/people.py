"""Reads the people to invite from a CSV file.

Columns: email, first_name, last_name, role, site_access. The role is written as people say it
("Network Admin"). The site access is `all`, `sites:Berlin;Lyon` or `groups:Europe`.
"""

import csv
import dataclasses

COLUMNS = ["email", "first_name", "last_name", "role", "site_access"]


class BadFile(Exception):
    """The file as a whole cannot be used."""


@dataclasses.dataclass
class Person:
    line: int
    email: str
    first_name: str
    last_name: str
    role: str
    all_sites: bool
    sites: list
    groups: list


def read_people(path, roles):
    """Returns the people and, as (line, reason), the lines that name none.

    `roles` are the names of the enum's values. What an address or a name may hold is for the server
    to say; here only what cannot be put into a request is refused.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    if not lines or not _is_header(lines[0]):
        raise BadFile(f"{path}: the first line must be {','.join(COLUMNS)}")
    people, bad_lines = [], []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            people.append(_read_person(number, _cells(line), roles))
        except (ValueError, csv.Error) as error:
            bad_lines.append((number, str(error)))
    return people, bad_lines


def _is_header(line):
    try:
        return _cells(line.removeprefix(b"\xef\xbb\xbf")) == COLUMNS
    except (ValueError, csv.Error):
        return False


# A record is one line, so that a forgotten quote spoils one line and not the rest of the file.
def _cells(line):
    return [cell.strip() for cell in next(csv.reader([line.decode()], strict=True), [])]


def _read_person(line, row, roles):
    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} columns instead of {len(COLUMNS)}")
    email, first_name, last_name, role, access = row
    all_sites, sites, groups = _read_access(access)
    return Person(line, email, first_name, last_name, _read_role(role, roles), all_sites, sites,
                  groups)


def _read_role(text, roles):
    value = "ROLE_" + "_".join(text.upper().split())
    if value not in roles or value == "ROLE_UNSPECIFIED":
        raise ValueError(f"no role is called '{text}'")
    return value


def _read_access(text):
    if text == "all":
        return True, [], []
    kind, _, names = text.partition(":")
    names = [name.strip() for name in names.split(";") if name.strip()]
    if kind not in ("sites", "groups") or not names:
        raise ValueError(f"site access '{text}' is none of all, sites:A;B and groups:A;B")
    return False, names if kind == "sites" else [], names if kind == "groups" else []
