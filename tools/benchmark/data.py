"""The data that load meets, by SQL: organizations of three sizes, whose people are partly the same."""

from ids import INVITATION, ORGANIZATION, PER_ORGANIZATION, SITE, SITE_GROUP, USER, uuid_sql

# Numbers of the organizations: one with a thousand members and invitations, one with as many as
# asked for, and many with a few.
MEDIUM, LARGE, FIRST_SMALL = 1, 2, 3
IN_MEDIUM, IN_SMALL = 1000, 20
SITES, GROUPS = 20, 4

# Of ten rows, eight are for all sites, one for groups, one for sites.
ACCESS = """CASE n % 10 WHEN 8 THEN 2 WHEN 9 THEN 3 ELSE 1 END"""


def access_columns(organization):
    """site_access, site_group_ids, site_ids of row `n`."""
    group = uuid_sql(SITE_GROUP, f"{organization}::bigint * {PER_ORGANIZATION} + 1 + n / 10 % {GROUPS}")
    first = uuid_sql(SITE, f"{organization}::bigint * {PER_ORGANIZATION} + 1 + n / 10 % {SITES}")
    return (f"{ACCESS}, CASE n % 10 WHEN 8 THEN ARRAY[{group}] ELSE '{{}}' END, "
            f"CASE n % 10 WHEN 9 THEN ARRAY[{first}] ELSE '{{}}' END")


def fill(database, organizations, large):
    """Fills empty tables with `organizations` small ones besides the medium and the large."""
    last = FIRST_SMALL + organizations - 1
    of_organization = uuid_sql(ORGANIZATION, "o")
    rows = f"""(SELECT o, n FROM (VALUES ({MEDIUM}, {IN_MEDIUM}), ({LARGE}, {large})) s(o, size),
                generate_series(1, size) n
                UNION ALL
                SELECT o, n FROM generate_series({FIRST_SMALL}, {last}) o,
                generate_series(1, {IN_SMALL}) n) rows"""
    number = f"o::bigint * {PER_ORGANIZATION} + n"
    # Neighbors share people: a user is a member of about as many organizations as a user is.
    person = f"CASE WHEN o < {FIRST_SMALL} THEN n ELSE (o * 7 + n) % {large} + 1 END"
    statements = [
        f"""INSERT INTO usher.organizations (id, name, name_key, create_time, update_time)
            SELECT {of_organization}, 'Organization ' || o, 'organization ' || o, now(), now()
            FROM generate_series(1, {last}) o""",
        f"""INSERT INTO usher.sites (organization_id, id, name, name_key, create_time, update_time)
            SELECT {of_organization}, {uuid_sql(SITE, number)}, 'Site ' || n, 'site ' || n, now(), now()
            FROM generate_series(1, {last}) o, generate_series(1, {SITES}) n""",
        f"""INSERT INTO usher.site_groups (organization_id, id, name, name_key, create_time, update_time)
            SELECT {of_organization}, {uuid_sql(SITE_GROUP, number)}, 'Group ' || n, 'group ' || n,
                   now(), now()
            FROM generate_series(1, {last}) o, generate_series(1, {GROUPS}) n""",
        f"""INSERT INTO usher.site_group_sites (organization_id, site_group_id, site_id)
            SELECT {of_organization},
                   {uuid_sql(SITE_GROUP, f'o::bigint * {PER_ORGANIZATION} + 1 + n % {GROUPS}')},
                   {uuid_sql(SITE, number)}
            FROM generate_series(1, {last}) o, generate_series(1, {SITES}) n""",
        f"""INSERT INTO usher.users (id, email, email_key, first_name, last_name, create_time,
                                     update_time)
            SELECT {uuid_sql(USER, 'n')}, 'user' || n || '@example.com',
                   'user' || n || '@example.com', 'First' || n % 1000, 'Last' || n % 997,
                   now(), now()
            FROM generate_series(1, {max(large, IN_MEDIUM)}) n""",
        f"""INSERT INTO usher.memberships (organization_id, user_id, role, site_access,
                                           site_group_ids, site_ids, create_time, update_time)
            SELECT {of_organization}, {uuid_sql(USER, person)}, 1 + n % 7, {access_columns('o')},
                   now() - n * interval '1 second', now()
            FROM {rows}""",
        f"""INSERT INTO usher.invitations (
              organization_id, id, email, email_key, first_name, last_name, role, site_access,
              site_group_ids, site_ids, expire_time, invited_by, delivery, create_time, update_time)
            SELECT {of_organization}, {uuid_sql(INVITATION, number)}, 'invited' || n || '@example.com',
                   'invited' || n || '@example.com', 'First' || n % 1000, 'Last' || n % 997,
                   1 + n % 7, {access_columns('o')}, now() + interval '7 days',
                   {uuid_sql(USER, '1 + n % 100')}, 1, now() - n * interval '1 second', now()
            FROM {rows}""",
    ]
    indexes = database.query("""
        SELECT i.indexrelid::regclass || '|' || pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid IN ('usher.memberships'::regclass, 'usher.invitations'::regclass)
          AND NOT i.indisunique""")
    # Made at once from all rows: that of searches takes milliseconds for each row otherwise.
    database.query("; ".join(f"DROP INDEX {index.split('|')[0]}" for index in indexes))
    for statement in (*statements, *(index.split("|", 1)[1] for index in indexes),
                      "VACUUM (ANALYZE)", "CHECKPOINT"):
        database.query(statement)
