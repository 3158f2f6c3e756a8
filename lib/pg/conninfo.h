#pragma once

#include <string>

namespace usher::pg {

// A connection string of libpq, keywords or URI, as keywords and without its secrets:
// `host=db user=usher password=(hidden)`. Read by libpq itself, so that nothing that it would take
// for a password is shown; a text that it cannot read is hidden whole.
std::string HidePasswords(const std::string& conninfo);

}  // namespace usher::pg
