"""Invitations by the dozen, their limits, and what a client sees of both."""

import threading
import unittest

from harness import SERVICE, Refused, ServerTest, Usherd, as_user, mails

OK = "OK"


def draft(email, **fields):
    return {"email": email, "first_name": "Given", "role": "ROLE_OBSERVER",
            "site_access": {"all_sites": True}, **fields}


class BatchTest(ServerTest):
    def reason(self, result):
        """Of a row: "OK", or why it was refused."""
        if result.WhichOneof("result") == "invitation":
            return OK
        return self.detail(result, "ErrorInfo").reason

    def detail(self, result, name):
        kind = self.client.message_type(f"google.rpc.{name}")
        for detail in result.error.details:
            if detail.type_url.endswith(f".{name}"):
                return kind.FromString(detail.value)
        return None

    def batch(self, org, caller, rows, **fields):
        return self.call("InvitationService.BatchCreateInvitations",
                         {"organization_id": org, "invitations": rows, **fields}, as_user(caller))

    def reasons(self, answer):
        return [self.reason(result) for result in answer.results]


class BatchesTest(BatchTest):
    with_mail = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Batches")

    def test_r06_each_row_is_reported_truthfully(self):
        self.invite(self.org, self.ann, "ben@example.com")
        self.accept(self.token_of("ben@example.com"), "ben@example.com")

        answer = self.batch(self.org, self.ann, [
            draft("good1@example.com"), draft("not-an-address"), draft("ben@example.com"),
            draft("good2@example.com"), draft("good1@example.com"),
            draft("good3@example.com", role=0, first_name="")])

        self.assertEqual(self.reasons(answer), [
            OK, "FIELD_INVALID", "MEMBER_EXISTS", OK, "INVITATION_EXISTS", "FIELD_INVALID"])
        fields = [v.field for v in self.detail(answer.results[5], "BadRequest").field_violations]
        self.assertEqual(fields, ["invitations[5].first_name", "invitations[5].role"])
        self.assertTrue(answer.position)
        for address in ["good1@example.com", "good2@example.com"]:
            self.token_of(address)
            self.assertEqual(len(mails.mails_to(self.catcher.folder, address)), 1)

    def test_r06_a_batch_has_1_to_1000_rows(self):
        for rows in [[], [draft(f"p{i}@example.com") for i in range(1001)]]:
            with self.assertRaises(Refused) as caught:
                self.batch(self.org, self.ann, rows)
            self.assertEqual(caught.exception.code, "INVALID_ARGUMENT")

    def test_a_batch_of_bad_rows_needs_the_permission_too(self):
        with self.assertRaises(Refused) as caught:
            self.batch(self.org, "user_00000000000000000000000001", [draft("bad")])
        self.assertEqual(caught.exception.reason, "ORGANIZATION_NOT_FOUND")

    def test_validate_only_tells_what_each_row_would_get(self):
        answer = self.batch(self.org, self.ann, [draft("v@example.com"), draft("v@example.com")],
                            validate_only=True)

        self.assertEqual(self.reasons(answer), [OK, "INVITATION_EXISTS"])
        self.assertEqual((answer.results[0].invitation.id, answer.position), ("", ""))
        again = self.batch(self.org, self.ann, [draft("v@example.com")], send_email=False)
        self.assertTrue(again.results[0].accept_uri)

    def test_canceling_and_purging_by_the_dozen(self):
        created = self.batch(self.org, self.ann, [draft(f"c{i}@example.com") for i in range(3)])
        ids = [result.invitation.id for result in created.results]
        request = {"organization_id": self.org,
                   "invitation_ids": [ids[0], "C1@example.com", "inv_bad", ids[2], ids[2]]}

        answer = self.call("InvitationService.BatchCancelInvitations", request, as_user(self.ann))

        self.assertEqual(self.reasons(answer), [OK, OK, "FIELD_INVALID", OK, OK])
        bad = self.detail(answer.results[2], "BadRequest").field_violations[0]
        self.assertEqual(bad.field, "invitation_ids[2]")
        purge = {"organization_id": self.org, "states": ["INVITATION_STATE_CANCELED"],
                 "min_age": "0s"}
        counted = self.call("InvitationService.PurgeInvitations",
                            {**purge, "validate_only": True}, as_user(self.ann))
        purged = self.call("InvitationService.PurgeInvitations", purge, as_user(self.ann))
        self.assertEqual((counted.purged_count, purged.purged_count), (3, 3))
        for bad_purge in [{**purge, "states": ["INVITATION_STATE_PENDING"]},
                          {"organization_id": self.org}, {**purge, "min_age": "-1s"}]:
            refused = self.refused("InvitationService.PurgeInvitations", bad_purge,
                                   as_user(self.ann))
            self.assertEqual(refused.code, "INVALID_ARGUMENT")


