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

constexpr CodePoint kNoPoint = -1;
// How many code points composing can make one of: none decomposes into more.
constexpr size_t kMostComposed = 4;

absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

const utf8proc_uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Takes the first code point off; false if it is invalid.
bool TakeFirst(std::string_view& text, CodePoint& point) {
  const auto length =
      utf8proc_iterate(Bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
  if (length <= 0) return false;
  text.remove_prefix(static_cast<size_t>(length));
  return true;
}

// False for invalid UTF-8.
bool Decode(std::string_view text, std::vector<CodePoint>& points) {
  CodePoint point = 0;
  while (!text.empty()) {
    if (!TakeFirst(text, point)) return false;
    points.push_back(point);
  }
  return true;
}

std::string Encode(const std::vector<CodePoint>& points) {
  std::string text;
  for (const CodePoint point : points) {
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(point, bytes);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  }
  return text;
}

// Code points of valid UTF-8: every byte but the continuations begins one.
size_t Count(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
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

// Browsers send line ends in forms as CR LF.
void JoinLineEnds(std::vector<CodePoint>& points) {
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    if (points[i] == '\r' && points[i + 1] == '\n') points[i] = kNoPoint;
  }
  points.erase(std::remove(points.begin(), points.end(), kNoPoint), points.end());
}

void Trim(std::vector<CodePoint>& points) {
  points.erase(std::find_if_not(points.rbegin(), points.rend(), IsSpace).base(), points.end());
  points.erase(points.begin(), std::find_if_not(points.begin(), points.end(), IsSpace));
}

absl::Status TooLong(const TextRules& rules) {
  return absl::InvalidArgumentError(absl::StrCat("must have at most ", rules.max, " characters"));
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  CodePoint point = 0;
  while (!text.empty()) {
    if (!TakeFirst(text, point)) return false;
  }
  return true;
}

std::string NameKey(std::string_view text) {
  return Map(
      text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
}

absl::StatusOr<std::string> CleanText(std::string_view text, const TextRules& rules) {
  std::vector<CodePoint> points;
  if (!Decode(text, points)) return Wrong("must be valid UTF-8");
  if (rules.multiline) JoinLineEnds(points);
  // Before trimming: a control character at an end was not typed by a person either.
  if (auto status = CheckPoints(points, rules.multiline); !status.ok()) return status;
  Trim(points);

  // Composing takes the square of the length of a run of marks: much too long text is not composed.
  if (points.size() > kMostComposed * rules.max) return TooLong(rules);
  std::string composed =
      Map(Encode(points), static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const size_t length = Count(composed);
  if (length > rules.max) return TooLong(rules);
  if (!points.empty() && std::none_of(points.begin(), points.end(), IsVisible)) {
    return Wrong("must contain something that can be seen");
  }
  if (length >= rules.min) return composed;
  if (composed.empty()) return Wrong("must not be empty");
  return absl::InvalidArgumentError(absl::StrCat("must have at least ", rules.min, " characters"));
}

}  // namespace usher::model
