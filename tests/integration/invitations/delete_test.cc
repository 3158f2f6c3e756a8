#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/invitations/race.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Invitation;
using model::InvitationState;
using model::Reason;
using testing::ElementsAre;
using testing::Pair;

class DeleteTest : public testing::Test {
 protected:
  Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  Invitation Canceled(const std::string& email) {
    const model::Call call = world.CallBy(world.ann);
    invitations::Cancellation cancellation{world.acme, Invited(email).id, std::nullopt,
                                           std::nullopt};
    return world.Wait(world.invitations.Cancel(call, std::move(cancellation)))->invitation;
  }
  absl::StatusOr<std::string> Delete(model::InvitationId id,
                                     std::optional<int64_t> revision = std::nullopt) {
    const model::Call call = world.CallBy(world.ann);
    return world.Wait(world.invitations.Delete(call, world.acme, id, revision));
  }

  World world;
};

TEST_F(DeleteTest, TakesItOutOfAllReadsAndKeepsItsEvents) {
  const Invitation invitation = Canceled("kai@example.com");

  const auto position = Delete(invitation.id);

  ASSERT_THAT(position, IsOk());
  EXPECT_NE(*position, "");
  EXPECT_THAT(world.Get(invitation.id),
              Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.mails"), "0");
  EXPECT_THAT(world.database.Query(
                  absl::StrCat("SELECT type FROM usher.events WHERE subject_id = '",
                               model::FormatUuid(invitation.id.uuid()), "' ORDER BY sequence")),
              ElementsAre("invitation.created", "invitation.canceled", "invitation.deleted"));
  EXPECT_THAT(Delete(invitation.id), Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
}

TEST_F(DeleteTest, ExpiredOrDeclinedOneGoes) {
  const Invitation declined = Invited("b@example.com");
  const model::Call call = world.CallBy();
  ASSERT_THAT(world.Wait(world.invitations.Decline(call, world.TokenOf(declined),
                                                   World::Person("b@example.com"))),
              IsOk());
  const Invitation expired = Invited("a@example.com");
  world.database.MoveClock(absl::Hours(169));

  EXPECT_THAT(Delete(declined.id), IsOk());
  EXPECT_THAT(Delete(expired.id), IsOk());
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.invitations"), "0");
}

TEST_F(DeleteTest, PendingOrAcceptedOneStays) {
  const Invitation pending = Invited("a@example.com");
  const Invitation accepted = Invited("b@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("b@example.com")), IsOk());

  const auto first = Delete(pending.id);
  const auto second = Delete(accepted.id);

  ASSERT_THAT(first, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(first.status())->metadata, ElementsAre(Pair("state", "PENDING")));
  ASSERT_THAT(second, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_THAT(model::RefusalOf(second.status())->metadata, ElementsAre(Pair("state", "ACCEPTED")));
  EXPECT_THAT(world.Get(pending.id), IsOk());
  EXPECT_THAT(world.Get(accepted.id), IsOk());
}

TEST_F(DeleteTest, StaleEtagIsRefused) {
  const Invitation invitation = Canceled("kai@example.com");

  EXPECT_THAT(Delete(invitation.id, invitation.revision - 1),
              Refused(StatusCode::kAborted, Reason::kEtagMismatch));
  EXPECT_THAT(Delete(invitation.id, invitation.revision), IsOk());
}

TEST_F(DeleteTest, IsForThoseWhoMayInvite) {
  const Invitation invitation = Canceled("kai@example.com");
  const model::UserId observer = world.Join(world.Draft("ben@example.com"));
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);
  const auto none = std::optional<int64_t>();
  auto& invitations = world.invitations;

  EXPECT_THAT(world.Wait(invitations.Delete(by_observer, world.acme, invitation.id, none)),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(invitations.Delete(by_stranger, world.acme, invitation.id, none)),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(
      world.Wait(invitations.Delete(by_stranger, other.organization.id, invitation.id, none)),
      Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_THAT(world.Get(invitation.id), IsOk());
}

TEST_F(DeleteTest, RaceWithARenewalOfAnExpiredOneEndsAsIfOneCameFirst) {
  const model::Call service = world.CallBy();
  std::vector<Invitation> expired;
  for (int i = 0; i < 20; ++i) expired.push_back(Invited(absl::StrCat("p", i, "@example.com")));
  world.database.MoveClock(absl::Hours(169));
  int round = 0;
  for (const Invitation& invitation : expired) {
    invitations::Renewal renewal;
    renewal.organization = world.acme;
    renewal.id = invitation.id;
    auto erase = world.invitations.Delete(service, world.acme, invitation.id, std::nullopt);
    auto reinvite = world.invitations.Reinvite(service, renewal);

    const auto [deleted, reinvited] = Race(world, round++, std::move(erase), std::move(reinvite));

    if (deleted.ok()) {
      EXPECT_THAT(reinvited, Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
      EXPECT_FALSE(world.Get(invitation.id).ok());
    } else {
      EXPECT_THAT(deleted, Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
      EXPECT_THAT(reinvited, IsOk());
      EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
    }
  }
}

}  // namespace
}  // namespace usher::test
