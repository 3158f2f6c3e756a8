-- One organization with 600,000 members and 400,000 invitations, and a hundred with few, in place
-- of the indexes' slow growth: those that are only for speed are made anew at the end.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

CREATE TEMP TABLE indexes AS
  SELECT i.indexdef, format('DROP INDEX usher.%I', i.indexname) AS drop
  FROM pg_indexes i
  WHERE i.schemaname = 'usher' AND i.tablename IN ('users', 'memberships', 'invitations')
    AND i.indexdef NOT LIKE '%UNIQUE%';
DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM indexes LOOP EXECUTE i.drop; END LOOP; END $$;

CREATE TEMP TABLE people AS
  SELECT g AS n, gen_random_uuid() AS id,
         initcap(translate(substr(md5('f' || g % 5000), 1, 6), '0123456789', 'aeioulnrst')) AS first,
         initcap(translate(substr(md5('l' || g % 50000), 1, 8), '0123456789', 'aeioulnrst')) AS last
  FROM generate_series(1, 1000000) g;
CREATE INDEX ON people (n);
ANALYZE people;

CREATE TEMP TABLE places AS
  SELECT o.id, 0 AS n FROM usher.organizations o
  UNION ALL SELECT gen_random_uuid(), g FROM generate_series(1, 100) g;
INSERT INTO usher.organizations (id, name, name_key, create_time, update_time)
  SELECT id, 'Org ' || n, 'org ' || n, now(), now() FROM places WHERE n > 0;

-- Every tenth person is one of the small organizations'.
INSERT INTO usher.users (id, email, email_key, first_name, last_name, last_access_time, create_time,
                         update_time)
  SELECT id, lower(first || '.' || last) || n || '@example.com',
         lower(first || '.' || last) || n || '@example.com', first, last,
         CASE n % 2 WHEN 0 THEN now() - n * interval '1 second' END,
         now() - n * interval '1 second', now()
  FROM people WHERE n <= 660000;
INSERT INTO usher.memberships (
    organization_id, user_id, role, site_access, status, end_time, create_time, update_time,
    first_name_key, last_name_key, email_key, search)
  SELECT places.id, u.id, CASE WHEN p.n % 100000 = 0 THEN 1 ELSE 2 + p.n % 6 END, 1,
         CASE WHEN p.n % 10000 = 0 THEN 2 ELSE 1 END,
         CASE WHEN p.n % 50 = 0 THEN now() + p.n * interval '1 minute' END, u.create_time, now(),
         usher.fold(u.first_name), usher.fold(u.last_name), u.email_key,
         usher.search_text(u.first_name, u.last_name, u.email)
  FROM people p JOIN usher.users u ON u.id = p.id
  JOIN places ON places.n = CASE p.n % 11 WHEN 0 THEN 1 + p.n % 100 ELSE 0 END;
INSERT INTO usher.member_accesses (organization_id, user_id, last_access_time)
  SELECT m.organization_id, m.user_id, u.last_access_time
  FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id
  WHERE u.id IN (SELECT id FROM people);

-- In equal parts open, expired, and history of each kind.
INSERT INTO usher.invitations (
    organization_id, id, email, email_key, first_name, last_name, role, site_access, state, open,
    expire_time, invited_by, delivery, create_time, update_time, accept_time,
    decline_time, cancel_time)
  SELECT places.id, p.id, 'i' || p.n || '@example.com', 'i' || p.n || '@example.com', p.first,
         CASE WHEN p.n % 100 = 0 THEN '' ELSE p.last END, 1 + p.n % 7, 1, s.state,
         s.state IN (1, 3), now() + (p.n - 830000) * interval '1 second',
         (SELECT people.id FROM people WHERE people.n = 1 + p.n % 20), 3,
         now() - p.n * interval '3 seconds', now() - p.n * interval '2 seconds',
         CASE s.state WHEN 2 THEN now() - p.n * interval '1 second' END,
         CASE s.state WHEN 3 THEN now() END, CASE s.state WHEN 4 THEN now() END
  FROM people p
  JOIN places ON places.n = CASE p.n % 11 WHEN 0 THEN 1 + p.n % 100 ELSE 0 END
  CROSS JOIN LATERAL (SELECT (ARRAY[1, 2, 3, 4, 5])[1 + p.n % 5] AS state) s
  WHERE p.n > 560000;

DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM indexes LOOP EXECUTE i.indexdef; END LOOP; END $$;
ANALYZE;
