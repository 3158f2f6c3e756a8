-- Mails beside those that carry a new link: reminders, and what inviters are told.

ALTER TABLE usher.organizations
  -- NULL: nobody is reminded.
  ADD remind_before_expiry interval
    CONSTRAINT organizations_remind_before_expiry_check
    CHECK (remind_before_expiry BETWEEN '5 minutes' AND '365 days'),
  ADD notify_inviter boolean NOT NULL DEFAULT false;

-- 1 invitation, 2 reminder, 3 accepted, 4 declined; the last two are to the inviter.
ALTER TABLE usher.mails ADD COLUMN kind smallint NOT NULL DEFAULT 1
  CONSTRAINT mails_kind_check CHECK (kind BETWEEN 1 AND 4);

-- The generation for which it was decided whether to remind.
ALTER TABLE usher.invitations ADD COLUMN reminded_generation int NOT NULL DEFAULT 0;

-- Whom to remind next.
CREATE INDEX organizations_remind_idx ON usher.organizations (id)
  WHERE remind_before_expiry IS NOT NULL;
CREATE INDEX invitations_remind_idx ON usher.invitations (organization_id, expire_time)
  WHERE state = 1 AND delivery = 3 AND reminded_generation < generation;
