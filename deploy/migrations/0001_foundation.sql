-- Organizations with their sites, users, memberships, invitations, outgoing mail and events.
--
-- Every tenant table's primary key and unique indexes begin with organization_id, and every
-- statement names it. Constraint names are part of the contract with lib/: see lib/pg/errors.h.
-- Enumerations are the numbers of proto/usher/v1.

CREATE SCHEMA usher;

CREATE TABLE usher.schema_migrations (
  number int PRIMARY KEY,
  name text NOT NULL,
  apply_time timestamptz NOT NULL DEFAULT now()
);

-- The one source of time. Inlined, so free; a test database replaces it to move the clock.
CREATE FUNCTION usher.now() RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  AS 'SELECT pg_catalog.now()';

CREATE TABLE usher.organizations (
  id uuid CONSTRAINT organizations_pkey PRIMARY KEY,
  name text NOT NULL,
  name_key text NOT NULL CONSTRAINT organizations_name_key UNIQUE,
  invitation_lifetime interval NOT NULL DEFAULT '168 hours'
    CONSTRAINT organizations_invitation_lifetime_check
    CHECK (invitation_lifetime BETWEEN '5 minutes' AND '365 days'),
  default_locale text NOT NULL DEFAULT '',
  revision bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);

CREATE TABLE usher.sites (
  organization_id uuid NOT NULL
    CONSTRAINT sites_organization_fkey REFERENCES usher.organizations,
  id uuid NOT NULL,
  name text NOT NULL,
  name_key text NOT NULL,
  description text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  labels jsonb NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  CONSTRAINT sites_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT sites_name_key UNIQUE (organization_id, name_key)
);

CREATE TABLE usher.site_groups (
  organization_id uuid NOT NULL
    CONSTRAINT site_groups_organization_fkey REFERENCES usher.organizations,
  id uuid NOT NULL,
  name text NOT NULL,
  name_key text NOT NULL,
  description text NOT NULL DEFAULT '',
  revision bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  CONSTRAINT site_groups_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT site_groups_name_key UNIQUE (organization_id, name_key)
);

CREATE TABLE usher.site_group_sites (
  organization_id uuid NOT NULL,
  site_group_id uuid NOT NULL,
  site_id uuid NOT NULL,
  CONSTRAINT site_group_sites_pkey PRIMARY KEY (organization_id, site_group_id, site_id),
  CONSTRAINT site_group_sites_site_group_fkey
    FOREIGN KEY (organization_id, site_group_id) REFERENCES usher.site_groups ON DELETE CASCADE,
  CONSTRAINT site_group_sites_site_fkey
    FOREIGN KEY (organization_id, site_id) REFERENCES usher.sites
);

-- Users and their identities are the only rows that belong to no organization.
CREATE TABLE usher.users (
  id uuid CONSTRAINT users_pkey PRIMARY KEY,
  email text NOT NULL,
  email_key text NOT NULL CONSTRAINT users_email_key UNIQUE,
  first_name text NOT NULL,
  last_name text NOT NULL,
  locale text NOT NULL DEFAULT '',
  revision bigint NOT NULL DEFAULT 1,
  last_access_time timestamptz,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);

CREATE TABLE usher.user_identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL
    CONSTRAINT user_identities_user_fkey REFERENCES usher.users ON DELETE CASCADE,
  create_time timestamptz NOT NULL,
  CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, subject)
);

-- Site access (docs/adr/0005): 1 all sites, 2 site groups, 3 sites; one whole value in the row that
-- has it, never empty and never a mix. Statements that write it lock the sites or groups it names
-- with FOR KEY SHARE, as a foreign key would.
CREATE TABLE usher.memberships (
  organization_id uuid NOT NULL
    CONSTRAINT memberships_organization_fkey REFERENCES usher.organizations,
  user_id uuid NOT NULL
    CONSTRAINT memberships_user_fkey REFERENCES usher.users,
  role smallint NOT NULL CONSTRAINT memberships_role_check CHECK (role BETWEEN 1 AND 7),
  site_access smallint NOT NULL,
  site_group_ids uuid[] NOT NULL DEFAULT '{}',
  site_ids uuid[] NOT NULL DEFAULT '{}',
  status smallint NOT NULL DEFAULT 1
    CONSTRAINT memberships_status_check CHECK (status IN (1, 2)),
  metadata jsonb NOT NULL DEFAULT '{}',
  end_time timestamptz,
  invitation_id uuid,
  revision bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  CONSTRAINT memberships_pkey PRIMARY KEY (organization_id, user_id),
  CONSTRAINT memberships_site_access_check CHECK (
    site_access BETWEEN 1 AND 3
    AND (cardinality(site_group_ids) > 0) = (site_access = 2)
    AND (cardinality(site_ids) > 0) = (site_access = 3))
);

CREATE INDEX memberships_user_idx ON usher.memberships (user_id, organization_id);
CREATE INDEX memberships_list_idx ON usher.memberships (organization_id, create_time, user_id);

