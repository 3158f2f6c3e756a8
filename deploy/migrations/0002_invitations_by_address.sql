-- All invitations of an address: the newest of an organization, and a person's own across all of
-- them, which is why this index does not begin with the organization.

CREATE INDEX invitations_email_idx
  ON usher.invitations (email_key, organization_id, create_time, id);
