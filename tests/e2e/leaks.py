"""Secrets are written nowhere: not into a server's log, its metrics, or its database.

`secret` remembers one; those that have a shape of their own are found without it. The harness asks
at each server's stop, so no test has to.
"""

import binascii
import re
import subprocess

PG_DUMP = "/usr/lib/postgresql/15/bin/pg_dump"
SHAPES = {
    "an invitation's token": re.compile(rb"usher_inv_[0-9A-Za-z_-]{20}"),
    "a JWT": re.compile(rb"eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}"),
    "a bearer's credentials": re.compile(rb"\bbearer (?!token\b)\S", re.IGNORECASE),
    "a private key": re.compile(rb"PRIVATE KEY-----"),
}
BYTES = re.compile(rb"\\x((?:[0-9a-f]{2})+)")
_secrets = {}


def secret(value, what):
    """Remembers a value that nothing may write."""
    _secrets[value.encode() if isinstance(value, str) else bytes(value)] = what


def secret_token(jwt):
    """Of a JWT's parts, the header is no secret."""
    for part in jwt.split(".")[1:]:
        if len(part) > 8:
            secret(part, "a part of a JWT")


def secret_lines(file, what):
    """Each word of a file that is long enough to be a key or a part of one."""
    for word in re.split(rb"[\s:]+", file.read_bytes()):
        if len(word) > 20:
            secret(word, what)


def found_in(text):
    """What is secret of the text, without quoting it; binary columns count as what they hold."""
    text += b"\n".join(binascii.unhexlify(match[1]) for match in BYTES.finditer(text))
    found = {what for what, shape in SHAPES.items() if shape.search(text)}
    return sorted(found | {what for value, what in _secrets.items() if value in text})


def dump(conninfo):
    """All rows of a database, or why there are none."""
    run = subprocess.run([PG_DUMP, "--data-only", "--schema=usher", conninfo], check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return run.stdout if run.returncode == 0 else run.stderr
