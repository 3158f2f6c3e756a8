"""The main job: invited by e-mail, the mail arrives, accepted, listed, allowed."""

import email
import email.policy
import json
import unittest
import urllib.parse

from harness import SERVICE, ServerTest, Usherd, as_user, eventually


class PathTest(ServerTest):
    with_mail = True

    def headers_to(self, address):
        mail = self.catcher.message_to(address)
        self.assertIsNotNone(mail)
        message = email.message_from_bytes(mail.file.read_bytes(), policy=email.policy.default)
        envelope = json.loads(mail.file.with_suffix(".json").read_text(encoding="utf-8"))
        return message, envelope

    def test_person_is_invited_accepts_is_listed_and_may(self):
        org, ann = self.make_organization("Path")
        site = self.call("OrganizationDirectory.CreateSite",
                         {"organization_id": org, "site": {"name": "Berlin"}}, as_user(ann)).site
        other = self.call("OrganizationDirectory.CreateSite",
                          {"organization_id": org, "site": {"name": "Lyon"}}, as_user(ann)).site
        invited = self.invite(org, ann, "ria@example.com", role="ROLE_NETWORK_ADMIN",
                              site_access={"site_ids": [site.id]})
        self.assertEqual(invited.accept_uri, "")

        token = self.token_of("ria@example.com")
        preview = self.call("InvitationService.PreviewInvitation", {"token": token}, ()).preview
        accepted = self.accept(token, "ria@example.com")

        self.assertEqual(preview.organization_name, "Path")
        self.assertEqual(list(preview.site_names), ["Berlin"])
        self.assertTrue(accepted.user_created)
        self.assertEqual(list(accepted.membership.site_access.site_ids), [site.id])
        ria = accepted.user.id
        listed = self.call("UserDirectory.ListUsers", {"organization_id": org}, as_user(ann))
        self.assertEqual({entry.email for entry in listed.entries},
                         {"ann@example.com", "ria@example.com"})
        read = self.call("UserDirectory.GetMembership",
                         {"organization_id": org, "user_id": ria}, as_user(ann)).membership
        self.assertEqual(read, accepted.membership)
        for permission, where, allowed in [
                ("devices.configure", site.id, True), ("devices.configure", other.id, False),
                ("devices.configure", "", False), ("invitations.write", "", False),
                ("organization.view", "", True), ("no.such", "", False)]:
            with self.subTest(permission=permission, site=where):
                answer = self.call("UserDirectory.CheckAccess", {
                    "user_id": ria, "organization_id": org, "permission": permission,
                    "site_id": where})
                self.assertEqual(answer.allowed, allowed)

    def test_group_changes_show_in_the_next_check(self):
        org, ann = self.make_organization("Groups", "group.ann@example.com")
        sites = [self.call("OrganizationDirectory.CreateSite",
                           {"organization_id": org, "site": {"name": name}}).site.id
                 for name in ("A", "B")]
        group = self.call("OrganizationDirectory.CreateSiteGroup", {
            "organization_id": org, "site_group": {"name": "G", "site_ids": sites[:1]}}).site_group
        self.invite(org, ann, "gro@example.com", role="ROLE_NETWORK_ADMIN",
                    site_access={"site_group_ids": [group.id]})
        member = self.accept(self.token_of("gro@example.com"), "gro@example.com").user.id
        question = {"user_id": member, "organization_id": org, "permission": "devices.operate",
                    "site_id": sites[1]}
        self.assertFalse(self.call("UserDirectory.CheckAccess", question).allowed)

        changed = self.call("OrganizationDirectory.SetSiteGroupSites", {
            "organization_id": org, "site_group_id": group.id, "site_ids": sites,
            "etag": group.etag})

        question["consistency"] = {"at_least_position": changed.position}
        self.assertTrue(self.call("UserDirectory.CheckAccess", question).allowed)
        stale = self.refused("OrganizationDirectory.SetSiteGroupSites", {
            "organization_id": org, "site_group_id": group.id, "site_ids": [],
            "etag": group.etag})
        self.assertEqual((stale.code, stale.reason), ("ABORTED", "ETAG_MISMATCH"))

    def test_r10_link_survives_plus_signs_and_odd_names(self):
        org, ann = self.make_organization("R&D + Ops #1", "r10@example.com")
        self.invite(org, ann, "gus+juniper@example.com")

        preview = self.call("InvitationService.PreviewInvitation",
                            {"token": self.token_of("gus+juniper@example.com")}, ()).preview

        self.assertEqual(preview.email, "gus+juniper@example.com")
        self.assertEqual(preview.organization_name, "R&D + Ops #1")
        message, _ = self.headers_to("gus+juniper@example.com")
        text = message.get_body(("plain",)).get_content()
        self.assertIn("R&D + Ops #1", text)
        link = next(word for word in text.split() if word.startswith("https://"))
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        self.assertEqual(list(query), ["token"])

    def test_r12_names_with_punctuation_make_valid_headers(self):
        org, ann = self.make_organization("Names", "r12@example.com")
        for i, (first, last) in enumerate([("Vic, Jr.", "O'Neil (Ops)"), ('A"B', "C\\D"),
                                           ("x@y", "z"), ("Team:", "Lee;"), ("Zoë", "田")]):
            with self.subTest(first=first):
                address = f"vic{i}@example.com"
                self.invite(org, ann, address, first_name=first, last_name=last)
                message, envelope = self.headers_to(address)
                mailboxes = message["To"].addresses
                self.assertEqual(len(mailboxes), 1)
                self.assertEqual(mailboxes[0].display_name, f"{first} {last}")
                self.assertEqual(mailboxes[0].addr_spec, address)
                self.assertEqual(envelope["to"], [address])

    def test_r13_international_domain_is_sent_as_its_a_label(self):
        org, ann = self.make_organization("Domains", "r13@example.com")

        invited = self.invite(org, ann, "wes@bücher.example.com").invitation

        self.assertEqual(invited.email, "wes@bücher.example.com")
        _, envelope = self.headers_to("wes@xn--bcher-kva.example.com")
        self.assertEqual(envelope["to"], ["wes@xn--bcher-kva.example.com"])

    def test_r23_mail_names_the_moment_of_expiry(self):
        org, ann = self.make_organization("Expiry", "r23@example.com")
        invited = self.invite(org, ann, "exp@example.com").invitation

        message, _ = self.headers_to("exp@example.com")

        expiry = invited.expire_time.ToDatetime()
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        for part in (text, html):
            self.assertIn("UTC", part)
            self.assertIn(expiry.strftime("%H:%M"), part)
            self.assertIn(str(expiry.year), part)
        self.assertEqual(message["Auto-Submitted"], "auto-generated")

    def test_delivery_shows_on_the_invitation(self):
        org, ann = self.make_organization("Delivery", "delivery@example.com")
        invited = self.invite(org, ann, "sent@example.com").invitation
        self.token_of("sent@example.com")

        def state():
            read = self.call("InvitationService.GetInvitation", {
                "organization_id": org, "invitation_id": invited.id}).invitation
            return read if read.delivery.attempts else None

        read = eventually(state, 10, "settled")
        self.assertEqual(read.delivery.state, 3)
        self.assertEqual(read.state, 1)

    def test_nothing_private_is_logged(self):
        org, ann = self.make_organization("Quiet", "quiet@example.com")
        self.invite(org, ann, "secret.person@example.com", note="private words")
        token = self.token_of("secret.person@example.com")
        self.accept(token, "secret.person@example.com")
        self.refused("InvitationService.AcceptInvitation",
                     {"token": token[:-1] + "x", "accepter": {"email": "a@example.com"}})

        log = self.server.log()

        for private in (token, token[:40], "usher_inv_", "@example.com", "private words", "Given"):
            self.assertNotIn(private, log)
        for line in self.server.log_lines():
            self.assertIn("time", line)

    def test_events_are_one_for_each_change(self):
        org, ann = self.make_organization("Events", "events@example.com")
        self.invite(org, ann, "eve@example.com")
        self.accept(self.token_of("eve@example.com"), "eve@example.com")

        def types():
            return self.database.query(
                "SELECT e.type FROM usher.events e JOIN usher.organizations o"
                " ON o.id = e.organization_id WHERE o.name = 'Events' ORDER BY e.sequence")

        # The mail is read before its end is told, so that may come before or after the acceptance.
        eventually(lambda: "delivery.sent" in types(), 10, "the mail's event")
        self.assertEqual([kind for kind in types() if kind != "delivery.sent"],
                         ["organization.created", "membership.created", "invitation.created",
                          "invitation.accepted"])
        self.assertEqual(types().count("delivery.sent"), 1)


