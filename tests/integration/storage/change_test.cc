#include "storage/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::CreatedInvitation;
using invitations::RenewedInvitation;
using model::Reason;

// Changes with a change id, by Ann unless another is named.
class ChangeTest : public testing::Test {
 protected:
  using Answer = absl::StatusOr<CreatedInvitation>;

  model::Call Named(const std::string& id, const std::string& content) const {
    return NamedBy(world.ann, id, content);
  }
  model::Call NamedBy(std::optional<model::UserId> user, const std::string& id,
                      const std::string& content) const {
    model::Call call = world.CallBy(user);
    call.change_id = id;
    call.change_content = content;
    return call;
  }
  Answer Invite(const model::Call& call, const std::string& email) {
    return world.Wait(world.invitations.Create(call, world.Draft(email)));
  }
  absl::StatusOr<RenewedInvitation> Reinvite(const model::Call& call, model::InvitationId id) {
    invitations::Renewal renewal;
    renewal.organization = world.acme;
    renewal.id = id;
    return world.Wait(world.invitations.Reinvite(call, std::move(renewal)));
  }
  std::string Count(const std::string& what) const {
    return world.database.Value("SELECT count(*) FROM usher." + what);
  }
  // Commits of changed invitations take a second from now on.
  void SlowDownCommits() const {
    world.database.Query(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'");
    world.database.Query(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE ON usher.invitations "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
  }
  model::Call Hurried(model::Call call) const {
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    return call;
  }

  World world;
};

TEST_F(ChangeTest, R08ARepeatGetsTheFirstAnswer) {
  const Answer first = Invite(Named("r1", "xi"), "xi@example.com");
  ASSERT_THAT(first, IsOk());

  const Answer second = Invite(Named("r1", "xi"), "xi@example.com");

  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->invitation.id, first->invitation.id);
  EXPECT_EQ(second->invitation.expire_time, first->invitation.expire_time);
  EXPECT_EQ(second->invitation.email, "xi@example.com");
  EXPECT_EQ(second->position, first->position);
  EXPECT_EQ(Count("invitations"), "1");
  EXPECT_EQ(Count("mails"), "1");
}

TEST_F(ChangeTest, R08AnAnswerThatGotLostAfterTheCommitIsGivenToTheRepeat) {
  SlowDownCommits();
  ASSERT_EQ(Invite(Hurried(Named("r1", "xi")), "xi@example.com").status().code(),
            StatusCode::kDeadlineExceeded);

  const Answer repeat = Invite(Named("r1", "xi"), "xi@example.com");

  ASSERT_THAT(repeat, IsOk());
  EXPECT_EQ(repeat->invitation.id.ToString(), world.Get(repeat->invitation.id)->id.ToString());
  EXPECT_EQ(Count("invitations"), "1");
  EXPECT_EQ(Count("mails"), "1");
}

TEST_F(ChangeTest, R08ARepeatedRenewalMailsNoSecondLink) {
  const auto invitation = Invite(world.CallBy(world.ann), "xi@example.com")->invitation;
  SlowDownCommits();
  ASSERT_EQ(Reinvite(Hurried(Named("r2", "xi")), invitation.id).status().code(),
            StatusCode::kDeadlineExceeded);

  const auto repeat = Reinvite(Named("r2", "xi"), invitation.id);

  ASSERT_THAT(repeat, IsOk());
  EXPECT_EQ(repeat->invitation.generation, 2);
  EXPECT_EQ(world.Get(invitation.id)->generation, 2);
  EXPECT_EQ(Count("mails"), "2");
}

TEST_F(ChangeTest, OtherContentUnderTheSameIdIsRefused) {
  ASSERT_THAT(Invite(Named("r1", "xi"), "xi@example.com"), IsOk());

  EXPECT_THAT(Invite(Named("r1", "omicron"), "omicron@example.com"),
              Refused(StatusCode::kInvalidArgument, Reason::kRequestIdReused));

  EXPECT_EQ(Count("invitations"), "1");
}

TEST_F(ChangeTest, AnAnswerThatAnotherReleaseKeptIsNotReadAsOneOfThis) {
  ASSERT_THAT(Invite(Named("r1", "xi"), "xi@example.com"), IsOk());
  world.database.Query("UPDATE usher.requests SET form = 'of another statement'");

  EXPECT_THAT(Invite(Named("r1", "xi"), "xi@example.com"),
              Refused(StatusCode::kAborted, Reason::kConflict));
  EXPECT_EQ(Count("invitations"), "1");
}

TEST_F(ChangeTest, AnotherCallerHasIdsOfTheirOwn) {
  ASSERT_THAT(Invite(Named("r1", "xi"), "xi@example.com"), IsOk());

  EXPECT_THAT(Invite(NamedBy(std::nullopt, "r1", "pi"), "pi@example.com"), IsOk());
}

TEST_F(ChangeTest, RefusalsAreNotKept) {
  ASSERT_THAT(Invite(world.CallBy(world.ann), "xi@example.com"), IsOk());
  ASSERT_THAT(Invite(Named("r1", "xi"), "xi@example.com"),
              Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  world.database.MoveClock(absl::Hours(200));

  EXPECT_THAT(Invite(Named("r1", "xi"), "xi@example.com"), IsOk());
}

TEST_F(ChangeTest, AnIdIsFreeAgainAfterADay) {
  ASSERT_THAT(Invite(Named("r1", "xi"), "xi@example.com"), IsOk());
  world.database.MoveClock(absl::Hours(24) + absl::Seconds(1));

  EXPECT_THAT(Invite(Named("r1", "pi"), "pi@example.com"), IsOk());
  EXPECT_THAT(Invite(Named("r1", "pi"), "pi@example.com"), IsOk());
  EXPECT_EQ(Count("invitations"), "2");
}

TEST_F(ChangeTest, R08OfTwentyAtOnceOneIsMadeAndAllGetItsAnswer) {
  const auto invitation = Invite(world.CallBy(world.ann), "xi@example.com")->invitation;
  const model::Call call = Named("r3", "xi");
  std::vector<async::Task<absl::StatusOr<RenewedInvitation>>> renewals;
  for (int i = 0; i < 20; ++i) {
    invitations::Renewal renewal;
    renewal.organization = world.acme;
    renewal.id = invitation.id;
    renewals.push_back(world.invitations.Reinvite(call, std::move(renewal)));
  }

  const auto answers = world.WaitAll(std::move(renewals));

  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->invitation.generation, 2);
  }
  EXPECT_EQ(Count("mails"), "2");
}

