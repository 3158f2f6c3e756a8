#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::model {

// Lengths are in code points, after normalization and trimming.
struct TextRules {
  size_t min = 0;
  size_t max = 0;
  bool multiline = false;  // Allows line feed and tab; CR LF becomes a line feed.
};

// Text that people write, in the form that is kept: NFC, without white space at its ends.
//
// INVALID_ARGUMENT, with the rest of a sentence, for invalid UTF-8, control characters, characters
// that reorder what follows (bidi embeddings, overrides and isolates), lengths outside the rules,
// or text of which nothing can be seen. Takes time in proportion to the length, whatever is in it.
absl::StatusOr<std::string> CleanText(std::string_view text, const TextRules& rules);

bool IsValidUtf8(std::string_view text);

// NFC with letter case folded: two names with the same key are the same name.
// `text` is valid UTF-8.
std::string NameKey(std::string_view text);

}  // namespace usher::model
