#pragma once

// Withdraws what waits to be mailed for the invitations of a WITH query. Rows that a mail
// worker holds are left to it: it withdraws what is no longer wanted by itself, and it locks the
// mail before the invitation, so that waiting for it here would be a deadlock.
#define USHER_WITHDRAW_MAILS_OF(those)                                        \
  "UPDATE usher.mails m SET state = 4, update_time = usher.now() FROM ("      \
  "SELECT w.organization_id, w.id FROM usher.mails w, " those                 \
  " i WHERE w.organization_id = i.organization_id AND w.invitation_id = i.id" \
  " AND w.state = 1 FOR UPDATE OF w SKIP LOCKED) waiting"                     \
  " WHERE m.organization_id = waiting.organization_id AND m.id = waiting.id"
#define USHER_WITHDRAW_MAILS USHER_WITHDRAW_MAILS_OF("i")

// Whether the inviter of `i` may be told what became of it: an ACTIVE member of the organization.
#define USHER_HAS_ITS_INVITER(i)                                             \
  "EXISTS (SELECT FROM usher.memberships own WHERE own.organization_id = " i \
  ".organization_id"                                                         \
  " AND own.user_id = " i                                                    \
  ".invited_by AND own.status = 1"                                           \
  " AND (own.end_time IS NULL OR own.end_time > usher.now()))"

// Queues what the inviter is told of the answer to an invitation, the WITH query `i`, if their
// organization wants that. `kind` is 3 for accepted, 4 for declined; the parameter `id` is NULL
// where no mails are sent.
#define USHER_NOTIFY_INVITER(kind, id, traceparent)                                \
  "INSERT INTO usher.mails (organization_id, id, kind, invitation_id, generation," \
  " next_attempt_time, traceparent, create_time, update_time)"                     \
  " SELECT i.organization_id, " id "::uuid, " kind                                 \
  ", i.id, i.generation, usher.now(), " traceparent                                \
  ", usher.now(), usher.now() FROM i JOIN usher.organizations o"                   \
  " ON o.id = i.organization_id WHERE o.notify_inviter AND " id                    \
  "::uuid IS NOT NULL AND " USHER_HAS_ITS_INVITER("i")
