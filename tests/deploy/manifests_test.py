"""The manifests are what Kubernetes takes, agree with each other and with the program."""

import json
import os
import re
import subprocess
import unittest

import jsonschema_of
from rendered import (DEPLOY, HELM, OVERLAYS, ROOT, containers, find, helmed, key, kustomized, pods,
                      run, yaml)

USHERD = os.environ["USHERD"]
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
MAIL_SECONDS = 15  # An exchange with the mail server that has begun is waited for.
# The chart's values for what the production overlay has.
PRODUCTION_VALUES = """
image: {repository: registry.example.com/usher}
secrets: {smtp: {name: usher-smtp}, tls: {name: usher-tls}}
monitoring: {enabled: true}
settings:
"""


def seconds(duration):
    return sum(float(number) * UNITS[unit]
               for number, unit in re.findall(r"([\d.]+)(ms|s|m|h)", duration))


def matches(selector, labels):
    return selector.items() <= labels.items()


def settings(overlay):
    return find(kustomized(overlay), "ConfigMap", "usher-settings")["data"]


def production_values():
    lines = [f"  {name}: {json.dumps(value)}" for name, value in settings("production").items()]
    callers = find(kustomized("production"), "ConfigMap", "usher-callers")["data"]["auth.conf"]
    return PRODUCTION_VALUES + "\n".join(lines) + f"\ncallers: {json.dumps(callers)}\n"


