"""What a walk prints, and what it remembers for the next one."""

import json


class Report:
    """Prints steps as they happen and remembers whether all held."""

    def __init__(self):
        self.held = True

    def step(self, title):
        print(f"\n{title}", flush=True)

    def fine(self, text):
        print(f"  ok    {text}", flush=True)

    def fault(self, text):
        self.held = False
        print(f"  FAULT {text}", flush=True)

    def check(self, holds, text):
        (self.fine if holds else self.fault)(text)


class State:
    """The ids that walks before this one made, kept beside the database."""

    def __init__(self, path):
        self._path = path
        self.organization = self.founder = ""
        self.sites = {}   # name → id
        self.groups = {}  # name → {id, site_ids}
        if path.exists():
            vars(self).update(json.loads(path.read_text(encoding="utf-8")))

    def save(self):
        kept = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(kept, indent=2), encoding="utf-8")
        draft.rename(self._path)


def words(enum_value):
    """ROLE_NETWORK_ADMIN or DIRECTORY_STATUS_ACTIVE as people say it."""
    for prefix in ("ROLE_", "DIRECTORY_STATUS_", "ACCESS_REASON_"):
        enum_value = enum_value.removeprefix(prefix)
    return enum_value.replace("_", " ").title()
