#include "mail/locale.h"

#include <vector>

#include "gtest/gtest.h"

namespace usher::mail {
namespace {

const std::vector<std::string> kThere = {"de", "en", "fr", "pt-BR", "zh-Hant"};

std::string Match(const char* wanted) { return MatchLocale(wanted, kThere); }

TEST(LocaleTest, LeavesOutTheLastPartsUntilOneFits) {
  EXPECT_EQ(Match("de"), "de");
  EXPECT_EQ(Match("de-AT"), "de");
  EXPECT_EQ(Match("de-Latn-AT-1996"), "de");
  EXPECT_EQ(Match("zh-Hant-TW"), "zh-Hant");
}

TEST(LocaleTest, LetterCaseAndUnderscoresDoNotMatter) {
  EXPECT_EQ(Match("DE_at"), "de");
  EXPECT_EQ(Match("PT_br"), "pt-BR");
}

TEST(LocaleTest, TakesAnotherRegionOfTheLanguageBeforeNone) {
  EXPECT_EQ(Match("pt"), "pt-BR");
  EXPECT_EQ(Match("pt-PT"), "pt-BR");
}

TEST(LocaleTest, NothingFitsOtherLanguagesAndNonsense) {
  for (const char* wanted : {"", "-", "--", "_", "xx", "d", "den", "de1", "x-de"}) {
    EXPECT_EQ(Match(wanted), "") << wanted;
  }
}

}  // namespace
}  // namespace usher::mail