class ReplicasTest(ServerTest):
    """Two servers with two lanes each over one database."""

    with_mail = True
    flags = ("--lanes=2",)

    def test_r35_every_mail_is_sent_once(self):
        second = Usherd(self.scratch.name, self.database.conninfo, "--lanes=2",
                        f"--smtp_url=smtp://127.0.0.1:{self.catcher.port}", "--smtp_tls=off")
        self.addCleanup(second.stop)
        second.wait_until_serving()
        org, ann = self.make_organization("Replicas")
        clients = [self.server.new_client(), second.new_client()]

        def invite(i):
            clients[i % 2].call("InvitationService.CreateInvitation", {
                "organization_id": org,
                "invitation": {"email": f"r{i}@example.com", "first_name": "R", "last_name": "",
                               "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}},
                as_user(ann))

        for i in range(60):
            invite(i)
        eventually(lambda: self.database.query(
            "SELECT count(*) FROM usher.mails WHERE state <> 2") == ["0"], 30, "all sent")
        for client in clients:
            client.close()

        recipients, ids = [], []
        for file in self.catcher.folder.glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            recipients.append(message["To"].addresses[0].addr_spec)
            ids.append(message["Message-ID"])
        self.assertEqual(sorted(recipients), sorted(f"r{i}@example.com" for i in range(60)))
        self.assertEqual(len(set(ids)), 60)


class WithoutMailerTest(ServerTest):
    def test_r34_link_is_returned_once(self):
        org, ann = self.make_organization("Quiet")

        invited = self.invite(org, ann, "ben@example.com")

        self.assertEqual(invited.invitation.delivery.state, 5)
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(invited.accept_uri).query)["token"][0]
        listed = self.call("InvitationService.ListInvitations", {"organization_id": org}, SERVICE)
        self.assertNotIn(token, str(listed))
        self.accept(token, "ben@example.com")


if __name__ == "__main__":
    unittest.main()
