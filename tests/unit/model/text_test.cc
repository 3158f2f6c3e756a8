#include "model/text.h"

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace usher::model {
namespace {

using std::string_literals::operator""s;

constexpr TextRules kLine{.min = 1, .max = 64};
constexpr TextRules kLines{.min = 0, .max = 64, .multiline = true};

std::string Repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// The cleaned text, or what is wrong after an exclamation mark.
std::string Clean(std::string_view text, const TextRules& rules = kLine) {
  const auto clean = CleanText(text, rules);
  return clean.ok() ? *clean : "!" + std::string(clean.status().message());
}

TEST(CleanTextTest, KeepsWhatPeopleWrite) {
  for (const char* text : {"Ann", "Jean-Luc O'Neil, Jr. (Ops)", "田中 さくら", "Zoë", "Đặng Thị",
                           "نرگس‌خاتون", "👩‍👩‍👧", "%_\\\"'"}) {
    EXPECT_EQ(Clean(text), text);
  }
}

TEST(CleanTextTest, TrimsWhiteSpaceOfAllScripts) {
  EXPECT_EQ(Clean("  Ann \u00A0\u2003\u3000"), "Ann");
  EXPECT_EQ(Clean("\u3000Ann Lee"), "Ann Lee");
}

TEST(CleanTextTest, ComposesCharacters) {
  EXPECT_EQ(Clean("Zoe\u0308"), "Zo\u00EB");
  EXPECT_EQ(Clean("\u1112\u1161\u11AB"), "\uD55C");
  EXPECT_EQ(Clean("\u212B"), "\u00C5");
}

TEST(CleanTextTest, KeepsCompatibilityCharacters) { EXPECT_EQ(Clean("ﬁ①"), "ﬁ①"); }

TEST(CleanTextTest, IsTheSameTheSecondTime) {
  for (const char* text : {"  Zoe\u0308 ", "\u0344x", "q\u0307\u0323", "<\u0338"}) {
    const std::string once = Clean(text);

    EXPECT_EQ(Clean(once), once);
  }
}

TEST(CleanTextTest, R11CountsCodePoints) {
  for (const char* character : {"e", "\u00E9", "田", "😀"}) {
    EXPECT_EQ(Clean(Repeat(character, 64)), Repeat(character, 64));
    EXPECT_EQ(Clean(Repeat(character, 65)), "!must have at most 64 characters");
  }
}

TEST(CleanTextTest, R11CountsAfterComposing) {
  EXPECT_EQ(Clean(Repeat("e\u0301", 64)), Repeat("\u00E9", 64));
  EXPECT_EQ(Clean(Repeat("e\u0301", 65)), "!must have at most 64 characters");
  // U+1F82, which is made of four.
  EXPECT_EQ(Clean(Repeat("\u03B1\u0313\u0300\u0345", 64)), Repeat("\u1F82", 64));
}

TEST(CleanTextTest, CountsAfterTrimming) {
  EXPECT_EQ(Clean(Repeat(" ", 300) + "Ann" + Repeat("\u2003", 300)), "Ann");
}

TEST(CleanTextTest, R11RefusesWhatCannotBeSeen) {
  EXPECT_EQ(Clean(""), "!must not be empty");
  EXPECT_EQ(Clean("   "), "!must not be empty");
  for (const char* text : {"\u200B", "\u200D\u200C", "\uFEFF", "\u0301", "\u2800", "\u3164",
                           "\u00AD", " \u200B ", "\uFE0F", "\U000E0041"}) {
    EXPECT_EQ(Clean(text), "!must contain something that can be seen") << text;
    EXPECT_EQ(Clean(text, {.min = 0, .max = 64}), "!must contain something that can be seen");
  }
}

TEST(CleanTextTest, MayBeEmptyWhereTheRulesSaySo) {
  EXPECT_EQ(Clean("", {.min = 0, .max = 64}), "");
  EXPECT_EQ(Clean("  ", {.min = 0, .max = 64}), "");
}

TEST(CleanTextTest, HasTheLeastLength) {
  EXPECT_EQ(Clean("ab", {.min = 3, .max = 5}), "!must have at least 3 characters");
  EXPECT_EQ(Clean("abc", {.min = 3, .max = 5}), "abc");
}

TEST(CleanTextTest, R14RefusesControlCharacters) {
  for (const std::string& text :
       {"Ann\0Admin"s, "\0"s, "a\0"s, "x\r\ny"s, "x\ny"s, "x\ry"s, "x\ty"s, "Ann\n"s, "\x1B[0m"s,
        "a\x7F"s, "a\u0085"s, "a\u009Fb"s, "a\u2028b"s, "a\u2029"s}) {
    EXPECT_EQ(Clean(text), "!must not contain control characters");
  }
}

TEST(CleanTextTest, RefusesBidirectionalControls) {
  for (const char* text : {"a\u202Eb", "a\u202A", "\u202Da", "\u202C", "a\u2066b", "a\u2069"}) {
    EXPECT_EQ(Clean(text), "!must not contain bidirectional control characters");
  }
}

TEST(CleanTextTest, AllowsDirectionMarksOfNames) {
  EXPECT_EQ(Clean("\u200Fאבי (Avi)\u200E"), "\u200Fאבי (Avi)\u200E");
}

TEST(CleanTextTest, RefusesInvalidUtf8) {
  for (const std::string text :
       {"\xFF", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x28\xA1"}) {
    EXPECT_EQ(Clean(text), "!must be valid UTF-8");
  }
}

TEST(CleanTextTest, AllowsLinesWhereTheRulesSaySo) {
  EXPECT_EQ(Clean("\nHi,\n\n\twelcome!\n", kLines), "Hi,\n\n\twelcome!");
  EXPECT_EQ(Clean("a\r\nb\r\n", kLines), "a\nb");
  for (const std::string& text : {"a\rb"s, "a\r"s, "a\r\r\nb"s, "a\0b"s, "a\u2028b"s}) {
    EXPECT_EQ(Clean(text, kLines), "!must not contain control characters");
  }
}

TEST(CleanTextTest, RefusesHugeRunsOfMarksAtOnce) {
  // Composing them would take minutes.
  const std::string marks = "a" + Repeat("\u0301\u0323", 500'000);
  const absl::Time start = absl::Now();

  EXPECT_EQ(Clean(marks), "!must have at most 64 characters");
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST(IsValidUtf8Test, TellsTextFromOtherBytes) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("a\0é😀"s));
  EXPECT_FALSE(IsValidUtf8("a\xC3"));
  EXPECT_FALSE(IsValidUtf8("\x80"));
}

TEST(NameKeyTest, FoldsLetterCase) {
  EXPECT_EQ(NameKey("ACME"), NameKey("acme"));
  EXPECT_EQ(NameKey("STRASSE"), NameKey("straße"));
  EXPECT_EQ(NameKey("ΣΊΣΥΦΟΣ"), NameKey("σίσυφος"));
  EXPECT_EQ(NameKey("Bücher"), NameKey("BU\u0308CHER"));
}

TEST(NameKeyTest, KeepsOtherDifferences) {
  EXPECT_NE(NameKey("Acme"), NameKey("Ácme"));
  EXPECT_NE(NameKey("Acme 1"), NameKey("Acme1"));
  EXPECT_NE(NameKey("Acme①"), NameKey("Acme1"));
}

TEST(NameKeyTest, IsItsOwnKey) {
  for (const char* name : {"ACME", "ǅ", "İstanbul", "ᾼ", "ΐ", "ﬀ", "\u0345\u03B1"}) {
    EXPECT_EQ(NameKey(NameKey(name)), NameKey(name)) << name;
  }
}

}  // namespace
}  // namespace usher::model
