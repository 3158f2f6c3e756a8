"""Mail servers that misbehave: retried, or shown as failed, and calls do not notice."""

import json
import pathlib
import re
import subprocess
import unittest
from email import message_from_bytes, policy

from harness import ROOT, SERVICE, ServerTest, Usherd, eventually, free_port

QUEUED, SENT, FAILED = 2, 3, 4


class DeliveryTest(ServerTest):
    """Each test has a mail server with a script of its own, and a usherd for it."""

    def start(self, script):
        folder = pathlib.Path(self.scratch.name) / f"stub-{self.id()}"
        folder.mkdir()
        stub = subprocess.Popen(
            ["/usr/bin/python3", ROOT / "tests/support/smtp_stub.py", folder, json.dumps(script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(stub.wait)
        self.addCleanup(stub.stdin.close)
        self.addCleanup(stub.stdout.close)
        self.serve_with(int(stub.stdout.readline()))
        return folder

    def serve_with(self, port):
        sender = Usherd(self.scratch.name, self.database.conninfo,
                        f"--smtp_url=smtp://127.0.0.1:{port}", "--smtp_tls=off")
        # What one test leaves is not for the next one's server.
        self.addCleanup(self.database.query, "UPDATE usher.mails SET state = 4 WHERE state = 1")
        self.addCleanup(sender.stop)
        self.sender = sender.wait_until_serving()
        self.org, self.ann = self.make_organization(self.id())

    def invite_by(self, email, *metadata):
        return self.sender.client.call("InvitationService.CreateInvitation", {
            "organization_id": self.org,
            "invitation": {"email": email, "first_name": "R", "last_name": "",
                           "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}},
            (("usher-caller", self.ann), *metadata)).invitation

    @staticmethod
    def received(folder, address):
        """The messages to an address, in the order in which they came."""
        messages = [message_from_bytes(path.read_bytes(), policy=policy.strict)
                    for path in sorted(folder.glob("*.eml"))]
        return [one for one in messages if one["to"].addresses[0].addr_spec == address]

    def delivery(self, invitation):
        return self.call("InvitationService.GetInvitation", {
            "organization_id": self.org, "invitation_id": invitation.id}).invitation.delivery

    def wait_for(self, invitation, state, attempts):
        return eventually(
            lambda: (self.delivery(invitation) if self.delivery(invitation).state == state
                     and self.delivery(invitation).attempts == attempts else None),
            15, f"state {state} after {attempts} attempts")

    def bring_forward(self):
        """As if the wait for the next attempt were over."""
        self.database.query("UPDATE usher.mails SET next_attempt_time = usher.now()"
                            " WHERE state = 1")

    def test_r33_temporary_failures_are_tried_again(self):
        folder = self.start([{"banner": "421 busy"}, {"rcpt": "451 later"}, {}])
        invitation = self.invite_by("temporary@example.com")

        self.assertEqual(self.wait_for(invitation, QUEUED, 1).smtp_code, 421)
        self.bring_forward()
        self.assertEqual(self.wait_for(invitation, QUEUED, 2).smtp_code, 451)
        self.bring_forward()
        self.wait_for(invitation, SENT, 3)

        self.assertEqual(len(list(folder.glob("*.eml"))), 1)

    def test_r33_permanent_failure_is_shown_and_the_invitation_stays_pending(self):
        folder = self.start([{"rcpt": "550 no such user"}])
        invitation = self.invite_by("permanent@example.com")

        self.assertEqual(self.wait_for(invitation, FAILED, 1).smtp_code, 550)
        self.bring_forward()

        read = self.call("InvitationService.GetInvitation", {
            "organization_id": self.org, "invitation_id": invitation.id}).invitation
        self.assertEqual(read.state, 1)
        self.assertEqual(list(folder.glob("*.eml")), [])
        self.assertEqual(self.sender.metric('usher_mail_attempts_total{outcome="permanent"}'), 1)

    def test_unknown_outcome_goes_again_with_the_same_message_id(self):
        folder = self.start([{"end": "drop"}, {}])
        invitation = self.invite_by("unknown@example.com")

        self.wait_for(invitation, QUEUED, 1)
        self.bring_forward()
        self.wait_for(invitation, SENT, 2)

        ids = [line for file in folder.glob("*.eml")
               for line in file.read_text(encoding="utf-8").splitlines()
               if line.lower().startswith("message-id:")]
        self.assertEqual(len(ids), 2)
        self.assertEqual(len(set(ids)), 1)

    def test_mail_of_an_invitation_that_is_over_is_withdrawn(self):
        folder = self.start([{"rcpt": "451 later"}, {}])
        invitation = self.invite_by("over@example.com")
        self.wait_for(invitation, QUEUED, 1)

        self.database.query("UPDATE usher.invitations SET expire_time = usher.now()"
                            " WHERE email_key = 'over@example.com'")
        self.bring_forward()

        eventually(lambda: self.database.query(
            "SELECT m.state FROM usher.mails m JOIN usher.invitations i"
            " ON i.organization_id = m.organization_id AND i.id = m.invitation_id"
            " WHERE i.email_key = 'over@example.com'") == ["4"], 10, "withdrawn")
        for file in folder.glob("*.eml"):
            self.assertNotIn("over@example.com", file.read_text(encoding="utf-8"))

    def test_calls_do_not_notice_that_no_mail_server_is_there(self):
        self.serve_with(free_port())

        for number in range(10):
            self.invite_by(f"n{number}@example.com")

        eventually(lambda: self.sender.metric(
            'usher_mail_attempts_total{outcome="temporary"}') >= 1, 15, "attempts")

    def test_a_server_that_is_away_is_left_alone_and_then_tried_with_one_mail(self):
        folder = self.start([{"banner": "421 busy"}, {"ehlo": "421 busy"}, {}])

        for number in range(20):
            self.invite_by(f"n{number}@example.com")

        eventually(lambda: len(list(folder.glob("*.eml"))) >= 10, 30, "mails")
        refused = self.sender.metric('usher_mail_attempts_total{outcome="temporary"}')
        self.assertLessEqual(refused, 2)

    def test_r33_greylisting_is_waited_out(self):
        self.start([{"rcpt": "451 4.7.1 come back later"}, {}])

        invitation = self.invite_by("grey@example.com")

        delivery = self.wait_for(invitation, QUEUED, 1)
        self.assertEqual(delivery.detail, "the mail server answered 451 4.7.1")
        self.assertEqual(self.database.query(
            "SELECT m.next_attempt_time - m.update_time FROM usher.mails m"
            " JOIN usher.invitations i ON i.organization_id = m.organization_id"
            " AND i.id = m.invitation_id WHERE i.email_key = 'grey@example.com'"), ["00:05:00"])

    def test_the_trace_of_a_call_goes_on_in_the_log_of_its_mail(self):
        self.start([{}])
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

        invitation = self.invite_by("trace@example.com", ("traceparent", trace))
        self.wait_for(invitation, SENT, 1)

        lines = [line for line in self.sender.log_lines() if line.get("trace") == trace]
        self.assertEqual([line["message"] for line in lines], ["call done", "mail attempted"])
        self.assertEqual([line["organization"] for line in lines], [self.org, self.org])
        self.assertNotIn("trace@example.com", self.sender.log())

    def test_reminders_and_answers_are_mailed_where_the_organization_wants_it(self):
        folder = self.start([{}])
        self.call("OrganizationDirectory.UpdateOrganization", {
            "organization_id": self.org, "organization": {"settings": {
                "remind_before_expiry": "86400s", "notify_inviter": True}}})
        invitation = self.invite_by("slow@example.com")
        self.wait_for(invitation, SENT, 1)

        # As if six days and a minute had passed.
        self.database.query(
            "UPDATE usher.invitations SET sent_time = sent_time - interval '6 days 1 minute',"
            " expire_time = expire_time - interval '6 days 1 minute'"
            " WHERE email_key = 'slow@example.com'")
        first, reminder = eventually(
            lambda: (found := self.received(folder, "slow@example.com"))[1:] and found, 20,
            "a reminder")
        link, again = (re.search(r"token=(\S+)", one.get_body(("plain",)).get_content())[1]
                       for one in (first, reminder))
        self.assertEqual(link, again)
        self.assertIn("expires soon", reminder["subject"])
        self.sender.client.call("InvitationService.AcceptInvitation", {
            "token": link, "accepter": {"email": "slow@example.com"}}, SERVICE)

        told, = eventually(lambda: self.received(folder, "ann@example.com"), 20, "a notice")
        self.assertEqual(told["subject"],
                         f"R accepted your invitation to {self.id()}")
        self.assertNotIn("token", told.as_string())

    def test_every_end_of_a_mail_makes_one_event(self):
        self.start([{"rcpt": "550 5.1.1 no such user"}, {}])
        self.wait_for(self.invite_by("no@example.com"), FAILED, 1)
        self.wait_for(self.invite_by("yes@example.com"), SENT, 1)

        self.assertEqual(self.database.query(
            "SELECT e.type || ' ' || (e.after ->> 'smtp_code') FROM usher.events e"
            " JOIN usher.organizations o ON o.id = e.organization_id"
            f" WHERE o.name = '{self.id()}' AND e.type LIKE 'delivery.%' ORDER BY e.sequence"),
            ["delivery.failed 550", "delivery.sent 250"])


if __name__ == "__main__":
    unittest.main()
