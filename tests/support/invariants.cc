#include "tests/support/invariants.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace usher::test {
namespace {

struct Invariant {
  const char* sentence;
  const char* violations;  // The rows that break it.
};

// Numbered as in docs/testing.md.
constexpr Invariant kInvariants[] = {
    {"I3: an invitation is accepted once", R"sql(
       SELECT subject_id::text FROM usher.events WHERE type = 'invitation.accepted'
       GROUP BY organization_id, subject_id HAVING count(*) > 1)sql"},
    {"I3: a membership that an invitation made has an accepted one of that person", R"sql(
       SELECT m.user_id::text FROM usher.memberships m
       JOIN usher.invitations i ON i.organization_id = m.organization_id AND i.id = m.invitation_id
       WHERE i.state <> 2 OR i.user_id <> m.user_id)sql"},
    {"I3: an accepted invitation has its person and its time, and no other one has", R"sql(
       SELECT id::text FROM usher.invitations
       WHERE (state = 2) <> (accept_time IS NOT NULL) OR (user_id IS NOT NULL AND state <> 2))sql"},
    {"I4: an address has one open invitation in an organization", R"sql(
       SELECT email_key FROM usher.invitations WHERE open
       GROUP BY organization_id, email_key HAVING count(*) > 1)sql"},
    {"I4: a member's address has no pending invitation", R"sql(
       SELECT u.email_key FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id
       JOIN usher.invitations i
         ON i.organization_id = m.organization_id AND i.email_key = u.email_key
       WHERE i.state = 1 AND i.expire_time > usher.now() AND i.create_time > m.create_time
         AND (m.end_time IS NULL OR m.end_time > usher.now()))sql"},
    {"I5: an invitation's state is what its last event made of it", R"sql(
       SELECT i.id::text FROM usher.invitations i JOIN (
         SELECT DISTINCT ON (e.organization_id, e.subject_id) e.organization_id, e.subject_id,
                e.type
         FROM usher.events e WHERE e.type LIKE 'invitation.%'
         ORDER BY e.organization_id, e.subject_id, e.sequence DESC) last
       ON last.organization_id = i.organization_id AND last.subject_id = i.id
       WHERE CASE last.type WHEN 'invitation.accepted' THEN i.state <> 2
                            WHEN 'invitation.declined' THEN i.state <> 3
                            WHEN 'invitation.canceled' THEN i.state <> 4
                            WHEN 'invitation.deleted' THEN true
                            ELSE i.state NOT IN (1, 5) END)sql"},
    {"I5: times of an answer stand where the state says so", R"sql(
       SELECT id::text FROM usher.invitations
       WHERE (state = 3) <> (decline_time IS NOT NULL) OR (state = 4) <> (cancel_time IS NOT NULL)
       )sql"},
    {"I8: nothing was accepted after its time", R"sql(
       SELECT id::text FROM usher.invitations WHERE state = 2 AND accept_time >= expire_time)sql"},
    {"I6: a pending invitation whose mail is queued has that mail, once", R"sql(
       SELECT i.id::text FROM usher.invitations i
       WHERE i.state = 1 AND i.delivery = 2 AND (
         SELECT count(*) FROM usher.mails m
         WHERE m.organization_id = i.organization_id AND m.invitation_id = i.id
           AND m.generation = i.generation AND m.kind = 1 AND m.state = 1) <> 1)sql"},
    {"I6: a link is mailed once, reminded of once, and an answer told once", R"sql(
       SELECT invitation_id::text FROM usher.mails
       GROUP BY organization_id, invitation_id, generation, kind HAVING count(*) > 1)sql"},
    {"I13: a membership has its user's address and last access", R"sql(
       SELECT m.user_id::text FROM usher.memberships m JOIN usher.users u ON u.id = m.user_id
       LEFT JOIN usher.member_accesses a
         ON a.organization_id = m.organization_id AND a.user_id = m.user_id
       WHERE a.user_id IS NULL OR m.email_key IS DISTINCT FROM u.email_key
         OR a.last_access_time IS DISTINCT FROM u.last_access_time)sql"},
};

}  // namespace

std::vector<std::string> BrokenInvariants(const Database& database) {
  std::vector<std::string> queries;
  for (const Invariant& invariant : kInvariants) {
    queries.push_back(absl::StrCat("(SELECT $$", invariant.sentence, "; not so: $$ || which FROM (",
                                   invariant.violations, ") broken (which) LIMIT 1)"));
  }
  return database.Query(absl::StrJoin(queries, " UNION ALL "));
}

}  // namespace usher::test