-- state: 1 pending, 2 accepted, 3 declined, 4 canceled, 5 expired. A pending row reads as expired
-- once expire_time has passed; 5 is stored only in one that a newer invitation replaced.
-- open: the newest invitation of an address that may still be accepted or renewed. The rest is
-- history.
-- delivery: 1 none, 2 queued, 3 sent, 4 failed, 5 disabled.
CREATE TABLE usher.invitations (
  organization_id uuid NOT NULL
    CONSTRAINT invitations_organization_fkey REFERENCES usher.organizations,
  id uuid NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  role smallint NOT NULL CONSTRAINT invitations_role_check CHECK (role BETWEEN 1 AND 7),
  site_access smallint NOT NULL,
  site_group_ids uuid[] NOT NULL DEFAULT '{}',
  site_ids uuid[] NOT NULL DEFAULT '{}',
  state smallint NOT NULL DEFAULT 1
    CONSTRAINT invitations_state_check CHECK (state BETWEEN 1 AND 5),
  open boolean NOT NULL DEFAULT true,
  generation int NOT NULL DEFAULT 1,
  expire_time timestamptz NOT NULL,
  invited_by uuid
    CONSTRAINT invitations_invited_by_fkey REFERENCES usher.users ON DELETE SET NULL,
  locale text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT '',
  redirect_uri text NOT NULL DEFAULT '',
  metadata jsonb NOT NULL DEFAULT '{}',
  delivery smallint NOT NULL
    CONSTRAINT invitations_delivery_check CHECK (delivery BETWEEN 1 AND 5),
  delivery_code int NOT NULL DEFAULT 0,
  delivery_detail text NOT NULL DEFAULT '',
  delivery_attempts int NOT NULL DEFAULT 0,
  sent_time timestamptz,
  user_id uuid
    CONSTRAINT invitations_user_fkey REFERENCES usher.users ON DELETE SET NULL,
  accept_time timestamptz,
  decline_time timestamptz,
  cancel_time timestamptz,
  revision bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  CONSTRAINT invitations_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT invitations_open_check CHECK (NOT open OR state IN (1, 3)),
  CONSTRAINT invitations_pending_check CHECK (open OR state <> 1),
  CONSTRAINT invitations_site_access_check CHECK (
    site_access BETWEEN 1 AND 3
    AND (cardinality(site_group_ids) > 0) = (site_access = 2)
    AND (cardinality(site_ids) > 0) = (site_access = 3))
);

-- At most one open invitation of an address in an organization.
CREATE UNIQUE INDEX invitations_open_key ON usher.invitations (organization_id, email_key)
  WHERE open;
CREATE INDEX invitations_list_idx ON usher.invitations (organization_id, create_time, id);
CREATE INDEX invitations_open_list_idx ON usher.invitations (organization_id, create_time, id)
  WHERE open;
-- For the foreign keys' ON DELETE SET NULL.
CREATE INDEX invitations_invited_by_idx ON usher.invitations (invited_by);
CREATE INDEX invitations_user_idx ON usher.invitations (user_id) WHERE user_id IS NOT NULL;

-- Outgoing mail. A row names its invitation and generation; the token is derived when it is
-- written. state: 1 queued, 2 sent, 3 failed, 4 withdrawn. A queued row with lease_until in the
-- future belongs to the worker that leased it.
CREATE TABLE usher.mails (
  organization_id uuid NOT NULL
    CONSTRAINT mails_organization_fkey REFERENCES usher.organizations,
  id uuid NOT NULL,
  invitation_id uuid NOT NULL,
  generation int NOT NULL,
  state smallint NOT NULL DEFAULT 1 CONSTRAINT mails_state_check CHECK (state BETWEEN 1 AND 4),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_time timestamptz NOT NULL,
  lease_owner uuid,
  lease_until timestamptz,
  code int NOT NULL DEFAULT 0,
  detail text NOT NULL DEFAULT '',
  traceparent text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  CONSTRAINT mails_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT mails_invitation_fkey
    FOREIGN KEY (organization_id, invitation_id) REFERENCES usher.invitations ON DELETE CASCADE
);

CREATE INDEX mails_invitation_idx ON usher.mails (organization_id, invitation_id);
CREATE INDEX mails_due_idx ON usher.mails (next_attempt_time) WHERE state = 1;

-- One row for each change, written by the change's own transaction. xact orders the log: followers
-- read below pg_snapshot_xmin(pg_current_snapshot()), so that nothing committed late is skipped.
CREATE TABLE usher.events (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  type text NOT NULL,
  subject_id uuid NOT NULL,
  -- The user who acted, or for whom the service in origin did; NULL for a service on its own.
  actor_user_id uuid,
  -- {"service", "request_id", "peer"}, each if known.
  origin jsonb NOT NULL,
  before jsonb,
  after jsonb,
  create_time timestamptz NOT NULL,
  CONSTRAINT events_pkey PRIMARY KEY (organization_id, id)
);
