#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "auth/find_user.h"
#include "directory/list_memberships_statements.h"
#include "directory/list_users_statements.h"
#include "events/announcer.h"
#include "events/events.h"
#include "invitations/list_statements.h"
#include "mail/outbox.h"
#include "mail/suppressions.h"
#include "tests/integration/plans/plans.h"
#include "tests/support/matchers.h"

namespace usher::test {
namespace {

// What an ordinary day asks for. The test then looks at the plan, for all arguments alike, of each
// statement that was sent.
class LookupPlansTest : public testing::Test {
 protected:
  LookupPlansTest() { world.observer.Forget(); }

  void TearDown() override {
    EXPECT_FALSE(world.observer.statements().empty());
    for (const auto& [name, recorded] : world.observer.statements()) {
      WriteTime(name, absl::ToDoubleMilliseconds(absl::FromChrono(recorded.took)));
      ExpectNoScan(Explain(PlanOf(*recorded.statement)), name);
    }
  }

  template <class T>
  T AnswerOf(async::Task<T> task) {
    T answer = world.Wait(std::move(task));
    EXPECT_THAT(answer, IsOk());
    return answer;
  }
  template <class T>
  void Ask(async::Task<T> task) {
    (void)AnswerOf(std::move(task));
  }
  invitations::Invitation Invite(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
  directory::MembershipChange Change(model::UserId user) const {
    return {{world.acme, user, std::nullopt}, std::nullopt};
  }

  static Explained PlanOf(const pg::Statement& statement) {
    // A batch is planned with its size (a small one, for small tables), since a tenth of the table
    // is what is assumed of an unknown one.
    if (absl::StartsWith(statement.name, "events.announce") ||
        absl::StartsWith(statement.name, "events.purge")) {
      return {.statement = &statement,
              .settings = "SET plan_cache_mode = force_custom_plan",
              .options = "",
              .types = "bigint, interval",
              .arguments = "20, '365 days'"};
    }
    return WithNulls(statement);
  }
  // PostgreSQL finds out the types of parameters, but for those that a statement does not use.
  static Explained WithNulls(const pg::Statement& statement) {
    static const std::regex parameter(R"(\$(\d+))");
    const std::string sql = statement.sql;
    std::vector<std::string> types;
    for (std::sregex_iterator i(sql.begin(), sql.end(), parameter), end; i != end; ++i) {
      const size_t number = std::stoul((*i)[1]);
      if (types.size() < number) types.resize(number, "text");
      types[number - 1] = "unknown";
    }
    return {.statement = &statement,
            .settings = "SET plan_cache_mode = force_generic_plan",
            .options = "",
            .types = absl::StrJoin(types, ", "),
            .arguments = absl::StrJoin(std::vector<std::string>(types.size(), "NULL"), ", ")};
  }

  World& world = Crowd();
  const model::Call call = world.CallBy(world.ann);
  const model::Call service = world.CallBy();
};

TEST_F(LookupPlansTest, Invitations) {
  invitations::Invitations& asked = world.invitations;
  const invitations::Invitation one = Invite("one@example.com");
  invitations::MyInvitationsQuery mine;
  mine.email = *model::Email::Parse("one@example.com");
  mine.email_verified = true;
  invitations::Renewal renewal;
  renewal.organization = world.acme;
  renewal.id = one.id;
  invitations::InvitationTerms terms;
  terms.organization = world.acme;
  invitations::Cancellation by_email;
  by_email.organization = world.acme;
  by_email.email_key = "one@example.com";
  const std::vector<invitations::Invitee> invitees = {world.Draft("three@example.com")};
  const invitations::Invitation four = Invite("four@example.com");

  Ask(asked.Get(call, world.acme, one.id));
  Ask(asked.ListMine(call, mine));
  Ask(asked.Preview(service, world.TokenOf(one)));
  Ask(asked.Reinvite(call, renewal));
  Ask(asked.Update(call, renewal, {model::Role::kHelpdesk, std::nullopt}));
  Ask(asked.BatchCreate(call, terms, invitees));
  Ask(asked.Decline(service, world.TokenOf(four), World::Person("four@example.com")));
  Ask(asked.Cancel(call, by_email));
  Ask(asked.BatchCancel(call, world.acme, {by_email}));
  Ask(asked.Delete(call, world.acme, one.id, std::nullopt));
  Ask(asked.Purge(call, {world.acme, {model::InvitationState::kDeclined}, absl::Hours(1)}));
  world.Join(world.Draft("five@example.com"));
}

TEST_F(LookupPlansTest, InvitationsWhereThingsAreLimited) {
  organizations::OrganizationUpdate limits;
  limits.organization = world.acme;
  limits.settings.seat_limit = limits.settings.pending_limit = 100'000'000;
  limits.settings.mails_per_hour = limits.settings.mails_per_hour_per_inviter = 100'000'000;
  limits.settings.mails_per_hour_per_recipient = 100;
  limits.changed_settings = {"seat_limit", "pending_limit", "mails_per_hour",
                             "mails_per_hour_per_inviter", "mails_per_hour_per_recipient"};
  Ask(world.organizations.Update(call, limits));

  const invitations::Invitation one = Invite("limited@example.com");
  invitations::Renewal renewal;
  renewal.organization = world.acme;
  renewal.id = one.id;
  Ask(world.invitations.Reinvite(call, renewal));
  world.Join(world.Draft("counted@example.com"));

  limits.settings = {};
  Ask(world.organizations.Update(call, limits));
}

TEST_F(LookupPlansTest, Users) {
  directory::Directory& asked = world.directory;
  const directory::Identity identity{"https://id.example.com", "new"};
  const model::Email email = *model::Email::Parse("known@example.com");
  const model::UserId user =
      AnswerOf(asked.UpsertUser(service, {identity, email, "Given", "Family", ""}))->user.id;
  directory::UserQuery by_id, by_email, by_identity;
  by_id.name.id = user;
  by_id.with_memberships = true;
  by_email.name.email_key = email.key();
  by_identity.name.identity = identity;
  const std::vector<directory::UserName> names = {by_id.name, by_email.name};
  directory::UserUpdate update;
  update.user = user;
  update.last_name = "Changed";
  auto subject = std::make_shared<auth::Subject>();
  subject->issuer = identity.issuer;
  subject->subject = identity.subject;
  subject->email = email;
  subject->email_verified = true;

  Ask(asked.GetUser(service, by_id));
  Ask(asked.GetUser(service, by_email));
  Ask(asked.GetUser(service, by_identity));
  Ask(asked.GetSelf(call));
  Ask(asked.BatchGetUsers(service, {names, std::nullopt}));
  Ask(auth::FindUser(world.db, call.deadline, subject));
  Ask(asked.CreateUser(service, {*model::Email::Parse("made@example.com"), "Given", "", "", {}}));
  Ask(asked.UpdateUser(service, update));
  Ask(asked.DeleteUser(service, {user, std::nullopt}));
}

TEST_F(LookupPlansTest, Memberships) {
  directory::Directory& asked = world.directory;
  const model::UserId ben = world.Join(world.Draft("ben@example.com"));
  const model::UserId cal = world.Join(world.Draft("cal@example.com"));
  const model::UserId dee = world.Join(world.Draft("dee@example.com"));
  const directory::AccessQuestion question{ben, world.acme, "sites.read", world.sites[0]};
  directory::MembershipsQuery of_ben;
  of_ben.user = directory::UserName{ben, std::nullopt, std::nullopt};
  of_ben.with_total = true;
  directory::MembershipsQuery of_ben_backwards = of_ben;
  of_ben_backwards.order.descending = true;
  directory::MembershipUpdate update;
  update.name = Change(ben).name;
  update.role = model::Role::kHelpdesk;

  Ask(asked.GetMembership(call, {world.acme, ben, std::nullopt}));
  Ask(asked.GetMembership(call, {world.acme, std::nullopt, "ben@example.com"}));
  Ask(asked.ListMemberships(service, of_ben));
  Ask(asked.ListMemberships(service, of_ben_backwards));
  Ask(asked.CheckAccess(service, question));
  Ask(asked.BatchCheckAccess(service, {question, question}));
  Ask(asked.ListAccessibleSites(service, {ben, world.acme, std::nullopt, std::nullopt, 50}));
  Ask(asked.UpdateMembership(call, update));
  Ask(asked.SuspendMembership(call, Change(ben)));
  Ask(asked.ReactivateMembership(call, Change(ben)));
  Ask(asked.RevokeMembership(call, Change(ben)));
  Ask(asked.BatchRevokeMemberships(call, {world.acme, {Change(cal).name}}));
  Ask(asked.LeaveOrganization(world.CallBy(dee), world.acme));
}

TEST_F(LookupPlansTest, Organizations) {
  organizations::Organizations& asked = world.organizations;
  const auto other = world.AddOrganization("Other", "other@example.com");
  const model::SiteId site = world.AddSite(world.acme, "Unused");
  organizations::OrganizationUpdate update;
  update.organization = world.acme;
  update.name = "Acme & Sons";

  Ask(asked.Get(call, {world.acme, std::nullopt}));
  Ask(asked.Get(service, {std::nullopt, "acme"}));
  Ask(asked.Update(call, update));
  Ask(asked.GetSite(call, world.acme, site));
  Ask(asked.DeleteSite(call, {world.acme, site, std::nullopt}));
  Ask(asked.Delete(service, other.organization.id, std::nullopt));
}

TEST_F(LookupPlansTest, Mails) {
  mail::Outbox outbox(world.db);
  mail::ClaimRequest request;
  request.owner = model::Uuid{1};
  request.lease = absl::Minutes(2);
  request.most = 20;
  mail::Suppressions suppressions(world.db);
  mail::SuppressionQuery newest, by_email;
  by_email.by_email = true;

  const auto claimed = AnswerOf(outbox.Claim(call.deadline, request));
  ASSERT_GE(claimed->size(), 3u);
  Ask(outbox.Claimed(call.deadline, request.owner));
  mail::Settlement settlement;
  settlement.organization = claimed->at(0).organization;
  settlement.id = claimed->at(0).id;
  settlement.owner = request.owner;
  settlement.outcome = mail::SmtpResult::Outcome::kSent;
  Ask(outbox.Settle(call.deadline, settlement));
  Ask(outbox.Withdraw(call.deadline, claimed->at(1), request.owner));
  Ask(outbox.HandBack(call.deadline, {claimed->at(2)}, request.owner));
  Ask(outbox.Figures(call.deadline));
  Ask(suppressions.List(service, newest));
  Ask(suppressions.List(service, by_email));
}

TEST_F(LookupPlansTest, Events) {
  events::Events log(world.db);
  events::ListQuery of_acme, of_ann, all;
  of_acme.scope.organization = world.acme;
  of_ann.scope.user = world.ann;
  events::AnnouncerObserver observer;
  events::Announcer announcer(world.lane, world.db, {}, observer);

  for (const bool newest_first : {false, true}) {
    of_acme.newest_first = of_ann.newest_first = all.newest_first = newest_first;
    Ask(log.List(call, of_acme));
    Ask(log.List(call, of_ann));
    Ask(log.List(service, all));
  }
  for (const events::Scope& scope : {of_acme.scope, of_ann.scope}) {
    Ask(log.Authorize(call, scope));
    Ask(log.ReadAfter(call, scope, {}, {}, 100));
  }
  Ask(announcer.Announce());
  Ask(announcer.Purge());
}

}  // namespace
}  // namespace usher::test
