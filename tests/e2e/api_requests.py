"""Well-formed requests for every unary method of the API, made from its descriptors.

A method that takes more than ids is listed in MORE; everything else is filled in by the fields' names, so
that a method that is added to the API is tested without being listed anywhere.
"""

from google.protobuf.descriptor import FieldDescriptor

INVITATION = {"email": "new@example.com", "first_name": "New", "last_name": "Person",
              "role": "ROLE_OBSERVER", "site_access": {"all_sites": True}}
MORE = {
    "CreateInvitation": {"invitation": INVITATION},
    "BatchCreateInvitations": {"invitations": [INVITATION]},
    "UpdateInvitation": {"invitation": {"role": "ROLE_HELPDESK"}},
    "AcceptInvitation": {"accepter": {"email": "ben@example.com"}},
    "DeclineInvitation": {"decliner": {"email": "ben@example.com"}},
    "PurgeInvitations": {"states": ["INVITATION_STATE_CANCELED"], "min_age": "3600s"},
    "CreateOrganization": {"organization": {"name": "New"},
                           "first_super_user": {"email": "new@example.com", "first_name": "New"}},
    "UpdateOrganization": {"organization": {"name": "Other"}},
    "CreateSite": {"site": {"name": "New"}},
    "UpdateSite": {"site": {"description": "Other"}},
    "CreateSiteGroup": {"site_group": {"name": "New"}},
    "UpdateSiteGroup": {"site_group": {"description": "Other"}},
    "UpdateMembership": {"membership": {"role": "ROLE_HELPDESK"}},
    "CreateUser": {"user": {"email": "new@example.com", "first_name": "New"}},
    "UpdateUser": {"user": {"first_name": "Other"}},
    "UpsertUser": {"identity": {"issuer": "https://id.example.com", "subject": "new"},
                   "email": "new@example.com", "first_name": "New"},
    "CheckAccess": {"permission": "members.read"},
    "ListAccessibleSites": {"permission": "sites.read"},
}
# Top-level fields of which a request has one.
EITHER = {"GetUser": {"user_id", "identity"}, "ListMemberships": {"organization_id", "user_id"},
          "CancelInvitation": {"invitation_id", "email"}}
SERVICES = ("InvitationService", "UserDirectory", "OrganizationDirectory", "EventLog")


def unary_methods(client):
    """(name, descriptor) of every unary method that works on organizations."""
    for service in SERVICES:
        for method in client.methods(f"usher.v1.{service}"):
            if not getattr(method, "server_streaming", False) and method.name != "WatchEvents":
                yield f"{service}.{method.name}", method


def every_method(client):
    """(name, descriptor) of every method of the API."""
    for service in (*SERVICES, "MailDelivery"):
        for method in client.methods(f"usher.v1.{service}"):
            yield f"{service}.{method.name}", method


def with_ids(method, ids):
    """A request of the method with `ids` in the top-level fields of those names, where they fit."""
    request = dict(MORE.get(method.name, {}))
    names = {field.name for field in method.input_type.fields}
    request.update({name: value for name, value in ids.items() if name in names})
    if method.name == "ListMemberships":
        del request["user_id"]
    if "user_ids" in names:
        request["user_ids"] = [ids["user_id"]]
    if "invitation_ids" in names:
        request["invitation_ids"] = [ids["invitation_id"]]
    return request


def paths(message_type, wanted, prefix=(), depth=0):
    """The paths of all fields for which `wanted`, through nested and repeated messages."""
    for field in message_type.fields:
        path = prefix + (field,)
        if field.message_type is not None and depth < 4:
            if field.message_type.GetOptions().map_entry or field.message_type.name == "FieldMask":
                continue
            yield from paths(field.message_type, wanted, path, depth + 1)
        elif wanted(field):
            yield path


def is_text(field):
    return field.type == FieldDescriptor.TYPE_STRING


def filled(method, ids, path, value):
    """A request of the method with `value` at the path, and without what may not stand beside."""
    request = with_ids(method, ids)
    either = EITHER.get(method.name, set())
    if path[0].name in either:
        request = {key: kept for key, kept in request.items() if key not in either}
    return put(request, path, value)


def put(request, path, value):
    """The request with `value` at the path; what is repeated gets it as its only element."""
    field, rest = path[0], path[1:]
    repeated = field.label == FieldDescriptor.LABEL_REPEATED
    old = request.get(field.name)
    if rest:
        old = (old[0] if old else {}) if repeated else (old or {})
        value = put(old, rest, value)
    return {**request, field.name: [value] if repeated else value}


def name(path):
    return ".".join(field.name for field in path)
