#include "mail/address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "model/text.h"

namespace usher::mail {
namespace {

// A dot-atom of RFC 5322: text that stands in a header without quotes.
bool IsDotAtom(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  });
}

bool IsDomain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

bool IsSafeAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != std::string_view::npos && IsDotAtom(text.substr(0, at)) &&
         IsDomain(text.substr(at + 1));
}

bool IsSafeHeaderText(std::string_view text) {
  return model::IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_iscntrl(c);
         });
}

}  // namespace usher::mail
