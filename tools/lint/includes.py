#!/usr/bin/python3
"""Who may include whom.

The domain compiles without gRPC and libpq, and nothing includes upward. Linking enforces most of
it; what a linker cannot see is checked here. A new library says in LAYERS what it stands on.
"""

import re
import sys

from source import Finding, code_of, main, our_files

FEATURE = {"async", "model", "pg", "storage"}
LAYERS = {
    "async": set(),
    "model": set(),
    "pg": {"async"},
    "storage": {"async", "model", "pg"},
    "auth": FEATURE,
    "mail": FEATURE,
    "directory": FEATURE,
    "events": FEATURE,
    "invitations": FEATURE,
    "organizations": FEATURE,
}
# What stands above lib/, and the folders it may include besides lib's.
ABOVE = {"server": {"server"}, "tools": {"server", "tools"}, "tests": {"server", "tests", "tools"}}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.MULTILINE)
# gRPC's headers and all that is generated from or stands under .proto files.
RPC = re.compile(r"^(grpc|grpcpp|grpc\+\+|google/protobuf)/|\.pb\.h$")
# A lane is a completion queue, its alarms and their clock; nothing more of gRPC.
RPC_OF_A_LANE = {"grpcpp/completion_queue.h", "grpcpp/alarm.h", "grpc/support/time.h"}
# The domain's nouns: libraries for text and hashes, nothing that does I/O; of curl its parser.
MODEL = re.compile(r"^(absl/.*|nlohmann/json.*|openssl/.*|curl/urlapi\.h|idn2\.h|utf8proc\.h|"
                   r"[a-z_0-9]+)$")
POSTGRES = re.compile(r"^(libpq-fe\.h|libpq-events\.h|postgres_ext\.h|libpq/.*)$")


def check(path, text):
    """Yields (line, what) for a file at `path`, relative to the root."""
    # Literals are emptied by code_of, and so would be "…" includes: comments are looked up there.
    code = code_of(text).split("\n")
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        if "include" in code[line - 1]:
            for what in _faults(path.parts, match[1] == '"', match[2]):
                yield line, what


def _faults(parts, quoted, included):
    folder, library = parts[0], parts[1] if parts[0] == "lib" else ""
    if included.startswith("/") or ".." in included.split("/"):
        yield f"{included}: name it from the include root, as \"model/email.h\""
        return
    if RPC.search(included) and folder == "lib":
        if library != "async" or included not in RPC_OF_A_LANE:
            yield f"{included}: gRPC and generated headers are for server, tools and tests"
    if POSTGRES.match(included) and library != "pg" and folder != "tests":
        yield f"{included}: libpq is for lib/pg; ask it through \"pg/…\""
    if library == "model" and not quoted and not MODEL.match(included):
        if not RPC.search(included) and not POSTGRES.match(included):
            yield f"{included}: lib/model knows std, Abseil and libraries for text only"
    if quoted and "/" not in included:
        yield f"{included}: name it from the include root, as \"model/email.h\""
    if "/" in included:
        yield from _layer_faults(folder, library, included.split("/")[0])


def _layer_faults(folder, library, target):
    if target in LAYERS:
        if library and library not in LAYERS:
            yield f"lib/{library} is new: say in tools/lint/includes.py what it stands on"
        elif library and target != library and target not in LAYERS[library]:
            yield f"lib/{library} does not stand on lib/{target}"
    elif target in ABOVE and target not in ABOVE.get(folder, ()):
        yield f"{folder} does not stand on {target}"


def check_tree(root):
    for path in our_files(root):
        for line, what in check(path, (root / path).read_text(encoding="utf-8")):
            yield Finding(str(path), line, what)


if __name__ == "__main__":
    sys.exit(main(check_tree))
