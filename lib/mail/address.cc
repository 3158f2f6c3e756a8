#include "mail/address.h"

#include <algorithm>

namespace usher::mail {

bool IsSafeAddress(std::string_view text) {
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '<' && c != '>';
  });
  const size_t at = text.find('@');
  return printable && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos;
}

}  // namespace usher::mail
