-- The identities of a user, which are read with the user and looked at by each call of one.

CREATE INDEX user_identities_user_idx ON usher.user_identities (user_id, issuer);
