-- When members last had access, for the order of ListUsers: a narrow table beside the memberships.
-- An access is noted up to once an hour for each user, and in the membership itself it would write
-- all of its indexes anew, that of searches with some hundred entries.

CREATE TABLE usher.member_accesses (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  last_access_time timestamptz,
  CONSTRAINT member_accesses_pkey PRIMARY KEY (organization_id, user_id),
  CONSTRAINT member_accesses_membership_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES usher.memberships ON DELETE CASCADE
);

INSERT INTO usher.member_accesses (organization_id, user_id, last_access_time)
  SELECT organization_id, user_id, last_access_time FROM usher.memberships;
CREATE INDEX member_accesses_order_idx
  ON usher.member_accesses (organization_id, last_access_time, user_id);

-- Each membership has its row. FOR SHARE as in copy_user, which runs before.
CREATE FUNCTION usher.begin_accesses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usher.member_accesses (organization_id, user_id, last_access_time)
    SELECT m.organization_id, m.user_id, u.last_access_time
    FROM added m JOIN usher.users u ON u.id = m.user_id;
  RETURN NULL;
END $$;

CREATE TRIGGER memberships_begin_accesses AFTER INSERT ON usher.memberships
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION usher.begin_accesses();

CREATE FUNCTION usher.copy_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE usher.member_accesses a SET last_access_time = NEW.last_access_time
  FROM usher.memberships m
  WHERE m.user_id = NEW.id AND a.organization_id = m.organization_id AND a.user_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER users_copy_access AFTER UPDATE OF last_access_time ON usher.users
  FOR EACH ROW WHEN (OLD.last_access_time IS DISTINCT FROM NEW.last_access_time)
  EXECUTE FUNCTION usher.copy_access();

-- What memberships still copy of their users; see 0007.
CREATE OR REPLACE FUNCTION usher.copy_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT nullif(usher.fold(u.first_name), ''), nullif(usher.fold(u.last_name), ''), u.email_key,
         usher.search_text(u.first_name, u.last_name, u.email)
  INTO NEW.first_name_key, NEW.last_name_key, NEW.email_key, NEW.search
  FROM usher.users u WHERE u.id = NEW.user_id FOR SHARE;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION usher.copy_to_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE usher.memberships m
  SET first_name_key = nullif(usher.fold(NEW.first_name), ''),
      last_name_key = nullif(usher.fold(NEW.last_name), ''), email_key = NEW.email_key,
      search = usher.search_text(NEW.first_name, NEW.last_name, NEW.email)
  WHERE m.user_id = NEW.id;
  RETURN NULL;
END $$;

DROP TRIGGER users_copy_to_memberships ON usher.users;
CREATE TRIGGER users_copy_to_memberships AFTER UPDATE ON usher.users
  FOR EACH ROW
  WHEN ((OLD.first_name, OLD.last_name, OLD.email, OLD.email_key)
        IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.email, NEW.email_key))
  EXECUTE FUNCTION usher.copy_to_memberships();

ALTER TABLE usher.memberships DROP COLUMN last_access_time;
