#include "mail/address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "model/text.h"

namespace usher::mail {

bool IsSafeAddress(std::string_view text) {
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '<' && c != '>';
  });
  const size_t at = text.find('@');
  return printable && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos;
}

bool IsSafeHeaderText(std::string_view text) {
  return model::IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_iscntrl(c);
         });
}

}  // namespace usher::mail
