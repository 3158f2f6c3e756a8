-- Addresses that are not written to, and what claiming mails fairly needs.

-- Without an organization it holds for all of them. cause: 1 hard bounce, 2 complaint, 3 opt-out.
CREATE TABLE usher.suppressions (
  organization_id uuid
    CONSTRAINT suppressions_organization_fkey REFERENCES usher.organizations ON DELETE CASCADE,
  email_key text NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT suppressions_pkey PRIMARY KEY,
  cause smallint NOT NULL CONSTRAINT suppressions_cause_check CHECK (cause BETWEEN 1 AND 3),
  detail text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL,
  CONSTRAINT suppressions_key UNIQUE NULLS NOT DISTINCT (email_key, organization_id)
);

CREATE INDEX suppressions_list_idx ON usher.suppressions (create_time, id);

-- The next organization that has mail to send, and what it has.
CREATE INDEX mails_turn_idx ON usher.mails (organization_id, next_attempt_time) WHERE state = 1;
-- A delivery is settled and reported by its id alone.
CREATE INDEX mails_id_idx ON usher.mails (id);
-- What a sender has leased.
CREATE INDEX mails_lease_idx ON usher.mails (lease_owner) WHERE state = 1 AND lease_until IS NOT NULL;

-- The last thing heard of a mail after it was sent: 0 nothing, 1 hard bounce, 2 soft bounce,
-- 3 complaint.
ALTER TABLE usher.mails ADD COLUMN report smallint NOT NULL DEFAULT 0
  CONSTRAINT mails_report_check CHECK (report BETWEEN 0 AND 3);
