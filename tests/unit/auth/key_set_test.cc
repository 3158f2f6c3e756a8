#include "auth/key_set.h"

#include <gtest/gtest.h>

#include "tests/unit/auth/vectors.h"

namespace usher::auth {
namespace {

std::string SetOf(const nlohmann::json& keys) { return nlohmann::json{{"keys", keys}}.dump(); }

nlohmann::json TheKeys() { return Vectors()["jwks"]["keys"]; }

TEST(KeySetTest, ReadsTheKeysOfAnotherImplementation) {
  const auto set = KeySet::Parse(Vectors()["jwks"].dump(2));

  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->keys().size(), 5u);
  EXPECT_EQ(set->Find("ec", Algorithm::kEs256).size(), 1u);
  EXPECT_TRUE(set->Find("ec", Algorithm::kRs256).empty());
  EXPECT_TRUE(set->Find("unknown", Algorithm::kEs256).empty());
}

TEST(KeySetTest, WithoutAnIdOnlyTheOneThatFits) {
  const auto set = KeySet::Parse(Vectors()["jwks"].dump());

  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->Find("", Algorithm::kEs256).size(), 1u);
  EXPECT_TRUE(set->Find("", Algorithm::kRs256).empty());
}

TEST(KeySetTest, LeavesOutKeysOfNoUse) {
  auto keys = TheKeys();
  keys.push_back({{"kty", "oct"}, {"k", "AAAA"}, {"kid", "secret"}});
  keys.push_back({{"kty", "future"}});
  keys.push_back("text");

  const auto set = KeySet::Parse(SetOf(keys));

  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->keys().size(), 5u);
}

TEST(KeySetTest, RefusesWhatIsNoSet) {
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string(R"({"keys":{}})"),
        SetOf(nlohmann::json::array()), SetOf({{{"kty", "oct"}, {"k", "AAAA"}}}),
        std::string(R"({"keys":[],"keys":[]})"), std::string("<html></html>"),
        std::string(300 << 10, ' ') + SetOf(TheKeys())}) {
    EXPECT_FALSE(KeySet::Parse(text).ok()) << text.substr(0, 40);
  }
}

TEST(KeySetTest, RefusesTooManyKeys) {
  auto keys = nlohmann::json::array();
  for (int i = 0; i < 101; ++i) keys.push_back(TheKeys()[3]);

  EXPECT_FALSE(KeySet::Parse(SetOf(keys)).ok());
}

}  // namespace
}  // namespace usher::auth
