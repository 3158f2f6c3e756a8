-- Organizations, sites and site groups in any order, and searched. All but organizations are lists of
-- one organization, of a few thousand rows at most, so that only those have an index for searches.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE INDEX organizations_search_idx ON usher.organizations USING gin (name_key gin_trgm_ops);
CREATE INDEX organizations_create_idx ON usher.organizations (create_time, id);
CREATE INDEX organizations_update_idx ON usher.organizations (update_time, id);

-- Letter case folded by ICU's root rules, whatever the database's locale. The line feed keeps a hit
-- from reaching over from one text to the next: nobody can search for one.
ALTER TABLE usher.sites
  ADD search text GENERATED ALWAYS AS
    (lower(name || E'\n' || description || E'\n' || address COLLATE "und-x-icu")) STORED;
ALTER TABLE usher.site_groups
  ADD search text GENERATED ALWAYS AS
    (lower(name || E'\n' || description COLLATE "und-x-icu")) STORED;

CREATE INDEX sites_create_idx ON usher.sites (organization_id, create_time, id);
CREATE INDEX sites_update_idx ON usher.sites (organization_id, update_time, id);
CREATE INDEX site_groups_create_idx ON usher.site_groups (organization_id, create_time, id);
CREATE INDEX site_groups_update_idx ON usher.site_groups (organization_id, update_time, id);
