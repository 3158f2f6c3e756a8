#pragma once

#include "storage/list.h"

namespace usher::directory {

// The statements of ListUsers. After the parameters of all lists: $9 statuses, $10 roles, $11 the
// needle, $12 a site, $13 a site group.
const storage::ListStatements& ListUsersStatements();

}  // namespace usher::directory
