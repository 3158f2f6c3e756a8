#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/events/reader.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using events::Position;
using events::WatchQuery;
using testing::ElementsAre;
using testing::ElementsAreArray;

TEST_F(WatchTest, BringsWhatIsStoredAndThenWhatComes) {
  const auto reader = Open(world.ann, OfAcme(Position{}));
  ASSERT_THAT(Start(*reader), IsOk());
  ASSERT_THAT(Read(*reader, 5), IsOk());

  world.AddSite(world.acme, "New");
  ASSERT_THAT(Read(*reader, 6), IsOk());

  EXPECT_THAT(reader->Types(),
              ElementsAre("organization.created", "membership.created", "site.created",
                          "site.created", "site_group.created", "site.created"));
  EXPECT_EQ(reader->Positions(), StoredPositions());
}

TEST_F(WatchTest, NothingThatCommitsLateIsSkippedOrComesTwice) {
  Session late(world.database);
  late.Run("BEGIN");
  WriteEvent(late, "site.updated");
  const auto reader = Open(world.ann, OfAcme(Position{}));
  ASSERT_THAT(Start(*reader), IsOk());
  ASSERT_THAT(Read(*reader, 5), IsOk());

  std::vector<async::Task<absl::StatusOr<organizations::Changed<organizations::Site>>>> writers;
  const model::Call call = world.CallBy(world.ann);
  for (int i = 0; i < 30; ++i) {
    organizations::NewSite draft;
    draft.organization = world.acme;
    draft.name = absl::StrCat("Site ", i);
    writers.push_back(world.organizations.CreateSite(call, std::move(draft)));
  }
  for (const auto& written : world.WaitAll(std::move(writers))) ASSERT_THAT(written, IsOk());
  WriteEvent(late, "site.deleted");
  int rounds = 0;
  const auto five_rounds = [&rounds](const Reader&) { return ++rounds > 5; };
  ASSERT_THAT(world.Wait(ReadUntil(reader.get(), five_rounds)), IsOk());
  EXPECT_EQ(reader->got.size(), 5U);
  // Committed after all others and before them in the log.
  late.Run("COMMIT");
  ASSERT_THAT(Read(*reader, 37), IsOk());

  EXPECT_EQ(reader->Positions(), StoredPositions());
  EXPECT_EQ(reader->Types()[5], "site.updated");
  EXPECT_EQ(reader->Types()[6], "site.deleted");
}

TEST_F(WatchTest, ContinuesAfterEveryPosition) {
  const std::vector<std::string> all = StoredPositions();
  for (size_t seen = 1; seen < all.size(); ++seen) {
    const auto reader = Open(world.ann, OfAcme(Position::Parse(all[seen - 1])));
    ASSERT_THAT(Start(*reader), IsOk());
    ASSERT_THAT(Read(*reader, all.size() - seen), IsOk());

    EXPECT_THAT(reader->Positions(),
                ElementsAreArray(all.begin() + static_cast<long>(seen), all.end()));
  }
}

TEST_F(WatchTest, AChangesPositionIsAfterTheChange) {
  const auto invited = world.Invite(world.Draft("ben@example.com"));
  ASSERT_THAT(invited, IsOk());
  const auto reader = Open(world.ann, OfAcme(Position::Parse(invited->position)));
  ASSERT_THAT(Start(*reader), IsOk());

  world.AddSite(world.acme, "New");
  ASSERT_THAT(Read(*reader, 1), IsOk());

  EXPECT_THAT(reader->Types(), ElementsAre("site.created"));
}

TEST_F(WatchTest, BeginsNowWithoutAPosition) {
  const auto reader = Open(world.ann, OfAcme());
  ASSERT_THAT(Start(*reader), IsOk());
  const Position start = reader->watch.position();
  ASSERT_THAT(ReadUntilLive(*reader), IsOk());

  world.AddSite(world.acme, "New");
  ASSERT_THAT(Read(*reader, 1), IsOk());

  EXPECT_THAT(reader->Types(), ElementsAre("site.created"));
  EXPECT_LT(start, reader->got[0].position);
}

TEST_F(WatchTest, SeesOneOrganizationAndWhatItAskedFor) {
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  WatchQuery query = OfAcme();
  query.filter.things = {"site", "invitation"};
  const auto reader = Open(world.ann, query);
  ASSERT_THAT(Start(*reader), IsOk());
  ASSERT_THAT(ReadUntilLive(*reader), IsOk());

  world.AddSite(other.organization.id, "Oslo");
  world.Join(world.Draft("ben@example.com"));
  world.AddSite(world.acme, "New");
  ASSERT_THAT(Read(*reader, 3), IsOk());

  EXPECT_THAT(reader->Types(),
              ElementsAre("invitation.created", "invitation.accepted", "site.created"));
}

TEST_F(WatchTest, WhoReadsTooSlowlyIsToldSo) {
  const auto quick = Open(world.ann, OfAcme());
  ASSERT_THAT(Start(*quick), IsOk());
  ASSERT_THAT(ReadUntilLive(*quick), IsOk());
  Reader slow(world, log, small, world.CallBy(world.ann), OfAcme());
  ASSERT_THAT(Start(slow), IsOk());
  ASSERT_THAT(ReadUntilLive(slow), IsOk());

  for (int i = 0; i < 20; ++i) {
    world.AddSite(world.acme, absl::StrCat("Site ", i));
    ASSERT_THAT(Read(*quick, static_cast<size_t>(i) + 1), IsOk());
  }

  EXPECT_EQ(Read(slow, 20).code(), StatusCode::kResourceExhausted);
  EXPECT_LE(small.bytes(), 2000U);
  // It continues from where it was.
  Reader again(world, log, small, world.CallBy(world.ann), OfAcme(slow.watch.position()));
  ASSERT_THAT(Start(again), IsOk());
  ASSERT_THAT(Read(again, 20 - slow.got.size()), IsOk());
}

}  // namespace
}  // namespace usher::test
