// The test vectors of the TypeID specification 0.3.0 (its valid.yml and invalid.yml), and what
// they leave open.
#include <algorithm>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "model/ids.h"

namespace usher::model {
namespace {

struct Valid {
  const char* name;
  const char* text;
  const char* prefix;
  const char* uuid;
};

const Valid kValid[] = {
    {"nil", "00000000000000000000000000", "", "00000000-0000-0000-0000-000000000000"},
    {"one", "00000000000000000000000001", "", "00000000-0000-0000-0000-000000000001"},
    {"ten", "0000000000000000000000000a", "", "00000000-0000-0000-0000-00000000000a"},
    {"sixteen", "0000000000000000000000000g", "", "00000000-0000-0000-0000-000000000010"},
    {"thirty-two", "00000000000000000000000010", "", "00000000-0000-0000-0000-000000000020"},
    {"max-valid", "7zzzzzzzzzzzzzzzzzzzzzzzzz", "", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
    {"valid-alphabet", "prefix_0123456789abcdefghjkmnpqrs", "prefix",
     "0110c853-1d09-52d8-d73e-1194e95b5f19"},
    {"valid-uuidv7", "prefix_01h455vb4pex5vsknk084sn02q", "prefix",
     "01890a5d-ac96-774b-bcce-b302099a8057"},
    {"prefix-underscore", "pre_fix_00000000000000000000000000", "pre_fix",
     "00000000-0000-0000-0000-000000000000"},
};

TEST(TypeIdTest, DecodesTheValidVectors) {
  for (const Valid& valid : kValid) {
    const auto id = DecodeTypeId(valid.text);

    ASSERT_TRUE(id.ok()) << valid.name << ": " << id.status();
    EXPECT_EQ(id->prefix, valid.prefix) << valid.name;
    EXPECT_EQ(FormatUuid(id->uuid), valid.uuid) << valid.name;
  }
}

TEST(TypeIdTest, EncodesTheValidVectors) {
  for (const Valid& valid : kValid) {
    const auto id = DecodeTypeId(valid.text);

    ASSERT_TRUE(id.ok()) << valid.name;
    EXPECT_EQ(EncodeTypeId(valid.prefix, id->uuid), valid.text) << valid.name;
  }
}

TEST(TypeIdTest, RefusesTheInvalidVectors) {
  const std::pair<const char*, const char*> invalid[] = {
      {"prefix-uppercase", "PREFIX_00000000000000000000000000"},
      {"prefix-numeric", "12345_00000000000000000000000000"},
      {"prefix-period", "pre.fix_00000000000000000000000000"},
      {"prefix-non-ascii", "préfix_00000000000000000000000000"},
      {"prefix-spaces", "  prefix_00000000000000000000000000"},
      {"prefix-64-chars",
       "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"
       "_00000000000000000000000000"},
      {"separator-empty-prefix", "_00000000000000000000000000"},
      {"separator-empty", "_"},
      {"suffix-short", "prefix_1234567890123456789012345"},
      {"suffix-long", "prefix_123456789012345678901234567"},
      {"suffix-spaces", "prefix_1234567890123456789012345 "},
      {"suffix-uppercase", "prefix_0123456789ABCDEFGHJKMNPQRS"},
      {"suffix-hyphens", "prefix_123456789-123456789-123456"},
      {"suffix-wrong-alphabet", "prefix_ooooooiiiiiiuuuuuuulllllll"},
      {"suffix-ambiguous-crockford", "prefix_i23456789ol23456789oi23456"},
      {"suffix-hyphens-crockford", "prefix_123456789-0123456789-0123456"},
      {"suffix-overflow", "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz"},
      {"prefix-underscore-start", "_prefix_00000000000000000000000000"},
      {"prefix-underscore-end", "prefix__00000000000000000000000000"},
  };
  for (const auto& [name, text] : invalid) {
    EXPECT_EQ(DecodeTypeId(text).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(TypeIdTest, RefusesWhatTheVectorsLeaveOpen) {
  for (const std::string text :
       {"", "prefix_", "prefix", "0000000000000000000000000", "000000000000000000000000000",
        "prefix_0000000000000000000000000\xC3", "prefix_ 0000000000000000000000000",
        "pre-fix_00000000000000000000000000"}) {
    EXPECT_FALSE(DecodeTypeId(text).ok()) << text;
  }
}

TEST(TypeIdTest, TakesPrefixesOf63Characters) {
  const std::string text = std::string(63, 'p') + "_00000000000000000000000000";

  ASSERT_TRUE(DecodeTypeId(text).ok());
  EXPECT_EQ(DecodeTypeId(text)->prefix, std::string(63, 'p'));
}

TEST(TypeIdTest, ComesBackForAnyUuid) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    Uuid uuid;
    std::generate(uuid.begin(), uuid.end(), [&] { return static_cast<uint8_t>(random()); });

    const auto decoded = DecodeTypeId(EncodeTypeId("thing", uuid));

    ASSERT_TRUE(decoded.ok());
    ASSERT_EQ(decoded->uuid, uuid);
  }
}

TEST(TypeIdTest, HasOneTextForEachUuid) {
  constexpr char kCharacters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCXYZ-_ ";
  const std::string good = "thing_01h455vb4pex5vsknk084sn02q";
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char c : std::string_view(kCharacters, sizeof kCharacters - 1)) {
      std::string text = good;
      text[at] = c;

      const auto decoded = DecodeTypeId(text);

      EXPECT_TRUE(!decoded.ok() || EncodeTypeId(decoded->prefix, decoded->uuid) == text) << text;
    }
  }
}

TEST(TypeIdTest, SortsAsItsUuids) {
  std::mt19937_64 random(8);
  const auto any = [&random] {
    Uuid uuid;
    std::generate(uuid.begin(), uuid.end(), [&] { return static_cast<uint8_t>(random()); });
    return uuid;
  };
  for (int i = 0; i < 500; ++i) {
    const Uuid a = any();
    const Uuid b = any();

    EXPECT_EQ(a < b, EncodeTypeId("t", a) < EncodeTypeId("t", b));
  }
}

}  // namespace
}  // namespace usher::model