class ManifestsTest(unittest.TestCase):
    maxDiff = None

    def each(self):
        for overlay in OVERLAYS:
            with self.subTest(overlay):
                yield kustomized(overlay)

    def usherd(self, things):
        return find(things, "Deployment")["spec"]["template"]["spec"]

    def test_every_object_fits_its_schema(self):
        for things in self.each():
            self.assertGreater(len(things), 8)
            for thing in things:
                jsonschema_of.check(thing)

    def test_the_schemas_refuse_what_they_do_not_know(self):
        for kind, name in (("Deployment", "usher"), ("PrometheusRule", "usher"),
                           ("Cluster", "usher-postgresql")):
            wrong = json.loads(json.dumps(find(kustomized("everything"), kind, name)))
            wrong["spec"]["replicaz"] = 3

            with self.assertRaisesRegex(Exception, "replicaz"):
                jsonschema_of.check(wrong)

    def test_names_are_unique(self):
        for things in self.each():
            keys = [key(thing) for thing in things]
            self.assertEqual(sorted(keys), sorted(set(keys)))

    def test_selectors_meet_their_pods(self):
        for things in self.each():
            labels = [template["metadata"]["labels"] for _, template in pods(things)]
            for thing, template in pods(things):
                selector = thing["spec"]["selector"]["matchLabels"]
                self.assertTrue(matches(selector, template["metadata"]["labels"]))
                self.assertEqual(sum(matches(selector, other) for other in labels), 1)
            for thing in things:
                if thing["kind"] in ("PodDisruptionBudget", "PodMonitor", "NetworkPolicy"):
                    spec = thing["spec"]
                    selector = spec.get("selector") or spec["podSelector"]
                    self.assertEqual(sum(matches(selector["matchLabels"], other)
                                         for other in labels), 1, key(thing))

    def test_ports_are_named_as_containers_name_them(self):
        for things in self.each():
            for thing in things:
                if thing["kind"] == "Service":
                    selected = [template for _, template in pods(things) if matches(
                        thing["spec"]["selector"], template["metadata"]["labels"])]
                    self.assertEqual(len(selected), 1)
                    names = {port["name"] for container in containers(selected[0])
                             for port in container.get("ports", [])}
                    for port in thing["spec"]["ports"]:
                        self.assertIn(port["targetPort"], names)

    def test_policies_name_ports_that_are_there(self):
        for things in self.each():
            names = {port["name"] for port in self.usherd(things)["containers"][0]["ports"]}
            for thing in things:
                if thing["kind"] == "NetworkPolicy":
                    for rule in thing["spec"]["ingress"]:
                        self.assertLessEqual({port["port"] for port in rule["ports"]}, names)

    def test_the_server_listens_where_probes_and_ports_look(self):
        for overlay in OVERLAYS:
            with self.subTest(overlay):
                container = self.usherd(kustomized(overlay))["containers"][0]
                ports = {port["name"]: port["containerPort"] for port in container["ports"]}
                for name, variable in (("grpc", "LISTEN"), ("health", "HEALTH_LISTEN"),
                                       ("metrics", "METRICS_LISTEN")):
                    listens = settings(overlay)[f"USHER_{variable}"]
                    self.assertEqual(int(listens.rsplit(":", 1)[1]), ports[name])
                for probe, service in (("startupProbe", "liveness"), ("livenessProbe", "liveness"),
                                       ("readinessProbe", "readiness")):
                    self.assertEqual(container[probe]["grpc"],
                                     {"port": ports["health"], "service": service})

    def test_r50_the_grace_period_is_longer_than_a_drain(self):
        for overlay in OVERLAYS:
            with self.subTest(overlay):
                values = settings(overlay)
                drain = seconds(values["USHER_DRAIN_DELAY"]) + seconds(
                    values["USHER_DRAIN_TIMEOUT"]) + MAIL_SECONDS
                grace = self.usherd(kustomized(overlay))["terminationGracePeriodSeconds"]
                self.assertLess(drain, grace)

    def test_r50_connections_are_younger_than_the_notice(self):
        for overlay in ("production", "everything"):
            values = settings(overlay)
            # Ages differ by a tenth.
            self.assertLess(1.1 * seconds(values["USHER_MAX_CONNECTION_AGE"]),
                            seconds(values["USHER_DRAIN_DELAY"]))

    def test_settings_are_flags_that_the_program_takes(self):
        for overlay in OVERLAYS:
            with self.subTest(overlay):
                variables = dict(settings(overlay))
                for entry in self.usherd(kustomized(overlay))["containers"][0]["env"]:
                    if "value" in entry:
                        variables[entry["name"]] = entry["value"]
                known = re.findall(r"`(USHER_\w+)`", run(USHERD, "--help_markdown"))
                for name in variables:
                    self.assertIn(name, known)
                printed = subprocess.run([USHERD, "--print_config"], env=variables, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         check=False)
                self.assertEqual((printed.returncode, printed.stderr), (0, ""))

    def test_production_pods_are_restricted(self):
        for overlay in ("production", "everything"):
            for thing, template in pods(kustomized(overlay)):
                with self.subTest(overlay, pod=key(thing)):
                    spec = template["spec"]
                    self.assertFalse(spec["automountServiceAccountToken"])
                    self.assertTrue(spec["securityContext"]["runAsNonRoot"])
                    self.assertEqual(spec["securityContext"]["seccompProfile"]["type"],
                                     "RuntimeDefault")
                    for container in containers(template):
                        context = container["securityContext"]
                        self.assertFalse(context["allowPrivilegeEscalation"])
                        self.assertTrue(context["readOnlyRootFilesystem"])
                        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                        self.assertIn("memory", container["resources"]["limits"])
                        self.assertIn("cpu", container["resources"]["requests"])

    def test_the_policy_lets_callers_in_as_it_says(self):
        policy = find(kustomized("production"), "NetworkPolicy")

        callers = policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]

        self.assertEqual(callers, {"usher-client": "true"})

    def test_the_chart_makes_what_kustomize_makes(self):
        charted = {key(thing): thing for thing in helmed(production_values())}
        wanted = {key(thing): thing for thing in kustomized("production")
                  if thing["kind"] != "Namespace"}

        self.assertEqual(sorted(charted), sorted(wanted))
        for name, thing in wanted.items():
            self.assertEqual(normal(charted[name]), normal(thing), name)

    def test_the_chart_is_well_made(self):
        run(HELM, "lint", "--strict", DEPLOY / "helm/usher", "--set",
            "settings.USHER_AUTH=insecure")

    def test_the_chart_wants_to_know_who_may_call(self):
        with self.assertRaisesRegex(AssertionError, "callers must say whose"):
            helmed("{}")

    def test_versions_are_those_of_the_program(self):
        version = run(USHERD, "version").strip()

        chart = yaml.safe_load((DEPLOY / "helm/usher/Chart.yaml").read_text(encoding="utf-8"))

        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))
        image = self.usherd(kustomized("production"))["containers"][0]["image"]
        self.assertEqual(image.rsplit(":", 1)[1], version)

    def test_clients_repeat_reads_only(self):
        config = json.loads((DEPLOY / "client/service_config.json").read_text(encoding="utf-8"))
        repeated = [method for method in config["methodConfig"] if "retryPolicy" in method]
        reads = []
        for path in sorted((ROOT / "proto/usher/v1").glob("*.proto")):
            text = path.read_text(encoding="utf-8")
            for service, body in re.findall(r"^service (\w+) \{(.*?)^\}", text, re.S | re.M):
                for method, stream, options in re.findall(
                        r"rpc (\w+)\(\w+\) returns \((stream )?\w+\) \{(.*?)\n  \}", body, re.S):
                    if not stream and "change: true" not in options:
                        reads.append((f"usher.v1.{service}", method))

        self.assertEqual(len(repeated), 1)
        self.assertGreater(len(reads), 15)
        self.assertEqual(sorted((name["service"], name["method"])
                                for name in repeated[0]["name"]), sorted(reads))


def normal(thing):
    """Without what the two tools must do differently."""
    text = json.dumps(thing)
    text = re.sub(r"(usher-(?:settings|callers))-[0-9a-z]{10}", r"\1", text)
    thing = json.loads(text)
    thing["metadata"].pop("namespace", None)
    if thing["kind"] == "Deployment":
        template = thing["spec"]["template"]
        template["metadata"]["annotations"].pop("checksum/settings", None)
        for container in containers(template):
            container.pop("imagePullPolicy", None)
            container.get("env", []).sort(key=lambda entry: entry["name"])
            container.get("volumeMounts", []).sort(key=lambda mount: mount["name"])
        template["spec"]["volumes"].sort(key=lambda volume: volume["name"])
    return thing


if __name__ == "__main__":
    unittest.main()
