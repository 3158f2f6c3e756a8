"""Validates objects of Kubernetes, and of the operators that we use, with unknown fields refused.

Kubernetes' own kinds: the schemas that the package kubernetes-validate has of each release. Those
of operators: schemas/*.json, written by hand for what our manifests use of CloudNativePG 1.24 and of
the Prometheus operator 0.79. They catch slips of ours, and not what the operators would refuse.
"""

import functools
import json
import pathlib

from rendered import kubernetes_validate

import jsonschema

# The oldest release that has all we use, and a newer one.
RELEASES = ("1.27", "1.32")
SCHEMAS = pathlib.Path(__file__).resolve().parent / "schemas"


@functools.lru_cache(maxsize=None)
def _schema(kind):
    return json.loads((SCHEMAS / f"{kind.lower()}.json").read_text(encoding="utf-8"))


def check(thing):
    """Raises an exception that names the field."""
    if thing["apiVersion"].split("/")[0] in ("monitoring.coreos.com", "postgresql.cnpg.io"):
        jsonschema.validate(thing, _schema(thing["kind"]))
        return
    for release in RELEASES:
        kubernetes_validate.validate(thing, release, strict=True)
