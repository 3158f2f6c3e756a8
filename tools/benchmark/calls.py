"""Requests of every RPC that is measured, and files of them as bench_load reads them."""

import itertools
import random

import ids
from data import FIRST_SMALL, IN_MEDIUM, IN_SMALL, LARGE, MEDIUM
from stand import SERVICE

BATCH = 1000
PERMISSIONS = ("devices.configure", "members.read", "monitoring.read", "invitations.write")


class Calls:
    """Makes requests. Reads name rows that are there, any of them; changes name each row once."""

    def __init__(self, client, organizations, large):
        self.client = client
        self.organizations = organizations
        self.sizes = {MEDIUM: IN_MEDIUM, LARGE: large}
        self.random = random.Random(1)
        self.fresh = itertools.count()
        self.canceled = itertools.count(1)

    def write(self, path, method, requests):
        """Writes dictionaries as a file of messages; returns how many."""
        service, name = method.split(".")
        described = {m.name: m for m in self.client.methods(f"usher.v1.{service}")}[name]
        message = self.client.message_type(described.input_type.full_name)
        count = 0
        with open(path, "wb") as file:
            for request in requests:
                data = message(**request).SerializeToString()
                file.write(len(data).to_bytes(4, "big") + data)
                count += 1
        return count

    def some_organization(self):
        return self.random.randrange(FIRST_SMALL, FIRST_SMALL + self.organizations)

    def some_row(self, organization):
        return self.random.randint(1, self.sizes.get(organization, IN_SMALL))

    def check_access(self, organization):
        # Half of the questions name a site, as services do that ask about a device.
        question = {"user_id": ids.user(self.some_row(organization)),
                    "organization_id": ids.organization(organization),
                    "permission": self.random.choice(PERMISSIONS)}
        if self.random.random() < 0.5:
            question["site_id"] = ids.site(organization, self.random.randint(1, 20))
        return question

    def check_access_fully(self, organization):
        return {**self.check_access(organization),
                "consistency": {"mode": "CONSISTENCY_MODE_FULLY_CONSISTENT"}}

    def batch_check_access(self, organization):
        return {"checks": [self.check_access(organization) for _ in range(100)]}

    def get_invitation(self, organization):
        return {"organization_id": ids.organization(organization),
                "invitation_id": ids.invitation(organization, self.some_row(organization))}

    def get_user(self, organization):
        return {"user_id": ids.user(self.some_row(organization))}

    def get_membership(self, organization):
        return {"organization_id": ids.organization(organization), **self.get_user(organization)}

    def list_page(self, organization):
        return {"organization_id": ids.organization(organization), "page_size": 50}

    def search(self, organization):
        needle = f"last{self.random.randrange(997)} "
        return {**self.list_page(organization), "filter": {"search": needle.strip()}}

    def list_mine(self, organization):
        return {"email": f"invited{self.random.randint(1, IN_SMALL)}@example.com", "page_size": 50}

    def invitee(self):
        return {"email": f"new{next(self.fresh)}@example.net", "first_name": "New",
                "last_name": "Person", "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}

    def create(self, organization):
        return {"organization_id": ids.organization(organization or self.some_organization()),
                "invitation": self.invitee(), "send_email": True}

    def create_with_request_id(self, organization):
        return {**self.create(organization), "request_id": f"request-{next(self.fresh)}"}

    def batch_create(self, organization):
        return {"organization_id": ids.organization(organization or self.some_organization()),
                "invitations": [self.invitee() for _ in range(BATCH)], "send_email": False}

    def cancel(self, organization):
        return {"organization_id": ids.organization(LARGE),
                "invitation_id": ids.invitation(LARGE, next(self.canceled))}

    def tokens(self, organization, count):
        """(token, address) of so many new pending invitations."""
        made = 0
        while made < count:
            request = self.batch_create(organization)
            answer = self.client.call("InvitationService.BatchCreateInvitations", request, SERVICE,
                                      seconds=60)
            for result in answer.results:
                yield result.accept_uri.rsplit("=", 1)[1], result.invitation.email
            made += len(answer.results)

    def accept(self, organization, count):
        for token, email in self.tokens(organization, count):
            yield {"token": token, "accepter": {"email": email}}

    def decline(self, organization, count):
        for token, email in self.tokens(organization, count):
            yield {"token": token, "decliner": {"email": email}}

    def preview(self, organization, count):
        for token, _ in self.tokens(organization, count):
            yield {"token": token}