class LostDatabaseTest(BatchTest):
    def test_r06_answers_agree_with_the_table_when_the_database_goes(self):
        org, ann = self.make_organization("Lost")
        over = threading.Event()

        def kill():
            while not over.wait(0.05):
                self.database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    "WHERE datname = current_database() AND pid <> "
                                    "pg_backend_pid()")
        killer = threading.Thread(target=kill)
        killer.start()
        answered, unknown = [], []
        for batch in range(25):
            rows = [draft(f"p{batch}-{i}@example.com") for i in range(60)]
            try:
                answer = self.batch(org, ann, rows)
                self.assertEqual(set(self.reasons(answer)), {OK})
                answered.append(batch)
            except Refused as refused:
                self.assertEqual(refused.code, "UNAVAILABLE", refused)
                unknown.append(batch)
        over.set()
        killer.join()

        there = dict(line.split("|") for line in self.database.query(
            "SELECT split_part(email, '-', 1), count(*) FROM usher.invitations GROUP BY 1"))
        for batch in answered:
            self.assertEqual(there.get(f"p{batch}"), "60")
        for batch in unknown:
            self.assertIn(there.get(f"p{batch}"), (None, "60"))
        self.assertEqual(self.database.query(
            "SELECT count(*) FROM usher.invitations i WHERE NOT EXISTS (SELECT FROM usher.events e "
            "WHERE e.subject_id = i.id AND e.type = 'invitation.created')"), ["0"])


class LimitsTest(BatchTest):
    with_mail = True

    def test_r07_two_replicas_keep_one_limit(self):
        org, ann = self.make_organization("Limited")
        other, bo = self.make_organization("Unlimited", "bo@example.com")
        self.database.query("UPDATE usher.organizations SET mails_per_hour = 50 "
                            "WHERE name = 'Limited'")
        replica = Usherd(self.scratch.name, self.database.conninfo,
                         "--smtp_url=smtp://127.0.0.1:1", "--mail_from=usher@example.com",
                         "--accept_uri_template=https://app.example.com/accept?token={token}")
        self.addCleanup(replica.stop)
        replica.wait_until_serving()

        first = self.batch(org, ann, [draft(f"a{i}@example.com") for i in range(40)])
        second = replica.client.call(
            "InvitationService.BatchCreateInvitations",
            {"organization_id": org,
             "invitations": [draft(f"b{i}@example.com") for i in range(20)]}, as_user(ann))

        self.assertEqual(self.reasons(first), [OK] * 40)
        self.assertEqual(self.reasons(second), [OK] * 10 + ["RATE_LIMIT"] * 10)
        row = second.results[19]
        self.assertGreater(self.detail(row, "RetryInfo").retry_delay.seconds, 3000)
        quota = self.detail(row, "QuotaFailure").violations[0]
        self.assertEqual((quota.subject, quota.description), (org, "mails_per_hour is 50"))
        refused = self.refused("InvitationService.ReinviteUser", {
            "organization_id": org, "invitation_id": first.results[0].invitation.id},
            as_user(ann))
        self.assertEqual((refused.code, refused.reason), ("RESOURCE_EXHAUSTED", "RATE_LIMIT"))
        self.invite(other, bo, "a1@example.com")
        self.assertEqual(self.database.query(
            "SELECT count(*) FROM usher.invitations i JOIN usher.organizations o "
            "ON o.id = i.organization_id WHERE o.name = 'Limited'"), ["50"])

    def test_who_asked_not_to_be_asked_again_is_left_alone(self):
        org, ann = self.make_organization("Pushy", "ann2@example.com")
        invitation = self.invite(org, ann, "no@example.com").invitation
        self.call("InvitationService.DeclineInvitation",
                  {"token": self.token_of("no@example.com"), "do_not_ask_again": True,
                   "decliner": {"email": "no@example.com"}}, SERVICE)

        for method, request in [
                ("CreateInvitation", {"invitation": draft("No@example.com")}),
                ("ReinviteUser", {"invitation_id": invitation.id})]:
            refused = self.refused(f"InvitationService.{method}",
                                   {"organization_id": org, **request}, as_user(ann))
            self.assertEqual((refused.code, refused.reason),
                             ("FAILED_PRECONDITION", "RECIPIENT_OPTED_OUT"))


if __name__ == "__main__":
    unittest.main()
