"""What a scrape has: the names that are promised, and labels from fixed sets only.

After a change of metrics: metrics_test.py --update writes the list of names.
"""

import re
import subprocess
import sys
import unittest

import grpc

from harness import ROOT, SERVICE, Refused, ServerTest, as_user, eventually, many

GOLDEN = ROOT / "tests/golden/metrics.txt"
TYPE = re.compile(r"^# TYPE (\S+ \S+)$", re.MULTILINE)
VALUE = re.compile(r'="([^"]*)"')
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|(?:org|user|inv|site)_[0-9a-z]{20}")
ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+(?!\d)|\[::|ipv[46]:")


class MetricsTest(ServerTest):
    with_mail = True
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Metrics", "metrics@example.com")
        cls.invite(cls.org, cls.ann, "guest@example.com")
        eventually(lambda: cls.server.metric('usher_mail_attempts_total{outcome="sent"}') == 1, 15,
                   "a mail is sent")

    @classmethod
    def names(cls):
        return sorted(TYPE.findall(cls.server.metrics()))

    def test_names_are_those_that_are_promised(self):
        self.assertEqual(self.names(), GOLDEN.read_text(encoding="utf-8").splitlines(),
                         "metrics_test.py --update writes it")

    def test_promtool_has_nothing_to_say(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.server.metrics(),
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)

        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def series(self):
        return {line.rsplit(" ", 1)[0] for line in self.server.metrics().splitlines()
                if not line.startswith("#")}

    def test_r49_series_do_not_grow_with_what_callers_send(self):
        before = self.series()

        def one(number):
            email = f"super{number}@example.com"
            org, ann = self.make_organization(f"Org {number}", email)
            made = self.invite(org, ann, f"guest{number}@example.com")
            self.call("InvitationService.CancelInvitation", {
                "organization_id": org, "invitation_id": made.invitation.id}, as_user(ann))
            for wrong in (f"org_{number}", "org_00000000000000000000000000", "a@example.com"):
                with self.assertRaises(Refused):
                    self.call("UserDirectory.ListUsers", {"organization_id": wrong}, as_user(ann))

        for number in range(60):
            one(number)
        channel = grpc.insecure_channel(self.server.address)

        def unknown(number):
            try:
                channel.unary_unary(f"/x{number}.Y/Z{number}@example.com")(b"", metadata=SERVICE,
                                                                           timeout=10)
            except grpc.RpcError as error:
                return error.code()

        codes = set(many(20, lambda part: [unknown(part * 50 + number)
                                           for number in range(50)])[0])
        channel.close()
        after = self.series()

        self.assertEqual(codes, {grpc.StatusCode.UNIMPLEMENTED})
        self.assertLess(len(after) - len(before), 200)
        values = {value for line in after for value in VALUE.findall(line)}
        self.assertEqual([value for value in values if "@" in value or UUID.search(value) or
                          ADDRESS.search(value)], [])


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        MetricsTest.setUpClass()
        GOLDEN.write_text("\n".join(MetricsTest.names()) + "\n", encoding="utf-8")
        MetricsTest.doClassCleanups()
    else:
        unittest.main()
