#include <algorithm>

#include "tests/integration/invitations/inviting.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::Cancellation;
using model::InvitationState;
using model::Reason;

class BatchCancelTest : public InvitingTest {
 protected:
  using Canceled = absl::StatusOr<invitations::CanceledInvitations>;

  Cancellation Of(model::InvitationId id) const { return {world.acme, id, {}, {}}; }
  Cancellation Of(const std::string& email_key) const { return {world.acme, {}, email_key, {}}; }
  invitations::Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  Canceled CancelAll(const model::Call& call, std::vector<Cancellation> cancellations) {
    return world.Wait(world.invitations.BatchCancel(call, world.acme, std::move(cancellations)));
  }
  Canceled CancelAll(std::vector<Cancellation> cancellations) {
    const model::Call call = world.CallBy(world.ann);
    return CancelAll(call, std::move(cancellations));
  }
};

TEST_F(BatchCancelTest, EachRowIsDecidedByItself) {
  const auto pending = Invited("a@example.com");
  const auto canceled = Invited("b@example.com");
  ASSERT_THAT(Cancel(canceled.id), IsOk());
  const auto accepted = Invited("c@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("c@example.com")), IsOk());
  Invited("d@example.com");

  const Canceled answers =
      CancelAll({Of(pending.id), Of(canceled.id), Of(accepted.id), Of("d@example.com"),
                 Of(model::InvitationId(world.ids.Next())), Of("nobody@example.com")});

  ASSERT_THAT(answers, IsOk());
  ASSERT_EQ(answers->size(), 6U);
  EXPECT_EQ((*answers)[0]->invitation.state, InvitationState::kCanceled);
  EXPECT_NE((*answers)[0]->position, "");
  EXPECT_EQ((*answers)[1]->position, "");
  EXPECT_THAT((*answers)[2], Refused(StatusCode::kFailedPrecondition, Reason::kWrongState));
  EXPECT_EQ((*answers)[3]->invitation.email, "d@example.com");
  EXPECT_THAT((*answers)[4], Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_THAT((*answers)[5], Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_EQ(Events("invitation.canceled"), 3);
  EXPECT_EQ(Count("mails", "state = 1"), 0);
}

TEST_F(BatchCancelTest, OneThatIsNamedTwiceIsCanceledOnce) {
  const auto invitation = Invited("a@example.com");

  const Canceled answers = CancelAll({Of(invitation.id), Of("a@example.com"), Of(invitation.id)});

  ASSERT_EQ(CountOk(*answers), 3);
  EXPECT_EQ((*answers)[1]->invitation.state, InvitationState::kCanceled);
  EXPECT_EQ(Events("invitation.canceled"), 1);
}

TEST_F(BatchCancelTest, BatchesInAnyOrderAtOnceCancelEachOnce) {
  std::vector<Cancellation> cancellations;
  const Answers invited = Batch(To(Emails("p", 60)));
  for (const auto& created : *invited) {
    cancellations.push_back(Of(created->invitation.id));
  }
  const model::Call call = world.CallBy(world.ann);
  std::vector<async::Task<Canceled>> tasks;
  for (int i = 0; i < 4; ++i) {
    std::reverse(cancellations.begin(), cancellations.end());
    tasks.push_back(world.invitations.BatchCancel(call, world.acme, cancellations));
  }

  const auto all = world.WaitAll(std::move(tasks));
  for (const Canceled& answers : all) {
    ASSERT_THAT(answers, IsOk());
    EXPECT_EQ(CountOk(*answers), 60);
  }
  EXPECT_EQ(Events("invitation.canceled"), 60);
}

TEST_F(BatchCancelTest, OtherOrganizationsInvitationsAreNotFound) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  auto draft = world.Draft("a@example.com");
  draft.organization = birch.organization.id;
  const model::Call service = world.CallBy();
  const auto elsewhere = world.Wait(world.invitations.Create(service, draft))->invitation;

  const Canceled answers = CancelAll({Of(elsewhere.id), Of("a@example.com")});

  EXPECT_THAT((*answers)[0], Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  EXPECT_THAT((*answers)[1], Refused(StatusCode::kNotFound, Reason::kInvitationNotFound));
  const model::Call by_stranger = world.CallBy(birch.first_super_user);
  EXPECT_THAT(CancelAll(by_stranger, {Of("a@example.com")}),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
}

TEST_F(BatchCancelTest, ValidatingLeavesThemPending) {
  const auto invitation = Invited("a@example.com");
  model::Call call = world.CallBy(world.ann);
  call.validate_only = true;

  const Canceled answers = CancelAll(call, {Of(invitation.id)});

  EXPECT_EQ((*answers)[0]->invitation.state, InvitationState::kCanceled);
  EXPECT_EQ(world.Get(invitation.id)->state, InvitationState::kPending);
}

}  // namespace
}  // namespace usher::test
