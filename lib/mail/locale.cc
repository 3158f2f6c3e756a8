#include "mail/locale.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace usher::mail {
namespace {

std::string Folded(std::string_view locale) {
  std::string folded = absl::AsciiStrToLower(std::string(locale));
  std::replace(folded.begin(), folded.end(), '_', '-');
  return folded;
}

std::string LanguageOf(const std::string& folded) { return folded.substr(0, folded.find('-')); }

template <class Fits>
std::string First(std::span<const std::string> there, Fits fits) {
  const auto found = std::find_if(there.begin(), there.end(), fits);
  return found == there.end() ? "" : *found;
}

}  // namespace

std::string MatchLocale(std::string_view wanted, std::span<const std::string> there) {
  std::string tag = Folded(wanted);
  const std::string language = LanguageOf(tag);
  while (!tag.empty()) {
    const auto same = [&tag](const std::string& one) { return Folded(one) == tag; };
    if (std::string found = First(there, same); !found.empty()) return found;
    const size_t dash = tag.rfind('-');
    tag.resize(dash == std::string::npos ? 0 : dash);
  }
  if (language.empty()) return "";
  return First(there, [&language](const auto& one) { return LanguageOf(Folded(one)) == language; });
}

}  // namespace usher::mail