TEST_F(ChangeTest, ValidateOnlyAnswersAndDoesNothing) {
  model::Call call = Named("r1", "xi");
  call.validate_only = true;

  const Answer answer = Invite(call, "xi@example.com");

  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->invitation.email, "xi@example.com");
  EXPECT_EQ(Count("invitations"), "0");
  EXPECT_EQ(Count("mails"), "0");
  EXPECT_EQ(Count("requests"), "0");
}

TEST_F(ChangeTest, ValidateOnlyRefusesAsTheChangeWould) {
  ASSERT_THAT(Invite(world.CallBy(world.ann), "xi@example.com"), IsOk());
  model::Call call = world.CallBy(world.ann);
  call.validate_only = true;

  EXPECT_THAT(Invite(call, "xi@example.com"),
              Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  EXPECT_THAT(Invite(world.CallBy(world.ann), "pi@example.com"), IsOk());
}

TEST_F(ChangeTest, NoTokenIsKept) {
  model::Call call = Named("r1", "xi");
  auto draft = world.Draft("xi@example.com");
  draft.send_email = false;
  const auto first = world.Wait(world.invitations.Create(call, draft));

  const auto second = world.Wait(world.invitations.Create(call, draft));

  ASSERT_FALSE(first->token.empty());
  EXPECT_EQ(second->token, first->token);
  EXPECT_EQ(world.database.Value("SELECT count(*) FROM usher.requests r WHERE r::text LIKE '%" +
                                 first->token + "%' OR position('" + first->token +
                                 "'::bytea IN answer[1]) > 0"),
            "0");
}

}  // namespace
}  // namespace usher::test
