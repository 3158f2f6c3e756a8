#!/usr/bin/python3
"""Which files are ours: those that git tracks, and new ones that it would not ignore.

Run with suffixes (".cc .h"), prints the paths that end in one of them, each followed by NUL;
without any, all.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
# Left out where git cannot say: in an unpacked archive, or in somebody else's checkout.
NOT_OURS = {".git", "build", "out", "__pycache__"}


def files_of(root):
    """Yields the files as paths relative to the root, in order."""
    for name in sorted(set(_listed_by_git(root) or _walked(root))):
        path = root / name
        if path.is_file() and not path.is_symlink():
            yield pathlib.PurePath(name)


def _listed_by_git(root):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


def _walked(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


if __name__ == "__main__":
    suffixes = tuple(sys.argv[1:])
    for file in files_of(ROOT):
        if not suffixes or file.name.endswith(suffixes):
            sys.stdout.buffer.write(os.fsencode(file) + b"\0")
