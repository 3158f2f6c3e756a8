"""Ids of rows that the bench fills in: known without asking, so that load can name any of them."""

ORGANIZATION, USER, INVITATION, SITE, SITE_GROUP = 1, 2, 3, 4, 5
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Invitations and sites of one organization are numbered from this times the organization's number.
PER_ORGANIZATION = 1 << 24


def uuid(kind, number):
    return f"{kind:08x}-0000-7000-8000-{number:012x}"


def uuid_sql(kind, number):
    """The same as an SQL expression over one for the number."""
    return f"('{kind:08x}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def typeid(prefix, text):
    """A UUID as a TypeID."""
    value = int(text.replace("-", ""), 16)
    return prefix + "_" + "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(26)))


def organization(number):
    return typeid("org", uuid(ORGANIZATION, number))


def user(number):
    return typeid("user", uuid(USER, number))


def invitation(organization_number, number):
    return typeid("inv", uuid(INVITATION, organization_number * PER_ORGANIZATION + number))


def site(organization_number, number):
    return typeid("site", uuid(SITE, organization_number * PER_ORGANIZATION + number))


def uuid_of(text):
    """The UUID in a TypeID."""
    value = 0
    for letter in text.rsplit("_", 1)[1]:
        value = value << 5 | ALPHABET.index(letter)
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
