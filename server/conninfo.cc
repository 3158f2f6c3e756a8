#include "server/conninfo.h"

#include <regex>

namespace usher::server {

std::string HidePasswords(std::string_view conninfo) {
  static const std::regex* const kUserinfo = new std::regex(R"(^(\w+://[^:/?#]*):[^/?#]*@)");
  static const std::regex* const kParameter = new std::regex(R"(([?&](ssl)?password=)[^&#]*)");
  static const std::regex* const kKeyword = new std::regex(
      R"((^|\s)((?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.)*))");
  std::string text(conninfo);
  if (text.find("://") != std::string::npos) {
    text = std::regex_replace(text, *kUserinfo, "$1:hidden@");
    return std::regex_replace(text, *kParameter, "$1hidden");
  }
  return std::regex_replace(text, *kKeyword, "$1$2hidden");
}

}  // namespace usher::server
