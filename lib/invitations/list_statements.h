#pragma once

#include "storage/list.h"

namespace usher::invitations {

// The statements of List. After the parameters of all lists: $9 states, $10 roles, $11 the needle,
// $12 a site, $13 a site group, $14 the inviter, $15 the address, $16 and $17 the range of the time
// of creation, $18 and $19 that of the time of expiry.
const storage::ListStatements& ListInvitationsStatements();

}  // namespace usher::invitations
