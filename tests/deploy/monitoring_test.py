"""Alerts fire when they should, and name chapters and metrics that are there."""

import json
import pathlib
import re
import tempfile
import unittest

from rendered import DEPLOY, ROOT, run, yaml

MONITORING = DEPLOY / "kustomize/components/monitoring"
METRIC = re.compile(r"\b((?:usher|grpc_server|process)_[a-z_]+)\b")
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")


def rules():
    resource = yaml.safe_load((MONITORING / "rules.yaml").read_text(encoding="utf-8"))
    return resource["spec"]


def alerts():
    return [rule for group in rules()["groups"] for rule in group["rules"]]


def golden():
    return {line.split()[0] for line in
            (ROOT / "tests/golden/metrics.txt").read_text(encoding="utf-8").splitlines()}


class MonitoringTest(unittest.TestCase):
    def unknown_metrics(self, expressions):
        named = {SUFFIX.sub("", name) for text in expressions for name in METRIC.findall(text)}
        self.assertGreater(len(named), 5)
        return named - golden()

    def test_alerts_fire_when_they_should(self):
        with tempfile.TemporaryDirectory(prefix="usher-deploy-") as scratch:
            folder = pathlib.Path(scratch)
            (folder / "rules.yaml").write_text(json.dumps(rules()), encoding="utf-8")
            tests = pathlib.Path(__file__).resolve().parent / "rules_test.yaml"
            (folder / "rules_test.yaml").write_text(tests.read_text(encoding="utf-8"),
                                                    encoding="utf-8")
            run("promtool", "check", "rules", "--lint=all", "--lint-fatal", folder / "rules.yaml")
            run("promtool", "test", "rules", folder / "rules_test.yaml")

    def test_every_alert_is_tested(self):
        tested = set(re.findall(r"alertname: (\w+)", (
            pathlib.Path(__file__).resolve().parent / "rules_test.yaml").read_text(
                encoding="utf-8")))

        self.assertEqual(tested, {alert["alert"] for alert in alerts()})

    def test_every_alert_has_its_chapter(self):
        guide = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
        for alert in alerts():
            name = alert["alert"]
            self.assertEqual(alert["annotations"]["runbook"],
                             f"docs/runbook.md#{name.lower()}")
            self.assertRegex(guide, rf"(?m)^#+ {name}$")

    def test_alerts_name_metrics_that_are_there(self):
        self.assertEqual(self.unknown_metrics(alert["expr"] for alert in alerts()), set())

    def test_the_dashboard_names_metrics_that_are_there(self):
        dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
        expressions = [target["expr"] for panel in dashboard["panels"]
                       for target in panel.get("targets", [])]

        self.assertGreater(len(expressions), 15)
        self.assertEqual(self.unknown_metrics(expressions), set())

    def test_the_dashboard_has_no_two_panels_in_one_place(self):
        dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
        taken = set()
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            for x in range(at["x"], at["x"] + at["w"]):
                for y in range(at["y"], at["y"] + at["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken.add((x, y))


if __name__ == "__main__":
    unittest.main()
