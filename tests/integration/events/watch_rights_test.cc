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
using events::Watch;
using events::WatchQuery;
using model::Reason;
using testing::ElementsAre;

using WatchRightsTest = WatchTest;

TEST_F(WatchRightsTest, AUserFollowsThemselvesAndNobodyElse) {
  const auto ben = world.Join(world.Draft("ben@example.com"));
  WatchQuery own;
  own.scope.user = ben;
  own.after = Position{};
  const auto reader = Open(ben, own);
  ASSERT_THAT(Start(*reader), IsOk());

  world.AddSite(world.acme, "New");
  world.database.Query("UPDATE usher.memberships SET end_time = now() WHERE role = 3");
  Session session(world.database);
  session.Run(absl::StrCat(
      "INSERT INTO usher.events (organization_id, type, subject_id, origin, create_time) "
      "SELECT organization_id, 'membership.ended', user_id, '{}', now() FROM usher.memberships "
      "WHERE role = 3"));
  ASSERT_THAT(Read(*reader, 2), IsOk());

  EXPECT_THAT(reader->Types(), ElementsAre("invitation.accepted", "membership.ended"));
  const auto others = Open(world.ann, own);
  EXPECT_THAT(Start(*others), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
  own.scope.user = model::UserId(world.ids.Next());
  const auto nobodys = Open(std::nullopt, own);
  EXPECT_THAT(Start(*nobodys), Refused(StatusCode::kNotFound, Reason::kUserNotFound));
}

TEST_F(WatchRightsTest, EndsWhenTheRightIsLostAndTellsWhatWasBefore) {
  auto draft = world.Draft("oz@example.com");
  draft.role = model::Role::kSuperUser;
  const auto oz = world.Join(draft);
  const auto reader = Open(oz, OfAcme());
  ASSERT_THAT(Start(*reader), IsOk());
  ASSERT_THAT(ReadUntilLive(*reader), IsOk());
  world.AddSite(world.acme, "Before");
  directory::MembershipChange change;
  change.name.organization = world.acme;
  change.name.user = oz;
  const model::Call call = world.CallBy(world.ann);

  ASSERT_THAT(world.Wait(world.directory.RevokeMembership(call, change)), IsOk());
  world.AddSite(world.acme, "After");

  EXPECT_THAT(Read(*reader, 3), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(reader->Types(), ElementsAre("site.created"));
}

TEST_F(WatchRightsTest, ARightThatIsLostWithoutAnEventEndsItAtTheNextCheck) {
  const auto reader = Open(world.ann, OfAcme());
  ASSERT_THAT(Start(*reader), IsOk());
  events::WatchOptions hasty;
  hasty.recheck = std::chrono::milliseconds(1);
  Watch watch(log, feed, world.lane, world.CallBy(world.ann), OfAcme(), hasty);
  ASSERT_THAT(world.Wait(watch.Start()), IsOk());

  world.database.Query("UPDATE usher.memberships SET role = 3");

  while (world.lane.now() < watch.next_check()) world.lane.RunOnce(watch.next_check());
  EXPECT_THAT(world.Wait(watch.Next()),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
}

TEST_F(WatchRightsTest, AServiceIsToldOfTheOrganizationsEndAndNothingAfter) {
  const auto reader = Open(std::nullopt, OfAcme());
  ASSERT_THAT(Start(*reader), IsOk());
  ASSERT_THAT(ReadUntilLive(*reader), IsOk());

  Session session(world.database);
  session.Run("BEGIN");
  WriteEvent(session, "site.deleted");
  WriteEvent(session, "organization.deleted");
  session.Run("SET LOCAL session_replication_role = replica");  // As if all rows had gone.
  session.Run("DELETE FROM usher.organizations");
  session.Run("COMMIT");

  EXPECT_THAT(Read(*reader, 3), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(reader->Types(), ElementsAre("site.deleted", "organization.deleted"));
}

TEST_F(WatchRightsTest, NeedsTheRightToReadEvents) {
  const auto ben = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");

  const auto observer_s = Open(ben, OfAcme());
  EXPECT_THAT(Start(*observer_s),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  const auto stranger_s = Open(other.first_super_user, OfAcme());
  EXPECT_THAT(Start(*stranger_s), Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  const auto service_s = Open(std::nullopt, OfAcme());
  EXPECT_THAT(Start(*service_s), IsOk());
}

TEST_F(WatchRightsTest, SaysWhenAPositionIsTooOld) {
  const std::vector<std::string> all = StoredPositions();
  const Position third = *Position::Parse(all[2]);
  world.database.Query(absl::StrCat("UPDATE usher.event_log SET purged_xact = '", third.xact,
                                    "', purged_sequence = ", third.sequence));

  const auto older = Open(world.ann, OfAcme(Position::Parse(all[1])));
  EXPECT_THAT(Start(*older), Refused(StatusCode::kOutOfRange, Reason::kEventPositionTooOld));
  const auto last = Open(world.ann, OfAcme(third));
  EXPECT_THAT(Start(*last), IsOk());
  const auto oldest = Open(world.ann, OfAcme(Position{}));
  EXPECT_THAT(Start(*oldest), IsOk());
}

TEST_F(WatchRightsTest, RefusesAPositionThatNoChangeCanHaveHad) {
  const auto reader = Open(world.ann, OfAcme(Position{uint64_t{1} << 40, 1}));

  EXPECT_THAT(Start(*reader), Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
}

}  // namespace
}  // namespace usher::test
