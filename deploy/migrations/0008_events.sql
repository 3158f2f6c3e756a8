-- Reading the log of events, following it, and announcing what time alone brings about.
--
-- organization_id is the nil UUID for what belongs to no organization, such as users as such.

-- The actor's name at the time. The trigger gives it, so that no writer needs to know it.
ALTER TABLE usher.events ADD COLUMN actor_name text NOT NULL DEFAULT '';

CREATE FUNCTION usher.name_actor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.actor_user_id IS NOT NULL AND NEW.actor_name = '' THEN
    NEW.actor_name := coalesce(
        (SELECT trim(u.first_name || ' ' || u.last_name) FROM usher.users u
         WHERE u.id = NEW.actor_user_id), '');
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER events_name_actor BEFORE INSERT ON usher.events
  FOR EACH ROW EXECUTE FUNCTION usher.name_actor();

-- The user whom an event is about: what they may read of their own account.
ALTER TABLE usher.events ADD COLUMN user_id uuid GENERATED ALWAYS AS (
  CASE WHEN type LIKE 'user.%' OR type LIKE 'membership.%' THEN subject_id
       WHEN type = 'invitation.accepted' THEN (after ->> 'user_id')::uuid END) STORED;

-- The order of the log, of all, of an organization, of a thing in it, of an actor in it (and for the
-- erasure of a user, of an actor in all), of a user.
CREATE INDEX events_log_idx ON usher.events (xact, sequence);
CREATE INDEX events_organization_idx ON usher.events (organization_id, xact, sequence);
CREATE INDEX events_subject_idx ON usher.events (organization_id, subject_id, xact, sequence);
CREATE INDEX events_actor_idx ON usher.events (actor_user_id, organization_id, xact, sequence)
  WHERE actor_user_id IS NOT NULL;
CREATE INDEX events_user_idx ON usher.events (user_id, xact, sequence) WHERE user_id IS NOT NULL;

-- One row: events up to this position are no longer all kept. Who purges locks it.
CREATE TABLE usher.event_log (
  id smallint CONSTRAINT event_log_pkey PRIMARY KEY CONSTRAINT event_log_id_check CHECK (id = 1),
  purged_xact xid8 NOT NULL,
  purged_sequence bigint NOT NULL
);
INSERT INTO usher.event_log (id, purged_xact, purged_sequence) VALUES (1, '0', 0);

-- What has been announced: the generation of an invitation that expired, the end of a membership.
ALTER TABLE usher.invitations ADD COLUMN announced_generation int NOT NULL DEFAULT 0;
ALTER TABLE usher.memberships ADD COLUMN announced_end_time timestamptz;

CREATE INDEX invitations_announce_idx ON usher.invitations (expire_time)
  WHERE state IN (1, 5) AND announced_generation < generation;
CREATE INDEX memberships_announce_idx ON usher.memberships (end_time)
  WHERE end_time IS NOT NULL AND announced_end_time IS DISTINCT FROM end_time;
