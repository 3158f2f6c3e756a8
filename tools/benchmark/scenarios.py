"""What is measured: each scenario is an RPC with a load."""

import dataclasses

from data import LARGE, MEDIUM

READS, CHANGES, LISTS = "reads", "changes", "lists"


@dataclasses.dataclass(frozen=True)
class Rpc:
    """An RPC as the bench calls it. `make` names the method of Calls that makes a request, or, for
    one that needs tokens, all of them."""
    method: str
    make: str
    kind: str
    at_once: bool = False
    # How the names of its statements begin, where pgbench runs them too.
    statements: tuple = ()
    rows: int = 1
    # Each call uses up a row that takes time to make.
    scarce: bool = False


RPCS = {
    # From memory, where an answer of PostgreSQL's is known already.
    "CheckAccess": Rpc("UserDirectory.CheckAccess", "check_access", READS),
    "CheckAccess, fully consistent": Rpc("UserDirectory.CheckAccess", "check_access_fully", READS,
                                         statements=("directory.check_access",)),
    "GetInvitation": Rpc("InvitationService.GetInvitation", "get_invitation", READS,
                         statements=("invitations.get",)),
    "GetUser": Rpc("UserDirectory.GetUser", "get_user", READS,
                   statements=("directory.get_user",)),
    "GetMembership": Rpc("UserDirectory.GetMembership", "get_membership", READS,
                         statements=("directory.get_membership",)),
    "PreviewInvitation": Rpc("InvitationService.PreviewInvitation", "preview", READS, at_once=True),
    "BatchCheckAccess of 100": Rpc("UserDirectory.BatchCheckAccess", "batch_check_access", LISTS,
                                   rows=100),
    "ListUsers of 50": Rpc("UserDirectory.ListUsers", "list_page", LISTS,
                            statements=("directory.list_users", "storage.plan")),
    "ListUsers, search": Rpc("UserDirectory.ListUsers", "search", LISTS),
    "ListInvitations of 50": Rpc("InvitationService.ListInvitations", "list_page", LISTS),
    "ListMyInvitations of 50": Rpc("InvitationService.ListMyInvitations", "list_mine", LISTS),
    "CreateInvitation": Rpc("InvitationService.CreateInvitation", "create", CHANGES,
                            statements=("invitations.create",)),
    "CreateInvitation with request_id": Rpc("InvitationService.CreateInvitation",
                                            "create_with_request_id", CHANGES),
    "AcceptInvitation": Rpc("InvitationService.AcceptInvitation", "accept", CHANGES, at_once=True,
                            statements=("invitations.lock_organization", "invitations.accept")),
    "DeclineInvitation": Rpc("InvitationService.DeclineInvitation", "decline", CHANGES,
                             at_once=True),
    "CancelInvitation": Rpc("InvitationService.CancelInvitation", "cancel", CHANGES, scarce=True),
    "BatchCreateInvitations of 1000": Rpc("InvitationService.BatchCreateInvitations",
                                          "batch_create", CHANGES, rows=1000),
}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """An RPC under a load: closed loop with so many in flight, or open loop with so much of what
    `half_of` reached."""
    rpc: str
    in_flight: int = 64
    server: str = "usherd"
    organization: int = 0  # 0: the large one for reads, any small one for changes
    share: float = 0       # of the rate of the closed loop with 64 in flight

    @property
    def name(self):
        size = {MEDIUM: ", 1,000 rows", LARGE: ", all rows"}.get(self.organization, "")
        load = f"{self.share:.0%} of its rate" if self.share else f"{self.in_flight}"
        server = "" if self.server == "usherd" else f", {self.server}"
        return f"{self.rpc}{size}{server}, {load}"


SHARING_OFF = "sharing off"
WITH_LEVELS = ("GetInvitation", "CreateInvitation")
GROWING = ("GetInvitation", "CheckAccess", "ListUsers of 50", "ListUsers, search",
           "CreateInvitation", "AcceptInvitation")
TIMED = ("CheckAccess", "GetInvitation", "CreateInvitation", "AcceptInvitation")
UNSHARED = ("GetInvitation", "CheckAccess, fully consistent", "CreateInvitation", "AcceptInvitation")
FEW = {"BatchCreateInvitations of 1000": 2, "BatchCheckAccess of 100": 16}


def closed(quick):
    """Throughput: every RPC, and some at several levels."""
    for rpc in RPCS:
        yield Scenario(rpc, in_flight=FEW.get(rpc, 64))
        if rpc in WITH_LEVELS:
            for level in ((1, 256) if quick else (1, 4, 16, 256)):
                yield Scenario(rpc, in_flight=level)
        if rpc in UNSHARED:
            yield Scenario(rpc, server=SHARING_OFF)


def opened(quick):
    """Latency: at parts of what the closed loop has reached."""
    for rpc in TIMED:
        for share in ((0.5,) if quick else (0.25, 0.5, 0.75, 0.9)):
            yield Scenario(rpc, share=share)


def growth():
    """The same in an organization of a thousand rows and in the large one."""
    for rpc in GROWING:
        for organization in (MEDIUM, LARGE):
            yield Scenario(rpc, organization=organization)
