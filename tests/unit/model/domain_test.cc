#include "model/domain.h"

#include <gtest/gtest.h>

#include <string>

#include "model/email.h"

namespace usher::model {
namespace {

TEST(DomainTest, IsComparedAsItsALabelLikeThoseOfAddresses) {
  const auto typed = ParseDomain("Bücher.Example.com");

  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(*typed, "xn--bcher-kva.example.com");
  EXPECT_EQ(*typed, std::string(Email::Parse("a@bücher.example.com")->domain()));
}

TEST(DomainTest, PatternMayStandForAllBelow) {
  EXPECT_EQ(*ParseDomainPattern(" Example.com "), "example.com");
  EXPECT_EQ(*ParseDomainPattern("*.Bücher.example"), "*.xn--bcher-kva.example");
}

TEST(DomainTest, RefusesWhatIsNoDomain) {
  for (const std::string text : {"", "*", "*.", "*.*.example.com", "a.*.example.com", "example",
                                 "*.com", "example.com.", "@example.com", "10.0.0.1", "a b.com"}) {
    EXPECT_FALSE(ParseDomainPattern(text).ok()) << text;
  }
  EXPECT_FALSE(ParseDomain("*.example.com").ok());
  EXPECT_FALSE(ParseDomain(std::string(250, 'a') + ".com").ok());
}

}  // namespace
}  // namespace usher::model
