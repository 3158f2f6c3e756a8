"""The command line: one clear line for what is wrong, and the commands besides serve."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import grpc

from harness import Database, ServerTest, USHERD, as_user, many


def usherd(*arguments, **environment):
    return subprocess.run([USHERD, *arguments], check=False, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, **environment})


class FlagsTest(unittest.TestCase):
    def test_what_is_wrong_is_one_line_and_exit_code_2(self):
        for arguments, named in [
                (["--bogus"], "--bogus"),
                (["serve", "--auth=insecure", "--lanes=none"], "--lanes"),
                (["serve", "--auth=insecure", "--max_deadline=fast"], "--max_deadline"),
                (["serve", "--auth=open"], "--auth"),
                (["serve"], "--auth"),
                (["serve", "--auth=insecure", "--listen=0.0.0.0:50051"], "--listen"),
                (["serve", "--auth=insecure"], "--token_key_file"),
                (["serve", "--auth=insecure", "--smtp_url=http://x"], "--smtp_url"),
                (["serve", "--auth=insecure", "--accept_uri_template=https://x"],
                 "--accept_uri_template"),
                (["dance"], "dance")]:
            with self.subTest(arguments=arguments):
                run = usherd(*arguments)
                self.assertEqual(run.returncode, 2, run.stderr)
                self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
                self.assertIn(named, run.stderr)
                self.assertEqual(run.stdout, "")

    def test_environment_stands_behind_the_flag(self):
        self.assertIn("lanes = 3\n", usherd("--print_config", USHER_LANES="3").stdout)
        self.assertIn("lanes = 2\n",
                      usherd("--print_config", "--lanes=2", USHER_LANES="3").stdout)

    def test_secrets_are_not_printed(self):
        for database in ("host=x password=hunter2", "postgresql://u:hunter2@x/db",
                         "postgresql://x/db?password=hunter2"):
            run = usherd("--print_config", f"--database={database}", "--smtp_password=hunter2")
            self.assertEqual(run.returncode, 0)
            self.assertNotIn("hunter2", run.stdout)

    def test_missing_key_file_is_named(self):
        run = usherd("serve", "--auth=insecure", "--token_key_file=/nowhere/keys")
        self.assertEqual(run.returncode, 1)
        self.assertIn("/nowhere/keys", run.stderr)

    def test_generated_keys_are_usable_and_differ(self):
        first, second = (usherd("generate-token-key").stdout for _ in range(2))
        self.assertNotEqual(first, second)


class MigrateTest(unittest.TestCase):
    def setUp(self):
        self.database = Database()
        self.addCleanup(self.database.drop)

    def test_r39_replicas_that_start_together_migrate_once(self):
        runs = many(8, lambda _: usherd("migrate", f"--database={self.database.conninfo}"))

        self.assertEqual({run.returncode for run in runs}, {0}, [run.stderr for run in runs])
        self.assertEqual(len({run.stdout for run in runs}), 1)
        numbers = self.database.query("SELECT number FROM usher.schema_migrations ORDER BY 1")
        self.assertEqual(numbers, sorted(set(numbers), key=int))

    def test_check_tells_whether_the_schema_is_there(self):
        flag = f"--database={self.database.conninfo}"
        before = usherd("check", flag)
        self.assertEqual(before.returncode, 1)
        self.assertIn("usherd migrate", before.stderr)

        usherd("migrate", flag)
        self.assertEqual(usherd("check", flag).returncode, 0)

    def test_no_database_is_told(self):
        for command in ("migrate", "check"):
            run = usherd(command, "--database=host=/nowhere")
            self.assertEqual(run.returncode, 1)
            self.assertIn("/nowhere", run.stderr)


class MetricsTest(ServerTest):
    def series(self):
        return {line.rsplit(" ", 1)[0] for line in self.server.metrics().splitlines()
                if line and not line.startswith("#")}

    def work(self, number):
        org, ann = self.make_organization(f"Org {number}", f"p{number}@example.com")
        self.invite(org, ann, f"q{number}@example.com")
        self.refused("UserDirectory.ListUsers", {"organization_id": org}, as_user("user_x"))
        self.call("UserDirectory.ListUsers", {"organization_id": org}, as_user(ann))

    def test_r49_series_do_not_grow_with_use(self):
        self.work(0)
        before = self.series()
        for number in range(1, 30):
            self.work(number)
        with grpc.insecure_channel(self.server.address) as channel:
            for number in range(100):
                try:
                    channel.unary_unary(f"/x.Y/Z{number}")(b"", timeout=5)
                except grpc.RpcError:
                    pass

        self.assertEqual(self.series(), before)
        for line in before:
            self.assertNotIn("@", line)
            self.assertNotIn("org_", line)

    def test_names_of_go_grpc_prometheus(self):
        self.work("names")
        labels = ('{grpc_method="CreateInvitation",grpc_service="usher.v1.InvitationService",'
                  'grpc_type="unary"')
        self.assertGreaterEqual(self.server.metric(f"grpc_server_started_total{labels}}}"), 1)
        handled = labels.replace('{grpc_method', '{grpc_code="OK",grpc_method')
        self.assertGreaterEqual(self.server.metric(f"grpc_server_handled_total{handled}}}"), 1)
        self.assertGreaterEqual(
            self.server.metric(f"grpc_server_handling_seconds_count{labels}}}"), 1)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_finds_nothing_to_say(self):
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch) / "metrics"
            file.write_text(self.server.metrics(), encoding="utf-8")
            with open(file, encoding="utf-8") as text:
                run = subprocess.run(["promtool", "check", "metrics"], stdin=text, check=False,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual((run.returncode, run.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()
