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
