"""Real clients: grpcurl and buf curl, which know the API by reflection alone."""

import json
import subprocess
import unittest

from harness import ServerTest, free_port

HEALTH = "grpc.health.v1.Health"


class ClientsTest(ServerTest):
    def grpcurl(self, *arguments, check=True):
        # grpcurl wants its flags first and the method last.
        run = subprocess.run(["grpcurl", "-plaintext", *arguments], check=False, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check:
            self.assertEqual(run.returncode, 0, run.stderr)
            return run.stdout
        return run

    def listed(self):
        return self.grpcurl(self.server.address, "list").split()

    def test_r45_every_service_is_listed(self):
        self.assertLessEqual({
            "usher.v1.InvitationService", "usher.v1.UserDirectory",
            "usher.v1.OrganizationDirectory", "usher.v1.EventLog", "usher.v1.MailDelivery",
            HEALTH}, set(self.listed()))

    def test_r45_every_type_resolves(self):
        for service in self.listed():
            if service.startswith("grpc.reflection"):
                continue
            described = self.grpcurl(self.server.address, "describe", service)
            types = {word.strip("().;").lstrip(".") for word in described.split()
                     if word.startswith("(") or word.startswith(".")}
            self.assertTrue(types, described)
            for name in sorted(types - {"stream"}):
                with self.subTest(type=name):
                    self.grpcurl(self.server.address, "describe", name)
        for detail in ("google.rpc.ErrorInfo", "google.rpc.BadRequest", "google.rpc.RetryInfo",
                       "google.protobuf.Timestamp", "google.protobuf.FieldMask"):
            self.grpcurl(self.server.address, "describe", detail)

    def test_grpcurl_calls(self):
        answer = json.loads(self.grpcurl("-H", "usher-caller: service", "-d", "{}",
                                         self.server.address, "usher.v1.UserDirectory/ListRoles"))
        self.assertEqual(len(answer["roles"]), 7)
        self.assertIn("Super User", answer["roles"][0].values())

        for name in ("", "liveness", "readiness", "usher.v1.UserDirectory"):
            health = json.loads(self.grpcurl("-d", json.dumps({"service": name}),
                                             self.server.address, f"{HEALTH}/Check"))
            self.assertEqual(health["status"], "SERVING")

    def test_grpcurl_shows_the_reason_of_a_refusal(self):
        run = self.grpcurl("-H", "usher-caller: service", "-d", '{"organization_id": "x"}',
                           self.server.address, "usher.v1.UserDirectory/ListUsers", check=False)

        self.assertNotEqual(run.returncode, 0)
        self.assertIn("InvalidArgument", run.stderr)
        self.assertIn("FIELD_INVALID", run.stderr)
        self.assertIn("organization_id", run.stderr)

    def test_request_id_comes_back(self):
        run = self.grpcurl("-v", "-H", "usher-caller: service", "-H", "x-request-id: my-id",
                           "-d", "{}", self.server.address, "usher.v1.UserDirectory/ListRoles")
        self.assertIn("x-request-id: my-id", run)

    def test_buf_curl_calls(self):
        run = subprocess.run(
            ["buf", "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--header",
             "usher-caller: service", "--data", "{}",
             f"http://{self.server.address}/usher.v1.UserDirectory/ListRoles"],
            check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(json.loads(run.stdout)["roles"]), 7)

    def test_nobody_listens_where_nobody_should(self):
        run = self.grpcurl("-connect-timeout", "1", f"127.0.0.1:{free_port()}", "list",
                           check=False)
        self.assertNotEqual(run.returncode, 0)


class WithoutReflectionTest(ServerTest):
    flags = ("--reflection=false",)

    def test_r45_reflection_is_off_and_health_works(self):
        run = subprocess.run(["grpcurl", "-plaintext", self.server.address, "list"], check=False,
                             text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        self.assertNotEqual(run.returncode, 0)
        self.assertIn("does not support the reflection API", run.stderr)
        self.assertEqual(self.call(f"{HEALTH}.Check", {}).status, 1)


if __name__ == "__main__":
    unittest.main()
