"""A load of calls at a steady rate, through any gRPC channel, that remembers what failed."""

import itertools
import json
import threading
import time

import grpc

from harness import ROOT, as_user

CALL_SECONDS = 20


def balanced_channel(ports):
    """Spreads calls over the replicas and heeds their health. No policy tries a call again; what
    remains is that a call which never left the client goes to another connection."""
    config = json.loads((ROOT / "deploy/client/service_config.json").read_text(encoding="utf-8"))
    del config["methodConfig"], config["retryThrottling"]
    addresses = ",".join(f"127.0.0.1:{port}" for port in ports)
    return grpc.insecure_channel(f"ipv4:{addresses}", options=[
        ("grpc.service_config", json.dumps(config)),
        # A replica that comes back is used again soon.
        ("grpc.max_reconnect_backoff_ms", 500), ("grpc.initial_reconnect_backoff_ms", 100)])


def plain_channel(port, number):
    """One connection, whoever is behind the port. Channels of one number would share it."""
    return grpc.insecure_channel(f"127.0.0.1:{port}", options=[
        ("channel", number),
        ("grpc.max_reconnect_backoff_ms", 500), ("grpc.initial_reconnect_backoff_ms", 100)])


class Load:
    """Reads and changes, half and half, until it is stopped."""

    def __init__(self, channels, client, organization, user, rate):
        self.done, self.failed = 0, []
        self._lock = threading.Lock()
        self._running = 0
        self._stopping = threading.Event()
        self._interval = 1 / rate
        self._user = user
        self._calls = itertools.cycle(
            [method for channel in channels for method in (
                self._method(channel, "UserDirectory", "ListUsers"),
                self._method(channel, "InvitationService", "CreateInvitation"))])
        self._list = client.message_type("usher.v1.ListUsersRequest")(
            organization_id=organization, page_size=5)
        self._create = client.message_type("usher.v1.CreateInvitationRequest")(
            organization_id=organization, send_email=False)
        self._create.invitation.first_name = "Given"
        self._create.invitation.role = client.enum("usher.v1.Role").values_by_name[
            "ROLE_OBSERVER"].number
        self._create.invitation.site_access.all_sites = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @staticmethod
    def _method(channel, service, name):
        return name, channel.unary_unary(f"/usher.v1.{service}/{name}",
                                         request_serializer=lambda m: m.SerializeToString())

    def _run(self):
        start = time.monotonic()
        for number in itertools.count():
            if self._stopping.wait(max(0, start + number * self._interval - time.monotonic())):
                return
            name, method = next(self._calls)
            request = self._list
            if name == "CreateInvitation":
                request = self._create
                request.invitation.email = f"load{number}@example.com"
            with self._lock:
                self._running += 1
            call = method.future(request, timeout=CALL_SECONDS, metadata=as_user(self._user))
            call.add_done_callback(lambda call, name=name: self._ended(name, call))

    def _ended(self, name, call):
        with self._lock:
            self._running -= 1
            self.done += 1
            if call.code() != grpc.StatusCode.OK:
                self.failed.append((name, call.code().name, call.details()))

    def stop(self):
        """Waits for what runs."""
        self._stopping.set()
        self._thread.join()
        end = time.monotonic() + CALL_SECONDS + 5
        while self._running and time.monotonic() < end:
            time.sleep(0.05)
        return self
