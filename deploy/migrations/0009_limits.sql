-- What an organization's limits are counted by.

-- Who had it sent: the calling user, or NULL for a service. Not always the invitation's inviter.
ALTER TABLE usher.mails ADD COLUMN requested_by uuid;

-- The mails of the last hour.
CREATE INDEX mails_hour_idx ON usher.mails (organization_id, create_time);
-- The invitations that are pending now.
CREATE INDEX invitations_pending_idx ON usher.invitations (organization_id, expire_time, id)
  WHERE state = 1;

-- What a row has become stays within the life cycle of lib/model/invitation.h, whatever is written:
-- an answer and a cancellation are final, history stays history, and links are only ever renewed.
-- The condition is all that a legal change pays for; the function runs only to refuse.
CREATE FUNCTION usher.refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an invitation does not go from state % to %', OLD.state, NEW.state
    USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_transition_check';
END $$;

CREATE TRIGGER invitations_transition BEFORE UPDATE ON usher.invitations FOR EACH ROW
  WHEN ((OLD.state IN (2, 4) AND NEW.state <> OLD.state)
        OR (OLD.state = 3 AND NEW.state NOT IN (1, 3))
        OR (OLD.state = 5 AND NEW.state NOT IN (4, 5))
        OR (NEW.open AND NOT OLD.open)
        OR NEW.generation < OLD.generation)
  EXECUTE FUNCTION usher.refuse_transition();
