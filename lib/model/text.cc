#include "model/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace usher::model {
namespace {

using CodePoint = utf8proc_int32_t;

absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

const utf8proc_uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Nothing for invalid UTF-8.
bool Decode(std::string_view text, std::vector<CodePoint>& points) {
  while (!text.empty()) {
    CodePoint point = 0;
    const auto length =
        utf8proc_iterate(Bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
    if (length <= 0) return false;
    points.push_back(point);
    text.remove_prefix(static_cast<size_t>(length));
  }
  return true;
}

std::string Encode(const CodePoint* begin, const CodePoint* end) {
  std::string text;
  for (; begin != end; ++begin) {
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(*begin, bytes);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  }
  return text;
}

// `text` is valid UTF-8, so mapping cannot fail but for memory.
std::string Map(std::string_view text, utf8proc_option_t options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto length = utf8proc_map(Bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (length < 0) return std::string(text);
  return {reinterpret_cast<const char*>(mapped), static_cast<size_t>(length)};
}

bool IsSpace(CodePoint point) {
  if (point == '\t' || point == '\n' || point == '\r') return true;
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool IsControl(CodePoint point, bool multiline) {
  if (multiline && (point == '\n' || point == '\t')) return false;
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

// Unicode Standard Annex 9: embeddings, overrides, isolates and their ends.
bool IsBidiControl(CodePoint point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

// Format characters (zero-width spaces and joiners among them) and combining marks show nothing
// by themselves; so do fillers.
bool IsVisible(CodePoint point) {
  const auto category = utf8proc_category(point);
  return !IsSpace(point) && category != UTF8PROC_CATEGORY_CF && category != UTF8PROC_CATEGORY_MN &&
         category != UTF8PROC_CATEGORY_ME && category != UTF8PROC_CATEGORY_CN && point != 0x115F &&
         point != 0x1160 && point != 0x3164 && point != 0xFFA0 && point != 0x2800;
}

absl::Status CheckPoints(const std::vector<CodePoint>& points, bool multiline) {
  for (const CodePoint point : points) {
    if (IsControl(point, multiline)) return Wrong("must not contain control characters");
    if (IsBidiControl(point)) return Wrong("must not contain bidirectional control characters");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  std::vector<CodePoint> points;
  return Decode(text, points);
}

std::string NameKey(std::string_view text) {
  return Map(
      text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
}

absl::StatusOr<std::string> CleanText(std::string_view text, const TextRules& rules) {
  std::vector<CodePoint> points;
  // A control character at an end is refused, not trimmed: it was not typed by a person.
  if (!Decode(text, points)) return Wrong("must be valid UTF-8");
  if (auto status = CheckPoints(points, rules.multiline); !status.ok()) return status;

  const std::string composed =
      Map(text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  points.clear();
  Decode(composed, points);
  const auto first = std::find_if_not(points.begin(), points.end(), IsSpace);
  const auto last = std::find_if_not(points.rbegin(), std::make_reverse_iterator(first), IsSpace);
  const std::vector<CodePoint> kept(first, last.base());

  if (kept.size() > rules.max) {
    return absl::InvalidArgumentError(
        absl::StrCat("must have at most ", rules.max, " characters, has ", kept.size()));
  }
  const bool blank = std::none_of(kept.begin(), kept.end(), IsVisible);
  if (blank && !kept.empty()) return Wrong("must contain something that can be seen");
  if (kept.size() < rules.min) return Wrong("must not be empty");
  return Encode(kept.data(), kept.data() + kept.size());
}

}  // namespace usher::model
