#pragma once

#include <string>
#include <vector>

#include "tests/support/database.h"

namespace usher::test {

// What is always true of a database of usher's, whatever was called at once. A sentence for each
// that is broken; none if all is well.
std::vector<std::string> BrokenInvariants(const Database& database);

}  // namespace usher::test
