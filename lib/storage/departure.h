#pragma once

#include "storage/mails.h"

// Members who are members no longer, are suspended or may not invite any more: what becomes of the
// PENDING invitations that they sent, as their organization's inviter_departure_policy says. WITH
// queries to stand after the query `departed`, which names them by organization_id and user_id;
// `actor` and `origin` are the parameters of events.
//
// Changes of members hold the lock of the organization's row, and nobody who holds the lock of an
// invitation waits for that, so the two cannot wait for each other. The locks of the invitations
// are taken in the order of their ids. One that is accepted meanwhile is left alone.
#define USHER_CANCEL_INVITATIONS_OF(departed, actor, origin)                                     \
  "abandoned AS (SELECT a.organization_id, a.id FROM " departed                                  \
  " gone JOIN usher.organizations o ON o.id = gone.organization_id"                              \
  " JOIN usher.invitations a ON a.organization_id = gone.organization_id"                        \
  " AND a.invited_by = gone.user_id"                                                             \
  " WHERE o.inviter_departure_policy = 1 AND a.open AND a.state = 1"                             \
  " AND a.expire_time > usher.now() ORDER BY a.organization_id, a.id FOR UPDATE OF a), "         \
  "i AS (UPDATE usher.invitations i SET state = 4, open = false, cancel_time = usher.now(),"     \
  " update_time = usher.now(), revision = i.revision + 1 FROM abandoned"                         \
  " WHERE i.organization_id = abandoned.organization_id AND i.id = abandoned.id"                 \
  " RETURNING i.organization_id, i.id), "                                                        \
  "withdrawn AS (" USHER_WITHDRAW_MAILS                                                          \
  "), "                                                                                          \
  "told AS (INSERT INTO usher.events (organization_id, type, subject_id, actor_user_id, origin," \
  " before, after, create_time) SELECT i.organization_id, 'invitation.canceled', i.id, " actor   \
  ", " origin                                                                                    \
  "::jsonb, jsonb_build_object('state', 1), jsonb_build_object('state', 4), usher.now() FROM i)"
