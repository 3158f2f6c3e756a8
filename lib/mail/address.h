#pragma once

#include <string_view>

namespace usher::mail {

// Whether `text` may stand between the angle brackets of an SMTP command or a header: printable
// ASCII around one "@", without spaces and angle brackets. Says nothing about delivery; it keeps
// a line break or a second command out of what is sent.
bool IsSafeAddress(std::string_view text);

// Valid UTF-8 without control characters, so that a name or subject stays in its header.
bool IsSafeHeaderText(std::string_view text);

}  // namespace usher::mail
