#include "model/position.h"

#include <charconv>

#include "absl/strings/str_cat.h"

namespace usher::model {
namespace {

// Decimal digits in their one form: what we wrote ourselves.
template <class Integer>
bool ReadNumber(std::string_view text, Integer& value) {
  if (text.empty() || (text[0] == '0' && text.size() > 1) || text[0] == '-') return false;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end;
}

}  // namespace

std::optional<Position> Position::Parse(std::string_view text) {
  Position position;
  const size_t dot = text.find('.');
  if (!ReadNumber(text.substr(0, dot), position.xact)) return std::nullopt;
  if (dot == std::string_view::npos) {
    // "0" is the beginning, as no transaction has that number.
    if (position.xact != 0) position.sequence = kEnd;
    return position;
  }
  if (!ReadNumber(text.substr(dot + 1), position.sequence)) return std::nullopt;
  return position;
}

std::string Position::ToString() const {
  if (sequence == kEnd || xact == 0) return absl::StrCat(xact);
  return absl::StrCat(xact, ".", sequence);
}

}  // namespace usher::model
