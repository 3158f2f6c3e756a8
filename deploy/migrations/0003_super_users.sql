-- The active Super Users of an organization: whether one stays is asked at each change of a member.
CREATE INDEX memberships_super_users_idx ON usher.memberships (organization_id)
  WHERE role = 1 AND status = 1 AND end_time IS NULL;
