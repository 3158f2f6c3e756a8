#pragma once

#include <span>
#include <string>
#include <string_view>

namespace usher::mail {

// The best of the locales that are there for what somebody wants ("" when none fits): that locale,
// without letter case and with _ as -; else the same without its last parts ("de" for "de-AT", as
// RFC 4647 looks up); else another one of the language ("pt-BR" for "pt").
std::string MatchLocale(std::string_view wanted, std::span<const std::string> there);

}  // namespace usher::mail
