#pragma once

#include <string_view>

namespace usher::mail {

// Whether `text` may stand between the angle brackets of an SMTP command or a header: printable
// ASCII around one "@" that needs no quotes, so that it is one address wherever it stands. Says
// nothing about delivery; it keeps a line break, a second command or a second recipient out.
bool IsSafeAddress(std::string_view text);

// Valid UTF-8 without control characters, so that a name or subject stays in its header.
bool IsSafeHeaderText(std::string_view text);

}  // namespace usher::mail
