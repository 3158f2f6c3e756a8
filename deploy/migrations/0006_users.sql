-- Erasing people: what history keeps of them.

-- The id of who accepted an invitation stays after that person is erased.
ALTER TABLE usher.invitations DROP CONSTRAINT invitations_user_fkey;

-- What stands in the place of what was personal, under the names that invitations and events have.
CREATE FUNCTION usher.tombstone() RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT '{"email": "deleted-user@deleted.invalid", "first_name": "deleted",
                 "last_name": "user", "locale": "", "note": "", "redirect_uri": "",
                 "metadata": {}, "identities": []}'::jsonb $$;

-- The fields of an event without what is personal, also in the membership that an acceptance tells.
CREATE FUNCTION usher.redact(fields jsonb) RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT fields
    || coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(usher.tombstone())
                 WHERE fields ? key), '{}')
    || CASE WHEN fields -> 'membership' ? 'metadata'
            THEN jsonb_build_object('membership', fields -> 'membership' || '{"metadata": {}}')
            ELSE '{}' END $$;

-- The invitations that an address ever had, deleted ones too.
CREATE INDEX events_invited_idx ON usher.events (lower(after ->> 'email'))
  WHERE type = 'invitation.created';

-- ListMemberships.
CREATE INDEX memberships_update_idx ON usher.memberships (organization_id, update_time, user_id);
