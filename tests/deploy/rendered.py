"""The manifests as kustomize and helm render them."""

import functools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUSTOMIZE = shutil.which("kustomize")
HELM = shutil.which("helm")
# Beside the folder of the tools: the Python packages that tools/setup fetched.
sys.path.insert(0, str(pathlib.Path(KUSTOMIZE or "/").absolute().parent.parent / "schemas"))

import kubernetes_validate  # noqa: E402,F401
import yaml  # noqa: E402

COMPONENTS = ("mtls", "monitoring", "postgresql", "pgbouncer", "haproxy")
# With every component that the production overlay leaves to choose.
EVERYTHING = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../production]
components: [../../components/postgresql, ../../components/pgbouncer, ../../components/haproxy]
namespace: usher
"""
OVERLAYS = ("dev", "production", "everything")


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


@functools.lru_cache(maxsize=None)
def kustomized(overlay):
    """The objects of an overlay; "everything" has all components."""
    with tempfile.TemporaryDirectory(prefix="usher-deploy-") as scratch:
        copy = pathlib.Path(scratch) / "kustomize"
        shutil.copytree(DEPLOY / "kustomize", copy)
        everything = copy / "overlays/everything"
        everything.mkdir()
        (everything / "kustomization.yaml").write_text(EVERYTHING, encoding="utf-8")
        return list(yaml.safe_load_all(run(KUSTOMIZE, "build", copy / "overlays" / overlay)))


@functools.lru_cache(maxsize=None)
def helmed(values=""):
    """The objects of the chart."""
    text = run(HELM, "template", "usher", DEPLOY / "helm/usher", "--namespace", "usher",
               "--kube-version", "1.32", "--values", "-", input=values)
    return [each for each in yaml.safe_load_all(text) if each]


def key(thing):
    """Kind and name, less the hash that kustomize adds to what it generates."""
    name = thing["metadata"]["name"]
    if thing["kind"] in ("ConfigMap", "Secret"):
        name = re.sub(r"-[0-9a-z]{10}$", "", name)
    return thing["kind"], name


def find(things, kind, name="usher"):
    return next(thing for thing in things if key(thing) == (kind, name))


def pods(things):
    """Every template of pods, with the object that has it."""
    return [(thing, thing["spec"]["template"]) for thing in things
            if thing["kind"] in ("Deployment", "StatefulSet", "Job")]


def containers(template):
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]
