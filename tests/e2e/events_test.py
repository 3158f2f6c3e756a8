"""What the log of events tells, to whom, and in which order."""

import itertools
import tempfile
import time
import unittest

from google.protobuf import json_format

from harness import SERVICE, Database, Refused, ServerTest, Usherd, as_user, eventually, many

LIST = "EventLog.ListEvents"
WATCH = "EventLog.WatchEvents"
# A cluster-wide order waits for the transactions of tests that run beside this one.
SECONDS = 60


def shown(struct):
    return json_format.MessageToDict(struct)


class ListEventsTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.org, cls.ann = cls.make_organization("Acme")
        cls.other, cls.bo = cls.make_organization("Birch", "bo@example.com")
        invited = cls.invite(cls.org, cls.ann, "ben@example.com", role="ROLE_HELPDESK")
        cls.invitation = invited.invitation.id
        cls.position = invited.position
        token = invited.accept_uri.split("token=")[1]
        cls.ben = cls.accept(token, "ben@example.com").membership.user_id

    def list(self, caller=SERVICE, **request):
        return self.call(LIST, request, caller)

    def test_events_are_of_the_api_s_own_words(self):
        events = self.list(as_user(self.ann), organization_id=self.org).events

        self.assertEqual([event.type for event in events],
                         ["invitation.accepted", "invitation.created", "membership.created",
                          "organization.created"])
        created = events[1]
        self.assertRegex(created.id, "^evt_[0-9a-z]{26}$")
        self.assertEqual(created.organization_id, self.org)
        self.assertEqual(created.subject_id, self.invitation)
        self.assertEqual(created.actor.user_id, self.ann)
        self.assertEqual(created.actor.display_name, "Ann Example")
        self.assertTrue(created.position.startswith(self.position + "."))
        self.assertIn("127.0.0.1", created.peer)
        self.assertNotEqual(created.call_id, "")
        self.assertFalse(created.HasField("before"))
        after = shown(created.after)
        self.assertEqual(after["email"], "ben@example.com")
        self.assertEqual(after["role"], "ROLE_HELPDESK")
        self.assertEqual(after["site_access"], {"all_sites": True})
        self.assertRegex(after["expire_time"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        accepted = events[0]
        self.assertEqual(shown(accepted.before), {"state": "INVITATION_STATE_PENDING"})
        self.assertEqual(shown(accepted.after)["user_id"], self.ben)
        membership = shown(accepted.after)["membership"]
        self.assertEqual((membership["user_id"], membership["role"], membership["status"]),
                         (self.ben, "ROLE_HELPDESK", "MEMBERSHIP_STATUS_ACTIVE"))
        self.assertNotIn("usher_", str(events))  # No token.

    def test_users_see_their_organization_s_and_their_own(self):
        refused = self.refused(LIST, {"organization_id": self.org}, as_user(self.ben))
        self.assertEqual(refused.reason, "PERMISSION_MISSING")
        refused = self.refused(LIST, {"organization_id": self.org}, as_user(self.bo))
        self.assertEqual(refused.reason, "ORGANIZATION_NOT_FOUND")

        own = self.list(as_user(self.ben)).events

        self.assertEqual([event.type for event in own], ["invitation.accepted"])
        self.assertEqual(own[0].peer, "")

    def test_services_see_all_organizations(self):
        organizations = {event.organization_id for event in self.list().events}

        self.assertEqual(organizations, {self.org, self.other})

    def test_a_change_s_own_request_id_is_told(self):
        self.call("OrganizationDirectory.CreateSite",
                  {"organization_id": self.other, "site": {"name": "Oslo"}, "request_id": "mine"})

        (event,) = self.list(organization_id=self.other,
                             filter={"types": ["site.created"]}).events

        self.assertEqual(event.request_id, "mine")
        self.assertEqual(event.actor.service, "service")

    def test_filters_and_pages(self):
        query = {"organization_id": self.org, "order_by": "position", "page_size": 1,
                 "filter": {"types": ["invitation.*", "organization.created"]}}
        seen = []
        while True:
            page = self.call(LIST, query, as_user(self.ann))
            seen += [event.type for event in page.events]
            if not page.next_page_token:
                break
            query["page_token"] = page.next_page_token

        self.assertEqual(seen, ["organization.created", "invitation.created",
                                "invitation.accepted"])
        refused = self.refused(LIST, {**query, "order_by": "position desc"}, as_user(self.ann))
        self.assertEqual(refused.reason, "PAGE_TOKEN_INVALID")
        by_ben = self.list(organization_id=self.org, filter={"actor_user_id": self.ben})
        self.assertEqual([event.type for event in by_ben.events], ["invitation.accepted"])
        about = self.list(filter={"subject_id": self.ben})
        self.assertEqual(len(about.events), 0)

    def test_every_bad_field_is_named(self):
        refused = self.refused(LIST, {
            "organization_id": "user_01jdhx0000e008000000000000", "page_size": -1,
            "order_by": "type",
            "filter": {"types": ["invitation", "Invitation.created", "a.*"], "actor_user_id": "x",
                       "subject_id": "page_01jdhx0000e008000000000000"}})

        named = {violation.split(":")[0] for violation in refused.violations}
        self.assertEqual(named, {"organization_id", "page_size", "order_by", "filter.types[0]",
                                 "filter.types[1]", "filter.actor_user_id", "filter.subject_id"})


def events_of(stream):
    return (answer.event for answer in stream if answer.HasField("event"))


def take(stream, count):
    return list(itertools.islice(events_of(stream), count))


def told(events):
    """For comparing what different clients got, whose messages are of different classes."""
    return [str(event) for event in events]


class WatchEventsTest(ServerTest):
    flags = ("--lanes=2", "--database_connections=2")

    def setUp(self):
        self.org, self.ann = self.make_organization(self.id(), f"{self._testMethodName}@example.com")

    def watch(self, caller=SERVICE, server=None, **request):
        """A stream of its own connection, and the position it begins at."""
        client = (server or self.server).new_client()
        self.addCleanup(client.close)
        stream = client.stream(WATCH, request, caller, SECONDS)
        self.addCleanup(stream.cancel)
        return stream, next(stream).heartbeat.position

    def add_site(self, name, server=None):
        return (server or self.server).client.call(
            "OrganizationDirectory.CreateSite",
            {"organization_id": self.org, "site": {"name": name}}, SERVICE)

    def refused_by(self, stream):
        with self.assertRaises(Refused) as caught:
            for _ in stream:
                pass
        return caught.exception

    def test_brings_each_event_once_from_any_replica(self):
        second = Usherd(self.scratch.name, self.database.conninfo).wait_until_serving()
        self.addCleanup(second.stop)
        streams = [self.watch(organization_id=self.org)[0],
                   self.watch(as_user(self.ann), second, organization_id=self.org)[0]]

        many(20, lambda i: self.add_site(f"Site {i}", self.server if i % 2 else second))

        seen = [take(stream, 20) for stream in streams]
        names = [{event.after["name"] for event in events} for events in seen]
        self.assertEqual(names, [{f"Site {i}" for i in range(20)}] * 2)
        self.assertEqual(told(seen[0]), told(seen[1]))

    def test_continues_from_any_position(self):
        stream, start = self.watch(organization_id=self.org)
        position = self.add_site("First").position
        self.add_site("Second")
        first, second = take(stream, 2)

        for after, expected in ((start, [first, second]), (first.position, [second]),
                                (position, [second])):
            resumed, begins = self.watch(organization_id=self.org, after_position=after)
            self.assertEqual(begins, after)
            self.assertEqual(told(take(resumed, len(expected))), told(expected))
        whole, _ = self.watch(organization_id=self.org, after_position="0")
        self.assertEqual([event.type for event in take(whole, 4)],
                         ["organization.created", "membership.created", "site.created",
                          "site.created"])

    def test_heartbeats_go_on_and_carry_the_position(self):
        stream, start = self.watch(organization_id=self.org, heartbeat_interval="1s")
        self.add_site("One")
        (event,) = take(stream, 1)

        beats = [next(stream).heartbeat for _ in range(2)]

        self.assertTrue(all(beat.position for beat in beats))
        resumed, _ = self.watch(organization_id=self.org, after_position=beats[1].position)
        self.add_site("Two")
        (next_event,) = take(resumed, 1)
        self.assertNotEqual(next_event.id, event.id)
        self.assertNotEqual(start, "")

    def test_a_user_follows_themselves(self):
        invited = self.invite(self.org, self.ann, "self@example.com")
        ben = self.accept(invited.accept_uri.split("token=")[1],
                          "self@example.com").membership.user_id
        stream, _ = self.watch(as_user(ben), user_id=ben, after_position="0")

        self.call("UserDirectory.SuspendMembership",
                  {"organization_id": self.org, "user_id": ben}, as_user(self.ann))

        events = take(stream, 2)
        self.assertEqual([event.type for event in events],
                         ["invitation.accepted", "membership.suspended"])
        self.assertEqual(events[1].peer, "")
        refused = self.refused_by(self.client.stream(WATCH, {"user_id": self.ann}, as_user(ben)))
        self.assertEqual(refused.reason, "USER_NOT_FOUND")

    def test_ends_with_the_reason_when_the_right_is_lost(self):
        invited = self.invite(self.org, self.ann, "oz@example.com", role="ROLE_SUPER_USER")
        oz = self.accept(invited.accept_uri.split("token=")[1],
                         "oz@example.com").membership.user_id
        stream, _ = self.watch(as_user(oz), organization_id=self.org)

        self.call("UserDirectory.UpdateMembership",
                  {"organization_id": self.org, "user_id": oz,
                   "membership": {"role": "ROLE_OBSERVER"}, "update_mask": "role"},
                  as_user(self.ann))

        self.assertEqual(self.refused_by(stream).reason, "PERMISSION_MISSING")

    def test_refuses_what_cannot_be_watched(self):
        org = {"organization_id": self.org}
        for request, fields in (
                ({}, ["organization_id"]), ({**org, "user_id": self.ann}, ["organization_id"]),
                ({**org, "after_position": "x"}, ["after_position"]),
                ({**org, "after_position": "9999999999999.1"}, ["after_position"]),
                ({**org, "heartbeat_interval": "0.5s"}, ["heartbeat_interval"]),
                ({**org, "filter": {"event_time": {}, "types": ["?"]}},
                 ["filter.types[0]", "filter.event_time"])):
            refused = self.refused_by(self.client.stream(WATCH, request, SERVICE))
            self.assertEqual([v.split(":")[0] for v in refused.violations], fields)
        _, other = self.make_organization(f"Other {self.id()}", "other@example.com")
        refused = self.refused_by(self.client.stream(WATCH, org, as_user(other)))
        self.assertEqual(refused.reason, "ORGANIZATION_NOT_FOUND")

    def test_a_client_that_leaves_is_noticed_at_once(self):
        streams = [self.watch(organization_id=self.org)[0] for _ in range(20)]
        self.assertGreaterEqual(self.server.metric("usher_event_streams"), 20)

        for stream in streams:
            stream.cancel()

        eventually(lambda: self.server.metric("usher_event_streams") == 0, 10, "no stream")

    def test_r41_who_does_not_read_is_told_and_holds_nothing(self):
        stream, _ = self.watch(organization_id=self.org)
        refusals = 'usher_refusals_total{reason="OVERLOADED"}'
        before = self.server.metric(refusals)

        self.database.query(
            "INSERT INTO usher.events (organization_id, type, subject_id, origin, after,"
            " create_time) SELECT o.id, 'site.updated', gen_random_uuid(), '{}',"
            " jsonb_build_object('description', repeat('x', 2000)), now()"
            f" FROM usher.organizations o, generate_series(1, 3000) WHERE o.name = '{self.id()}'")

        eventually(lambda: self.server.metric(refusals) > before, SECONDS, "OVERLOADED")
        self.assertEqual(self.refused_by(stream).reason, "OVERLOADED")
        eventually(lambda: self.server.metric("usher_event_streams") == 0, 10, "no stream")


class StreamsAndShutdownTest(unittest.TestCase):
    def start(self, *flags):
        scratch = tempfile.TemporaryDirectory(prefix="usher-e2e-")
        self.addCleanup(scratch.cleanup)
        database = Database()
        self.addCleanup(database.drop)
        server = Usherd(scratch.name, database.conninfo, *flags).wait_until_serving()
        self.addCleanup(server.stop)
        created = server.client.call("OrganizationDirectory.CreateOrganization", {
            "organization": {"name": "Acme"},
            "first_super_user": {"email": "ann@example.com", "first_name": "Ann"}}, SERVICE)
        return server, database, created.organization.id

    def open(self, server, org):
        client = server.new_client()
        self.addCleanup(client.close)
        stream = client.stream(WATCH, {"organization_id": org}, SERVICE)
        next(stream)
        return stream

    def test_there_is_a_limit_on_streams_which_calls_do_not_share(self):
        server, _, org = self.start("--max_streams=2", "--max_calls=1")
        first, second = self.open(server, org), self.open(server, org)

        with self.assertRaises(Refused) as caught:
            self.open(server, org)

        self.assertEqual(caught.exception.reason, "OVERLOADED")
        server.client.call(LIST, {"organization_id": org}, SERVICE)
        first.cancel()
        eventually(lambda: server.metric("usher_event_streams") == 1, 10, "room")
        self.open(server, org)
        second.cancel()

    def test_streams_end_cleanly_when_the_server_drains(self):
        server, _, org = self.start("--drain_timeout=20s")
        stream = self.open(server, org)
        start = time.monotonic()

        server.terminate()
        with self.assertRaises(Refused) as caught:
            next(stream)

        self.assertEqual(caught.exception.code, "UNAVAILABLE")
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - start, 10)

    def test_r41_a_stream_that_is_never_read_does_not_hold_the_exit(self):
        server, database, org = self.start("--drain_timeout=2s")
        stream = self.open(server, org)
        sent = ('grpc_server_msg_sent_total{grpc_method="WatchEvents",'
                'grpc_service="usher.v1.EventLog",grpc_type="server_stream"}')
        database.query(
            "INSERT INTO usher.events (organization_id, type, subject_id, origin, after,"
            " create_time) SELECT id, 'site.updated', gen_random_uuid(), '{}',"
            " jsonb_build_object('description', repeat('x', 2000)), now()"
            " FROM usher.organizations, generate_series(1, 3000)")
        eventually(lambda: server.metric(sent) > 10, SECONDS, "a write that waits")

        start = time.monotonic()
        self.assertEqual(server.stop(), 0)

        self.assertLess(time.monotonic() - start, 2 + 5)
        stream.cancel()


class AnnouncerTest(ServerTest):
    def test_tells_that_an_invitation_expired(self):
        org, ann = self.make_organization("Acme")
        invited = self.invite(org, ann, "ben@example.com")
        self.database.query("UPDATE usher.invitations SET expire_time = now()")

        def expired():
            return self.call(LIST, {"organization_id": org,
                                    "filter": {"types": ["invitation.expired"]}}).events

        (event,) = eventually(expired, 30, "the announcement")
        self.assertEqual(event.subject_id, invited.invitation.id)
        self.assertTrue(event.actor.system)
        self.assertEqual(shown(event.before), {"state": "INVITATION_STATE_PENDING"})
        self.assertEqual(shown(event.after), {"state": "INVITATION_STATE_EXPIRED"})
        self.assertEqual(self.server.metric(
            'usher_announcements_total{type="invitation.expired"}'), 1)


if __name__ == "__main__":
    unittest.main()
