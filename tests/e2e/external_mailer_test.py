"""A service that sends usher's mails itself: it claims, sends, settles and reports."""

import email
import email.policy
import unittest

from harness import SERVICE, ServerTest, as_user, many

QUEUED, SENT, FAILED = 2, 3, 4
INVITATION, REMINDER, DECLINED = 1, 2, 4


class ExternalMailerTest(ServerTest):
    flags = ("--mail_external", "--mail_from=Usher <invitations@example.com>",
             "--accept_uri_template=https://app.example.com/accept?token={token}")

    def setUp(self):
        self.database.query("UPDATE usher.mails SET state = 4 WHERE state = 1")
        self.org, self.ann = self.make_organization(self.id()[-60:])

    def claim(self, **fields):
        return self.call("MailDelivery.ClaimDeliveries", fields).deliveries

    def claim_alone(self, **fields):
        """Over a connection of its own, for claims at once."""
        client = self.server.new_client()
        self.addCleanup(client.close)
        return list(client.call("MailDelivery.ClaimDeliveries", fields, SERVICE).deliveries)

    def settle(self, claimed, outcome, **fields):
        return self.call("MailDelivery.SettleDelivery", {
            "delivery_id": claimed.delivery_id, "lease_id": claimed.lease_id,
            "outcome": f"DELIVERY_OUTCOME_{outcome}", **fields}).delivery

    def report(self, what, **fields):
        return self.call("MailDelivery.ReportDelivery",
                         {"report": f"DELIVERY_REPORT_{what}", **fields}).delivery

    def delivery(self, invitation):
        return self.call("InvitationService.GetInvitation", {
            "organization_id": self.org, "invitation_id": invitation.id}).invitation.delivery

    def test_a_mail_is_claimed_sent_and_settled_and_its_link_accepted(self):
        created = self.invite(self.org, self.ann, "vic@example.com", locale="fr-CA")
        self.assertEqual(created.accept_uri, "")
        self.assertEqual(created.invitation.delivery.state, QUEUED)

        claimed, = self.claim(lease="60s")

        message = email.message_from_bytes(claimed.mime, policy=email.policy.strict)
        self.assertEqual(message["to"].addresses[0].addr_spec, claimed.recipient)
        self.assertEqual(message["message-id"], f"<{claimed.message_id}>")
        self.assertEqual(message["subject"], claimed.subject)
        self.assertEqual(claimed.locale, "fr")
        self.assertIn(claimed.accept_uri, claimed.text)
        self.assertEqual(self.settle(claimed, "SENT", smtp_code=250).state, SENT)
        self.assertEqual(self.settle(claimed, "SENT", smtp_code=250).state, SENT)
        self.assertEqual(self.delivery(created.invitation).state, SENT)
        self.accept(claimed.accept_uri.split("token=")[1], "vic@example.com")

    def test_r35_ten_mailers_at_once_get_each_mail_once(self):
        for number in range(30):
            self.invite(self.org, self.ann, f"n{number}@example.com")

        batches = many(10, lambda _: self.claim_alone(max_deliveries=5))
        rest = list(self.claim(max_deliveries=100))

        recipients = [one.recipient for batch in [*batches, rest] for one in batch]
        self.assertEqual(len(recipients), 30)
        self.assertEqual(len(set(recipients)), 30)

    def test_a_claim_waits_for_mail(self):
        def work(index):
            if index == 0:
                return self.claim_alone(wait="8s")
            return self.invite(self.org, self.ann, "late@example.com")

        claimed, created = many(2, work)

        self.assertEqual([one.invitation_id for one in claimed], [created.invitation.id])

    def test_to_validate_tells_without_links_and_leases_nothing(self):
        self.invite(self.org, self.ann, "vic@example.com")

        told, = self.claim(validate_only=True)

        self.assertEqual(told.recipient, "vic@example.com")
        self.assertEqual((told.lease_id, told.accept_uri, told.text, told.mime), ("", "", "", b""))
        self.assertEqual(len(self.claim()), 1)

    def test_reminders_and_notices_are_handed_out_too(self):
        self.call("OrganizationDirectory.UpdateOrganization", {
            "organization_id": self.org, "organization": {"settings": {
                "remind_before_expiry": "3600s", "notify_inviter": True}}})
        created = self.invite(self.org, self.ann, "vic@example.com")
        first, = self.claim()
        self.assertEqual(first.kind, INVITATION)
        self.settle(first, "SENT")
        self.database.query("UPDATE usher.invitations SET expire_time = usher.now()"
                            " + interval '30 minutes', sent_time = usher.now() - interval '1 day'")

        reminder, = self.claim(wait="20s")

        self.assertEqual((reminder.kind, reminder.recipient, reminder.accept_uri),
                         (REMINDER, "vic@example.com", first.accept_uri))
        self.assertEqual(self.settle(reminder, "SENT").state, SENT)
        self.call("InvitationService.DeclineInvitation", {
            "token": first.accept_uri.split("token=")[1],
            "decliner": {"email": "vic@example.com"}})
        notice, = self.claim()
        self.assertEqual((notice.kind, notice.recipient, notice.accept_uri),
                         (DECLINED, "ann@example.com", ""))
        self.assertEqual(notice.invitation_id, created.invitation.id)
        self.assertNotIn("token", notice.text + notice.html + notice.mime.decode())

    def test_r08_a_repeated_claim_gets_what_it_has_leased_and_nothing_more(self):
        self.invite(self.org, self.ann, "vic@example.com")
        first, = self.claim(request_id="claim")
        self.invite(self.org, self.ann, "wes@example.com")

        again, = self.claim(request_id="claim")
        for field in ("delivery_id", "lease_id", "lease_expire_time", "attempt", "accept_uri"):
            self.assertEqual(getattr(again, field), getattr(first, field))
        self.settle(first, "SENT")

        self.assertEqual(list(self.claim(request_id="claim")), [])
        refused = self.refused("MailDelivery.ClaimDeliveries",
                               {"request_id": "claim", "max_deliveries": 3})
        self.assertEqual(refused.reason, "REQUEST_ID_REUSED")
        self.assertEqual([one.recipient for one in self.claim()], ["wes@example.com"])

    def test_invitations_show_when_their_mail_is_tried_next(self):
        created = self.invite(self.org, self.ann, "vic@example.com")
        self.assertTrue(created.invitation.delivery.HasField("next_attempt_time"))
        claimed, = self.claim()

        told = self.settle(claimed, "TEMPORARY", retry_delay="3600s")

        self.assertEqual(self.delivery(created.invitation).next_attempt_time,
                         told.next_attempt_time)
        listed, = self.call("InvitationService.ListInvitations",
                            {"organization_id": self.org}).invitations
        self.assertEqual(listed.delivery.next_attempt_time, told.next_attempt_time)

    def test_a_temporary_failure_waits_as_told_and_a_permanent_one_is_shown(self):
        first = self.invite(self.org, self.ann, "first@example.com").invitation
        claimed, = self.claim()

        status = self.settle(claimed, "TEMPORARY", smtp_code=452, retry_delay="3600s",
                             detail="full")

        self.assertEqual(status.state, QUEUED)
        self.assertGreater(status.next_attempt_time.seconds, claimed.lease_expire_time.seconds)
        self.assertEqual(self.delivery(first).smtp_code, 452)
        self.assertEqual(list(self.claim()), [])
        self.database.query("UPDATE usher.mails SET next_attempt_time = usher.now()")
        again, = self.claim()
        self.assertEqual((again.attempt, again.message_id), (2, claimed.message_id))
        self.assertEqual(self.settle(again, "PERMANENT", smtp_code=550).state, FAILED)

    def test_a_bounce_fails_the_delivery_and_the_address_is_listed_until_it_is_deleted(self):
        created = self.invite(self.org, self.ann, "bounce@example.com")
        claimed, = self.claim()
        self.settle(claimed, "SENT")

        status = self.report("HARD_BOUNCE", message_id=f"<{claimed.message_id}>", smtp_code=550,
                             detail="no such mailbox")

        self.assertEqual((status.state, status.smtp_code), (FAILED, 550))
        self.assertEqual(self.delivery(created.invitation).detail, "no such mailbox")
        only = {"filter": {"email": "BOUNCE@example.com"}}
        listed, = self.call("MailDelivery.ListSuppressions", only).suppressions
        self.assertEqual((listed.email, listed.organization_id, listed.cause),
                         ("bounce@example.com", "", 1))
        forgotten = {"email": "bounce@example.com", "request_id": "forget"}
        self.call("MailDelivery.DeleteSuppression", forgotten)
        self.call("MailDelivery.DeleteSuppression", forgotten)
        self.assertEqual(len(self.call("MailDelivery.ListSuppressions", only).suppressions), 0)
        refused = self.refused("MailDelivery.DeleteSuppression", {"email": "bounce@example.com"})
        self.assertEqual(refused.reason, "SUPPRESSION_NOT_FOUND")

    def test_suppressions_are_paged_in_the_order_that_was_asked_for(self):
        self.database.query(
            "INSERT INTO usher.suppressions (email_key, cause, create_time)"
            " SELECT 'page' || n || '@example.com', 2, usher.now() FROM generate_series(1, 5) n")
        query = {"page_size": 2, "order_by": "email desc", "filter": {"causes": [
            "SUPPRESSION_CAUSE_COMPLAINT"]}}

        seen, token = [], ""
        while True:
            page = self.call("MailDelivery.ListSuppressions", {**query, "page_token": token})
            seen += [one.email for one in page.suppressions]
            token = page.next_page_token
            if not token:
                break

        self.assertEqual(seen, [f"page{n}@example.com" for n in (5, 4, 3, 2, 1)])

    def test_only_services_may_call_and_fields_are_checked(self):
        refused = self.refused("MailDelivery.ClaimDeliveries", {}, as_user(self.ann))
        self.assertEqual(refused.reason, "PERMISSION_MISSING")
        for method, request, field in [
                ("ClaimDeliveries", {"max_deliveries": 101}, "max_deliveries"),
                ("ClaimDeliveries", {"lease": "5s"}, "lease"),
                ("ClaimDeliveries", {"wait": "31s"}, "wait"),
                ("SettleDelivery", {"delivery_id": "dlv_x"}, "lease_id"),
                ("ReportDelivery", {"report": "DELIVERY_REPORT_COMPLAINT"}, "delivery_id"),
                ("ListSuppressions", {"order_by": "cause"}, "order_by"),
                ("DeleteSuppression", {}, "email")]:
            with self.subTest(method=method, field=field):
                refused = self.refused(f"MailDelivery.{method}", request, SERVICE)
                self.assertEqual(refused.reason, "FIELD_INVALID")
                self.assertTrue(any(one.startswith(field) for one in refused.violations))

    def test_an_unknown_delivery_is_not_found(self):
        refused = self.refused("MailDelivery.ReportDelivery", {
            "message_id": "<someone@elsewhere.example>", "report": "DELIVERY_REPORT_COMPLAINT"})
        self.assertEqual(refused.reason, "DELIVERY_NOT_FOUND")


if __name__ == "__main__":
    unittest.main()
