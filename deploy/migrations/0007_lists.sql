-- The two big lists: every order both ways and every search by an index that begins with the
-- organization.

CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Text as it is compared: letter case folded by ICU's root rules, which depend neither on the
-- database's locale nor on the operating system, and ordered by code point. Collations are made
-- anew with each release of ICU and libc, and an index in their order is then broken without a
-- word; code points stay. What was folded is stored, so another ICU breaks nothing either.
CREATE FUNCTION usher.fold(text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT translate(lower($1 COLLATE "und-x-icu"), 'ς', 'σ') COLLATE "C" $$;

-- What a search looks through. The line feed keeps a hit from reaching over from name to address:
-- nobody can search for one.
CREATE FUNCTION usher.search_text(first_name text, last_name text, email text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT usher.fold(first_name || ' ' || last_name || E'\n' || email) $$;

-- The characters of a text that are found by themselves: not those that most rows have, which an
-- index would hold for nothing; a walk meets them soon enough.
CREATE FUNCTION usher.rare_characters(text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT string_to_array(translate($1, E'abcdefghilmnoprstuy0123456789 .@-_\n', ''), NULL) $$;

-- What searches are indexed by: all pairs of neighbors, and rare characters, since "伟" is a whole
-- name. Pairs and not trigrams: there are fewer different ones, so a row costs a fifth to index.
-- Not in SQL, which would be inlined: its price would not be known, and be paid for each row of a
-- table where the index has the answer.
CREATE FUNCTION usher.search_pieces(text) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 500
  AS $$ BEGIN
    RETURN string_to_array(regexp_replace($1, '(..)', E'\\1\x1f', 'g'), E'\x1f')
      || string_to_array(regexp_replace(substr($1, 2), '(..)', E'\\1\x1f', 'g'), E'\x1f')
      || usher.rare_characters($1);
  END $$;

-- The pieces that every text has in which the needle stands.
CREATE FUNCTION usher.needle_pieces(needle text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN char_length(folded) = 1 THEN usher.rare_characters(folded)
    ELSE ARRAY(SELECT DISTINCT substr(folded, n, 2)
               FROM generate_series(1, char_length(folded) - 1) n) END
    FROM usher.fold(needle) folded $$;

-- A needle as a LIKE pattern that finds it anywhere and has no wildcards of its own.
CREATE FUNCTION usher.anywhere(needle text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT '%' || regexp_replace(usher.fold(needle), '([\\%_])', '\\\1', 'g') || '%' $$;

-- A membership carries a copy of what a list orders and searches of its user: an index is of one
-- table. The copy is kept by the two triggers below.
ALTER TABLE usher.memberships
  ADD COLUMN first_name_key text COLLATE "C",
  ADD COLUMN last_name_key text COLLATE "C",
  ADD COLUMN email_key text COLLATE "C",
  ADD COLUMN search text COLLATE "C",
  ADD COLUMN last_access_time timestamptz,
  ADD COLUMN site_access_key int GENERATED ALWAYS AS
    (site_access * 10000 + cardinality(site_group_ids) + cardinality(site_ids)) STORED;

-- FOR SHARE waits for a change of the user that is under way and makes a later one wait for this
-- membership, so that none is missed.
CREATE FUNCTION usher.copy_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT nullif(usher.fold(u.first_name), ''), nullif(usher.fold(u.last_name), ''), u.email_key,
         usher.search_text(u.first_name, u.last_name, u.email), u.last_access_time
  INTO NEW.first_name_key, NEW.last_name_key, NEW.email_key, NEW.search, NEW.last_access_time
  FROM usher.users u WHERE u.id = NEW.user_id FOR SHARE;
  RETURN NEW;
END $$;

CREATE TRIGGER memberships_copy_user BEFORE INSERT OR UPDATE OF user_id ON usher.memberships
  FOR EACH ROW EXECUTE FUNCTION usher.copy_user();

CREATE FUNCTION usher.copy_to_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE usher.memberships m
  SET first_name_key = nullif(usher.fold(NEW.first_name), ''),
      last_name_key = nullif(usher.fold(NEW.last_name), ''), email_key = NEW.email_key,
      search = usher.search_text(NEW.first_name, NEW.last_name, NEW.email),
      last_access_time = NEW.last_access_time
  WHERE m.user_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER users_copy_to_memberships AFTER UPDATE ON usher.users
  FOR EACH ROW
  WHEN ((OLD.first_name, OLD.last_name, OLD.email, OLD.email_key, OLD.last_access_time)
        IS DISTINCT FROM
        (NEW.first_name, NEW.last_name, NEW.email, NEW.email_key, NEW.last_access_time))
  EXECUTE FUNCTION usher.copy_to_memberships();

UPDATE usher.memberships SET user_id = user_id;
ALTER TABLE usher.memberships
  ALTER COLUMN email_key SET NOT NULL,
  ALTER COLUMN search SET NOT NULL;

ALTER TABLE usher.invitations
  ADD COLUMN first_name_key text COLLATE "C"
    GENERATED ALWAYS AS (nullif(usher.fold(first_name), '')) STORED,
  ADD COLUMN last_name_key text COLLATE "C"
    GENERATED ALWAYS AS (nullif(usher.fold(last_name), '')) STORED,
  ADD COLUMN search text COLLATE "C"
    GENERATED ALWAYS AS (usher.search_text(first_name, last_name, email)) STORED,
  ADD COLUMN site_access_key int GENERATED ALWAYS AS
    (site_access * 10000 + cardinality(site_group_ids) + cardinality(site_ids)) STORED;

ALTER TABLE usher.invitations
  ADD CONSTRAINT invitations_accept_time_check CHECK ((state = 2) = (accept_time IS NOT NULL));

-- ListUsers: members. memberships_list_idx of the first step gives the order of creation.
CREATE INDEX memberships_first_name_idx
  ON usher.memberships (organization_id, first_name_key, user_id);
CREATE INDEX memberships_last_name_idx
  ON usher.memberships (organization_id, last_name_key, user_id);
-- Also finds out whether an address is a member's.
CREATE INDEX memberships_email_idx ON usher.memberships (organization_id, email_key, user_id);
CREATE INDEX memberships_role_idx ON usher.memberships (organization_id, role, user_id);
CREATE INDEX memberships_site_access_idx
  ON usher.memberships (organization_id, site_access_key, user_id);
CREATE INDEX memberships_status_idx
  ON usher.memberships (organization_id, status, create_time, user_id);
CREATE INDEX memberships_last_access_idx
  ON usher.memberships (organization_id, last_access_time, user_id);
CREATE INDEX memberships_end_idx ON usher.memberships (organization_id, end_time, user_id);

-- ListInvitations, and with `open` ListUsers: one index for both, since a list of all merges the
-- open ones and the rest.
DROP INDEX usher.invitations_list_idx, usher.invitations_open_list_idx;
CREATE INDEX invitations_list_idx
  ON usher.invitations (organization_id, open, create_time, id);
CREATE INDEX invitations_first_name_idx
  ON usher.invitations (organization_id, open, first_name_key, id);
CREATE INDEX invitations_last_name_idx
  ON usher.invitations (organization_id, open, last_name_key, id);
CREATE INDEX invitations_role_idx ON usher.invitations (organization_id, open, role, id);
-- Orders by state, and within the states by expiry.
CREATE INDEX invitations_state_idx
  ON usher.invitations (organization_id, open, state, expire_time, id);
CREATE INDEX invitations_site_access_idx
  ON usher.invitations (organization_id, site_access_key, id) WHERE open;
CREATE INDEX invitations_update_idx ON usher.invitations (organization_id, update_time, id);
CREATE INDEX invitations_accept_idx ON usher.invitations (organization_id, accept_time, id)
  WHERE state = 2;
CREATE INDEX invitations_email_order_idx
  ON usher.invitations (organization_id, open, (email_key COLLATE "C"), id);
CREATE INDEX invitations_inviter_idx ON usher.invitations (organization_id, invited_by, id);

-- Searches. The pending list of kilobytes is short enough to be read through by every search and
-- to be emptied by one change in some milliseconds, and saves most of what a change costs.
CREATE INDEX memberships_search_idx ON usher.memberships
  USING gin (organization_id, usher.search_pieces(search)) WITH (gin_pending_list_limit = 128);
CREATE INDEX invitations_search_idx ON usher.invitations
  USING gin (organization_id, usher.search_pieces(search)) WITH (gin_pending_list_limit = 128);
