#pragma once

#include <cstdint>

namespace usher::mail {

// What a mail is for, by the numbers of the API and the database.
enum class Kind : int16_t { kInvitation = 1, kReminder, kAccepted, kDeclined };

// Whether a mail is to the inviter, and so without a link.
inline bool IsNotice(Kind kind) { return kind >= Kind::kAccepted; }

}  // namespace usher::mail
