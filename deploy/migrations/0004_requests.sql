-- The answers of changes that were given a request id, for repeats. `content` and `form` are
-- digests: of what was asked for, and of the statement whose rows `answer` has (record_send of
-- each). A row counts for 24 hours. A second change of the same name meets requests_content_check,
-- so that it does not happen.
CREATE TABLE usher.requests (
  caller text NOT NULL,
  request_id text NOT NULL,
  content text CONSTRAINT requests_content_check CHECK (content IS NOT NULL),
  form text NOT NULL,
  answer bytea[] NOT NULL,
  create_time timestamptz NOT NULL,
  CONSTRAINT requests_pkey PRIMARY KEY (caller, request_id)
);
-- For the removal of what is too old to count.
CREATE INDEX requests_create_time_idx ON usher.requests (create_time);
