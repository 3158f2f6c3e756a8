#include "model/site_access.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace usher::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Id>
Id Numbered(size_t number) {
  Uuid uuid{};
  uuid[14] = static_cast<uint8_t>(number >> 8);
  uuid[15] = static_cast<uint8_t>(number);
  return Id(uuid);
}

std::vector<SiteId> ManySites(size_t count) {
  std::vector<SiteId> sites;
  for (size_t i = 0; i < count; ++i) sites.push_back(Numbered<SiteId>(i));
  return sites;
}

TEST(SiteAccessTest, IsAllSites) {
  const SiteAccess access = SiteAccess::All();

  EXPECT_EQ(access.kind(), SiteAccess::Kind::kAllSites);
  EXPECT_THAT(access.groups(), IsEmpty());
  EXPECT_THAT(access.sites(), IsEmpty());
}

TEST(SiteAccessTest, IsSomeGroups) {
  const auto access = SiteAccess::Groups({Numbered<SiteGroupId>(1)});

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->kind(), SiteAccess::Kind::kSiteGroups);
  EXPECT_THAT(access->groups(), ElementsAre(Numbered<SiteGroupId>(1)));
  EXPECT_THAT(access->sites(), IsEmpty());
}

TEST(SiteAccessTest, IsSomeSitesSortedAndOnceEach) {
  const auto access = SiteAccess::Sites(
      {Numbered<SiteId>(3), Numbered<SiteId>(1), Numbered<SiteId>(3), Numbered<SiteId>(2)});

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->kind(), SiteAccess::Kind::kSites);
  EXPECT_THAT(access->sites(),
              ElementsAre(Numbered<SiteId>(1), Numbered<SiteId>(2), Numbered<SiteId>(3)));
}

TEST(SiteAccessTest, R26IsNeverEmpty) {
  EXPECT_EQ(SiteAccess::Groups({}).status().message(), "must not be empty");
  EXPECT_EQ(SiteAccess::Sites({}).status().message(), "must not be empty");
}

TEST(SiteAccessTest, NamesAtMost1000DifferentIds) {
  std::vector<SiteId> twice = ManySites(1000);
  twice.insert(twice.end(), twice.begin(), twice.begin() + 500);

  EXPECT_TRUE(SiteAccess::Sites(ManySites(1000)).ok());
  EXPECT_TRUE(SiteAccess::Sites(twice).ok());
  EXPECT_EQ(SiteAccess::Sites(ManySites(1001)).status().message(), "must name at most 1000");
}

TEST(SiteAccessTest, IsEqualWhateverTheOrder) {
  EXPECT_EQ(*SiteAccess::Sites({Numbered<SiteId>(1), Numbered<SiteId>(2)}),
            *SiteAccess::Sites({Numbered<SiteId>(2), Numbered<SiteId>(1)}));
  EXPECT_NE(*SiteAccess::Sites({Numbered<SiteId>(1)}), *SiteAccess::Sites({Numbered<SiteId>(2)}));
  EXPECT_NE(*SiteAccess::Sites({Numbered<SiteId>(1)}),
            *SiteAccess::Groups({Numbered<SiteGroupId>(1)}));
  EXPECT_NE(SiteAccess::All(), *SiteAccess::Sites({Numbered<SiteId>(1)}));
  EXPECT_EQ(SiteAccess::All(), SiteAccess::All());
}

}  // namespace
}  // namespace usher::model
