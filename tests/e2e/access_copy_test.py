"""Access checks from memory are quick, and never older than they may be, whatever stands still."""

import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from database_test import PrivateCluster
from harness import PSQL, SERVICE, ServerTest, Usherd, as_user, eventually

BOUND = 2  # seconds, directory::AccessCopy::kBound
FULLY = {"mode": "CONSISTENCY_MODE_FULLY_CONSISTENT"}


def questions(server, outcome):
    return server.metric(f'usher_access_copy_questions_total{{outcome="{outcome}"}}') or 0


class AccessCopyTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Copied")
        cls.numbers = iter(range(1000))

    def member(self):
        email = f"m{next(self.numbers)}@example.com"
        token = self.invite(self.org, self.ann, email).accept_uri.split("token=")[1]
        return self.accept(token, email).membership.user_id

    def check(self, user, server=None, **consistency):
        return (server or self.server).client.call("UserDirectory.CheckAccess", {
            "user_id": user, "organization_id": self.org, "permission": "sites.read",
            "site_id": "", **({"consistency": consistency} if consistency else {})}, SERVICE)

    def answers_from_memory(self, user, server=None):
        """Whether it does now; it may have to be asked twice."""
        server = server or self.server
        before = questions(server, "answered")
        self.check(user, server)
        return questions(server, "answered") > before

    def revoke(self, user):
        return self.call("UserDirectory.RevokeMembership", {
            "organization_id": self.org, "user_id": user}, as_user(self.ann)).position

    def test_is_asked_and_follows_changes(self):
        ben = self.member()
        eventually(lambda: self.answers_from_memory(ben), 10, "answers from memory")
        self.assertTrue(self.check(ben).allowed)

        position = self.revoke(ben)

        self.assertFalse(self.check(ben, at_least_position=position).allowed)
        self.assertFalse(self.check(ben, **FULLY).allowed)
        eventually(lambda: not self.check(ben).allowed, BOUND, "the revocation")
        eventually(lambda: self.answers_from_memory(ben), 10, "answers from memory")
        self.assertEqual(self.check(ben).reason, 2)  # NOT_A_MEMBER

    def test_an_answer_from_memory_tells_its_position(self):
        ben = self.member()
        eventually(lambda: self.answers_from_memory(ben), 10, "answers from memory")

        answer = self.check(ben)

        again = self.check(ben, at_least_position=answer.position)
        self.assertGreaterEqual(int(again.position), int(answer.position))

    def test_is_not_asked_while_a_transaction_hides_what_came_after_it(self):
        ben = self.member()
        eventually(lambda: self.answers_from_memory(ben), 10, "answers from memory")
        with self.database.locked("SELECT pg_current_xact_id()"):
            position = self.revoke(ben)
            # What the copy has is old, and stays so; the bound is what it may still be asked for.
            eventually(lambda: not self.check(ben).allowed, BOUND + 1, "an answer of PostgreSQL")
            self.assertFalse(self.check(ben, at_least_position=position).allowed)
            before = questions(self.server, "too_old")
            self.assertFalse(self.check(ben).allowed)
            self.assertGreater(questions(self.server, "too_old"), before)
        eventually(lambda: self.answers_from_memory(ben), 10, "answers from memory")
        self.assertFalse(self.check(ben).allowed)

    def test_a_replica_that_was_stopped_answers_nothing_old(self):
        replica = Usherd(self.scratch.name, self.database.conninfo)
        self.addCleanup(replica.stop)
        replica.wait_until_serving()
        ben = self.member()
        eventually(lambda: self.answers_from_memory(ben, replica), 10, "answers from memory")
        stopped = time.monotonic()
        replica.process.send_signal(signal.SIGSTOP)
        try:
            self.revoke(ben)
            eventually(lambda: time.monotonic() > stopped + BOUND, BOUND + 1, "the bound to pass")
        finally:
            replica.process.send_signal(signal.SIGCONT)

        self.assertFalse(self.check(ben, replica).allowed)

    def test_none_is_kept_where_it_is_switched_off(self):
        server = Usherd(self.scratch.name, self.database.conninfo, "--access_copy=0")
        self.addCleanup(server.stop)
        server.wait_until_serving()
        ben = self.member()

        for _ in range(3):
            self.assertTrue(self.check(ben, server).allowed)

        self.assertEqual(questions(server, "answered"), 0)


class FailoverTest(unittest.TestCase):
    def test_another_server_may_have_lost_changes_so_nothing_of_the_former_is_kept(self):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        folder = pathlib.Path(scratch.name)
        folder.chmod(0o711)
        cluster = PrivateCluster(folder / "postgres")
        conninfo = cluster.start()
        self.addCleanup(cluster.remove)
        server = Usherd(folder, conninfo)
        self.addCleanup(server.stop)
        server.wait_until_serving()
        made = server.client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Lost"},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann",
                                 "last_name": "Lee"}}, SERVICE)
        request = {"user_id": made.membership.user_id, "permission": "sites.read",
                   "organization_id": made.organization.id}

        def answer():
            return server.client.call("UserDirectory.CheckAccess", request, SERVICE).allowed

        def from_memory():
            before = questions(server, "answered")
            answer()
            return questions(server, "answered") > before

        eventually(from_memory, 10, "answers from memory")
        cluster.stop("--immediate")
        cluster.start()
        # As if the acceptance had been lost with the former server: no event tells of it.
        subprocess.run([PSQL, "-Xq", conninfo, "-c", "DELETE FROM usher.memberships"], check=True)
        server.wait_until_serving(10)

        eventually(lambda: not answer(), 5, "the state of the new server")
        eventually(from_memory, 10, "answers from memory")
        self.assertFalse(answer())


if __name__ == "__main__":
    unittest.main()
