-- An organization's own rules: usher.v1.OrganizationSettings, of which invitation_lifetime and
-- default_locale are there already. Domains are A-labels, redirect URIs model::Uri's places.

ALTER TABLE usher.organizations
  -- 1 cancel, 2 keep.
  ADD inviter_departure_policy smallint NOT NULL DEFAULT 1
    CONSTRAINT organizations_inviter_departure_policy_check
    CHECK (inviter_departure_policy IN (1, 2)),
  ADD allowed_domains text[] NOT NULL DEFAULT '{}'
    CONSTRAINT organizations_allowed_domains_check CHECK (cardinality(allowed_domains) <= 500),
  ADD denied_domains text[] NOT NULL DEFAULT '{}'
    CONSTRAINT organizations_denied_domains_check CHECK (cardinality(denied_domains) <= 500),
  -- Limits: 0 is none.
  ADD seat_limit int NOT NULL DEFAULT 0
    CONSTRAINT organizations_seat_limit_check CHECK (seat_limit >= 0),
  -- 1 members, 2 reserve.
  ADD seat_mode smallint NOT NULL DEFAULT 1
    CONSTRAINT organizations_seat_mode_check CHECK (seat_mode IN (1, 2)),
  ADD pending_limit int NOT NULL DEFAULT 0
    CONSTRAINT organizations_pending_limit_check CHECK (pending_limit >= 0),
  ADD mails_per_hour int NOT NULL DEFAULT 0
    CONSTRAINT organizations_mails_per_hour_check CHECK (mails_per_hour >= 0),
  ADD mails_per_hour_per_inviter int NOT NULL DEFAULT 0
    CONSTRAINT organizations_mails_per_hour_per_inviter_check
    CHECK (mails_per_hour_per_inviter >= 0),
  ADD mails_per_hour_per_recipient int NOT NULL DEFAULT 0
    CONSTRAINT organizations_mails_per_hour_per_recipient_check
    CHECK (mails_per_hour_per_recipient >= 0),
  ADD redirect_uris text[] NOT NULL DEFAULT '{}'
    CONSTRAINT organizations_redirect_uris_check CHECK (cardinality(redirect_uris) <= 100);
