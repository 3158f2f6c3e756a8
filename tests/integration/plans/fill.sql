-- Of so many people two thirds are members and the rest is invited, all but a tenth by one
-- organization and the rest by a hundred; with a day's mails and answers, and an event of each.
-- Indexes that are only for speed are made anew at the end, which is quicker than their growth.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

CREATE TEMP TABLE indexes AS
  SELECT i.indexdef, format('DROP INDEX usher.%I', i.indexname) AS drop
  FROM pg_indexes i
  WHERE i.schemaname = 'usher' AND i.indexdef NOT LIKE '%UNIQUE%'
    AND i.tablename IN ('users', 'user_identities', 'memberships', 'member_accesses', 'invitations',
                        'mails', 'events', 'requests');
DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM indexes LOOP EXECUTE i.drop; END LOOP; END $$;

CREATE TEMP TABLE places AS
  SELECT o.id, 0 AS n FROM usher.organizations o
  UNION ALL SELECT gen_random_uuid(), g FROM generate_series(1, 100) g;
INSERT INTO usher.organizations (id, name, name_key, create_time, update_time)
  SELECT id, 'Org ' || n, 'org ' || n, now(), now() FROM places WHERE n > 0;

CREATE TEMP TABLE people AS
  SELECT g AS n, g::float / $PEOPLE AS part, gen_random_uuid() AS id, places.id AS place,
         initcap(translate(substr(md5('f' || g % 5000), 1, 6), '0123456789', 'aeioulnrst')) AS first,
         initcap(translate(substr(md5('l' || g % 50000), 1, 8), '0123456789', 'aeioulnrst')) AS last
  FROM generate_series(1, $PEOPLE) g
  JOIN places ON places.n = CASE g % 11 WHEN 0 THEN 1 + g % 100 ELSE 0 END;
CREATE INDEX ON people (n);
ANALYZE people;

INSERT INTO usher.users (id, email, email_key, first_name, last_name, last_access_time, create_time,
                         update_time)
  SELECT id, lower(first || '.' || last) || n || '@example.com',
         lower(first || '.' || last) || n || '@example.com', first, last,
         CASE n % 2 WHEN 0 THEN now() - n * interval '1 second' END,
         now() - n * interval '1 second', now()
  FROM people WHERE part <= 0.66;
INSERT INTO usher.user_identities (issuer, subject, user_id, create_time)
  SELECT 'https://id.example.com', 'subject-' || n, id, now() FROM people WHERE part <= 0.66;
INSERT INTO usher.memberships (
    organization_id, user_id, role, site_access, status, end_time, create_time, update_time,
    first_name_key, last_name_key, email_key, search)
  SELECT p.place, u.id, CASE WHEN p.n % 10000 = 0 THEN 1 ELSE 2 + p.n % 6 END, 1,
         CASE WHEN p.n % 1000 = 0 THEN 2 ELSE 1 END,
         CASE WHEN p.n % 50 = 0 THEN now() + (p.n - $PEOPLE * 0.1) * interval '1 minute' END,
         u.create_time, now() - p.n * interval '2 seconds', usher.fold(u.first_name),
         usher.fold(u.last_name), u.email_key,
         usher.search_text(u.first_name, u.last_name, u.email)
  FROM people p JOIN usher.users u ON u.id = p.id;
INSERT INTO usher.member_accesses (organization_id, user_id, last_access_time)
  SELECT p.place, u.id, u.last_access_time FROM people p JOIN usher.users u ON u.id = p.id;

-- In equal parts open, expired, and history of each kind; half of them by twenty inviters, the other
-- half by a thousand.
INSERT INTO usher.invitations (
    organization_id, id, email, email_key, first_name, last_name, role, site_access, state, open,
    expire_time, invited_by, delivery, create_time, update_time, accept_time, decline_time,
    cancel_time, announced_generation)
  SELECT p.place, p.id, 'i' || p.n || '@example.com', 'i' || p.n || '@example.com', p.first,
         CASE WHEN p.n % 100 = 0 THEN '' ELSE p.last END, 1 + p.n % 7, 1, s.state,
         s.state IN (1, 3), now() + (p.n - $PEOPLE * 0.83) * interval '1 second', inviter.id, 3,
         now() - p.n * interval '3 seconds', now() - p.n * interval '2 seconds',
         CASE s.state WHEN 2 THEN now() - p.n * interval '1 second' END,
         CASE s.state WHEN 3 THEN now() - p.n * interval '1 second' END,
         CASE s.state WHEN 4 THEN now() - p.n * interval '1 second' END,
         CASE WHEN p.n % 1000 < 990 THEN 1 ELSE 0 END
  FROM people p
  CROSS JOIN LATERAL (SELECT (ARRAY[1, 2, 3, 4, 5])[1 + p.n % 5] AS state) s
  JOIN people inviter
    ON inviter.n = 1 + CASE p.n / 11 % 2 WHEN 0 THEN p.n / 22 % 20 ELSE 20 + p.n / 22 % 1000 END
  WHERE p.part > 0.56;

-- Mails of those invitations: sent, but for some that are due and some that wait.
INSERT INTO usher.mails (
    organization_id, id, invitation_id, generation, state, attempts, next_attempt_time, create_time,
    update_time)
  SELECT i.organization_id, gen_random_uuid(), i.id, 1, CASE WHEN p.n % 50 = 1 THEN 1 ELSE 2 END, 1,
         now() + (p.n - $PEOPLE * 0.83) * interval '1 second', i.create_time, i.update_time
  FROM usher.invitations i JOIN people p ON p.id = i.id WHERE p.n % 5 IN (0, 1);

INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin, before, after,
                          create_time)
  SELECT p.place, 'membership.updated', p.id, actor.id, '{"request_id": "made up"}'::jsonb,
         '{"role": 3}'::jsonb, '{"role": 4}'::jsonb, now() - interval '1 day' + p.n * interval '1 millisecond'
  FROM people p JOIN people actor ON actor.n = 1 + p.n % 1000 WHERE p.part <= 0.66
  UNION ALL
  SELECT p.place, 'invitation.created', p.id, actor.id, '{"service": "made up"}', NULL,
         jsonb_build_object('email', 'i' || p.n || '@example.com', 'role', 4),
         now() - interval '1 day' + p.n * interval '1 millisecond'
  FROM people p JOIN people actor ON actor.n = 1 + p.n % 1000 WHERE p.part > 0.66;

INSERT INTO usher.requests (caller, request_id, content, form, answer, create_time)
  SELECT 'service made up', 'change ' || n, md5(n::text), 'form', '{}', now() - n * interval '1 second'
  FROM people WHERE n % 10 = 0;
INSERT INTO usher.suppressions (organization_id, email_key, cause, create_time)
  SELECT CASE n % 2000 WHEN 0 THEN place END, 'i' || n || '@example.com', 1 + n % 3,
         now() - n * interval '1 second'
  FROM people WHERE n % 1000 = 0;

DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM indexes LOOP EXECUTE i.indexdef; END LOOP; END $$;
ANALYZE;
-- In place of the tests' clock, which is a query of its own: as in production.
CREATE OR REPLACE FUNCTION usher.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  AS 'SELECT pg_catalog.now()';
