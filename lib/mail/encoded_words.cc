#include "mail/encoded_words.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace usher::mail {
namespace {

// With what surrounds it a word stays below the length at which GMime would split it again.
constexpr size_t kMostBytesInWord = 30;

bool IsMisread(std::string_view text) {
  return text.find("=?") != std::string_view::npos || text.find("  ") != std::string_view::npos ||
         (!text.empty() && (text.front() == ' ' || text.back() == ' '));
}

bool ContinuesCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// A word holds whole code points.
size_t WordEnd(std::string_view text) {
  size_t end = std::min(text.size(), kMostBytesInWord);
  while (end > 0 && end < text.size() && ContinuesCodePoint(text[end])) --end;
  return end;
}

}  // namespace

std::string EncodeWhereMisread(std::string_view text) {
  if (!IsMisread(text)) return std::string(text);
  std::string words;
  while (!text.empty()) {
    const size_t end = WordEnd(text);
    const std::string word = absl::Base64Escape(std::string(text.substr(0, end)));
    absl::StrAppend(&words, words.empty() ? "" : " ", "=?utf-8?b?", word, "?=");
    text.remove_prefix(end);
  }
  return words;
}

}  // namespace usher::mail
