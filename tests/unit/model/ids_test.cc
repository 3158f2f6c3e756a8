#include "model/ids.h"

#include <string>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace usher::model {
namespace {

using testing::HasSubstr;

constexpr Uuid kSome = {0x01, 0x89, 0x0a, 0x5d, 0xac, 0x96, 0x77, 0x4b,
                        0xbc, 0xce, 0xb3, 0x02, 0x09, 0x9a, 0x80, 0x57};

TEST(IdTest, HasThePrefixOfItsKind) {
  EXPECT_EQ(OrganizationId(kSome).ToString(), "org_01h455vb4pex5vsknk084sn02q");
  EXPECT_EQ(UserId(kSome).ToString(), "user_01h455vb4pex5vsknk084sn02q");
  EXPECT_EQ(InvitationId(kSome).ToString(), "inv_01h455vb4pex5vsknk084sn02q");
  EXPECT_EQ(SiteId(kSome).ToString(), "site_01h455vb4pex5vsknk084sn02q");
  EXPECT_EQ(SiteGroupId(kSome).ToString(), "sgrp_01h455vb4pex5vsknk084sn02q");
  EXPECT_EQ(EventId(kSome).ToString(), "evt_01h455vb4pex5vsknk084sn02q");
  EXPECT_EQ(MailId(kSome).ToString(), "dlv_01h455vb4pex5vsknk084sn02q");
}

TEST(IdTest, IsReadBack) {
  const auto id = SiteId::Parse("site_01h455vb4pex5vsknk084sn02q");

  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(id->uuid(), kSome);
}

TEST(IdTest, RefusesOtherKindsAndMalformedTextWithAnExample) {
  for (const std::string text :
       {"", "01h455vb4pex5vsknk084sn02q", "_01h455vb4pex5vsknk084sn02q",
        "user_01h455vb4pex5vsknk084sn02q", "sites_01h455vb4pex5vsknk084sn02q",
        "site-01h455vb4pex5vsknk084sn02q", "site01h455vb4pex5vsknk084sn02q",
        "SITE_01h455vb4pex5vsknk084sn02q", "site_01H455VB4PEX5VSKNK084SN02Q",
        "site_01h455vb4pex5vsknk084sn02", "site_01h455vb4pex5vsknk084sn02qq",
        "site_81h455vb4pex5vsknk084sn02q", "site_01h455vb4pex5vsknk084sn02u",
        " site_01h455vb4pex5vsknk084sn02q", "site_01h455vb4pex5vsknk084sn02q\n",
        "01890a5d-ac96-774b-bcce-b302099a8057"}) {
    const auto id = SiteId::Parse(text);

    EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(id.status().message()), HasSubstr("site_")) << text;
  }
}

TEST(IdTest, RefusesNulInside) {
  using std::string_literals::operator""s;

  EXPECT_FALSE(SiteId::Parse("site_01h455vb4pex5vsknk084sn02\0"s).ok());
  EXPECT_FALSE(SiteId::Parse("site\0_1h455vb4pex5vsknk084sn02q"s).ok());
}

TEST(IdTest, IsNilAtFirst) {
  EXPECT_TRUE(OrganizationId().is_nil());
  EXPECT_FALSE(OrganizationId(kSome).is_nil());
}

TEST(IdTest, IsComparedAndHashedByValue) {
  Uuid later = kSome;
  later[15] += 1;

  EXPECT_EQ(UserId(kSome), UserId(kSome));
  EXPECT_LT(UserId(kSome), UserId(later));
  EXPECT_TRUE(
      absl::VerifyTypeImplementsAbslHashCorrectly({UserId(), UserId(kSome), UserId(later)}));
}

TEST(FormatUuidTest, WritesHyphens) {
  EXPECT_EQ(FormatUuid(kSome), "01890a5d-ac96-774b-bcce-b302099a8057");
}

}  // namespace
}  // namespace usher::model
