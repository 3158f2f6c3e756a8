#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using model::Reason;

class RightsTest : public testing::Test {
 protected:
  // Someone whose address is verified and who is no user: not to be taken for a service, which is
  // no user either.
  model::Call CallByPersonWithoutAccount() {
    model::Call call = world.CallBy();
    call.caller = model::Caller{};
    call.caller.kind = model::Caller::Kind::kUser;
    call.caller.email = *model::Email::Parse("stranger@example.com");
    call.caller.email_verified = true;
    return call;
  }

  World world;
};

TEST_F(RightsTest, PersonWithoutAccountIsNoService) {
  const model::InvitationId id = world.Invite(world.Draft("ben@example.com"))->invitation.id;
  const model::Call call = CallByPersonWithoutAccount();
  auto& invitations = world.invitations;
  invitations::InvitationQuery query;
  query.organization = world.acme;
  const invitations::Renewal renewal{world.acme, id, {}, {}, {}, true};
  const invitations::InvitationChange change{model::Role::kSuperUser, {}};
  const invitations::Cancellation cancellation{world.acme, id, {}, {}};
  invitations::InvitationTerms terms;
  terms.organization = world.acme;
  const invitations::PurgeQuery purge{
      world.acme, {model::InvitationState::kExpired}, absl::ZeroDuration()};
  const auto is_refused = Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound);

  EXPECT_THAT(world.Wait(invitations.Create(call, world.Draft("eve@example.com"))), is_refused);
  EXPECT_THAT(world.Wait(invitations.Get(call, world.acme, id)), is_refused);
  EXPECT_THAT(world.Wait(invitations.List(call, query)), is_refused);
  EXPECT_THAT(world.Wait(invitations.Reinvite(call, renewal)), is_refused);
  EXPECT_THAT(world.Wait(invitations.Update(call, renewal, change)), is_refused);
  EXPECT_THAT(world.Wait(invitations.Cancel(call, cancellation)), is_refused);
  EXPECT_THAT(world.Wait(invitations.BatchCreate(call, terms, {world.Draft("eve@example.com")})),
              is_refused);
  EXPECT_THAT(world.Wait(invitations.BatchCancel(call, world.acme, {cancellation})), is_refused);
  EXPECT_THAT(world.Wait(invitations.Purge(call, purge)), is_refused);
  EXPECT_THAT(world.Wait(invitations.Delete(call, world.acme, id, std::nullopt)), is_refused);
  EXPECT_EQ(
      world.database.Value("SELECT count(*) FROM usher.events WHERE type LIKE 'invitation.%'"),
      "1");
}

}  // namespace
}  // namespace usher::test
