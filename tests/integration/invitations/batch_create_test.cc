#include <algorithm>

#include "tests/integration/invitations/inviting.h"

namespace usher::test {
namespace {

using absl::StatusCode;
using invitations::CreatedInvitations;
using invitations::Invitee;
using model::InvitationState;
using model::OnPending;
using model::Reason;
using model::SiteAccess;
using testing::ElementsAre;
using testing::Field;

using BatchCreateTest = InvitingTest;

TEST_F(BatchCreateTest, R06EachRowIsReportedTruthfully) {
  world.Join(world.Draft("ben@example.com"));
  const int mails = Mails();
  auto rows = To(std::vector<std::string>{"good1@example.com", "ben@example.com",
                                          "good2@example.com", "Good1@example.com"});
  rows.push_back(To("good3@example.com"));
  rows[4].field = "invitations[4]";
  rows[4].access = *SiteAccess::Sites({world.sites[0], model::SiteId(world.ids.Next())});

  const Answers answers = Batch(rows);

  ASSERT_THAT(answers, IsOk());
  ASSERT_EQ(answers->size(), 5U);
  EXPECT_THAT((*answers)[0], IsOk());
  EXPECT_THAT((*answers)[1], Refused(StatusCode::kAlreadyExists, Reason::kMemberExists));
  EXPECT_THAT((*answers)[2], IsOk());
  EXPECT_THAT((*answers)[3], Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  EXPECT_THAT((*answers)[4], Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_THAT(
      model::RefusalOf((*answers)[4].status())->fields,
      ElementsAre(Field(&model::FieldViolation::field, "invitations[4].site_access.site_ids[1]")));
  EXPECT_EQ(Mails(), mails + 2);
  EXPECT_EQ(Events("invitation.created"), 3);
  EXPECT_EQ(world.Get((*answers)[2]->invitation.id)->email, "good2@example.com");
  EXPECT_EQ((*answers)[0]->position, (*answers)[2]->position);
}

TEST_F(BatchCreateTest, RowOfAnAddressIsInvitedIfThoseBeforeItWereNot) {
  auto rows = To(std::vector<std::string>{"kai@example.com", "kai@example.com"});
  rows[0].access = *SiteAccess::Sites({model::SiteId(world.ids.Next())});

  const Answers answers = Batch(rows);

  ASSERT_THAT(answers, IsOk());
  EXPECT_THAT((*answers)[0], Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_THAT((*answers)[1], IsOk());
}

TEST_F(BatchCreateTest, EachRowKeepsWhatTheInviterWrote) {
  auto rows = To(Emails("p", 3));
  rows[0].access = *SiteAccess::Groups({world.group});
  rows[1].access = *SiteAccess::Sites(world.sites);
  rows[1].note = "\"Hi\"\n\\ 😀";
  rows[2].metadata = {{"team", "north"}, {"n", "2"}};
  rows[2].role = model::Role::kHelpdesk;

  const Answers answers = Batch(rows);

  ASSERT_THAT(answers, IsOk());
  ASSERT_EQ(CountOk(*answers), 3);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto read = world.Get((*answers)[i]->invitation.id);
    EXPECT_EQ(read->access, rows[i].access);
    EXPECT_EQ(read->note, rows[i].note);
    EXPECT_EQ(read->metadata, rows[i].metadata);
    EXPECT_EQ(read->role, rows[i].role);
    EXPECT_EQ(read->inviter, world.ann);
  }
}

TEST_F(BatchCreateTest, ExpiredOnesBecomeHistory) {
  const auto expired = world.Invite(world.Draft("mo@example.com"))->invitation;
  world.database.MoveClock(absl::Hours(169));

  const Answers answers = Batch(To(std::vector<std::string>{"mo@example.com", "al@example.com"}));

  ASSERT_EQ(CountOk(*answers), 2);
  EXPECT_EQ(world.Get(expired.id)->state, InvitationState::kExpired);
  EXPECT_EQ(Count("invitations", "open"), 2);
  EXPECT_EQ(Count("events", absl::StrCat("after ->> 'replaced' = '",
                                         model::FormatUuid(expired.id.uuid()), "'")),
            1);
}

TEST_F(BatchCreateTest, AThousandRowsAreOneTransaction) {
  const Answers answers = Batch(To(Emails("p", 1000)));

  ASSERT_THAT(answers, IsOk());
  EXPECT_EQ(CountOk(*answers), 1000);
  EXPECT_EQ(Mails(), 1000);
  EXPECT_EQ(world.database.Value("SELECT count(DISTINCT xact) FROM usher.events WHERE type = "
                                 "'invitation.created'"),
            "1");
}

TEST_F(BatchCreateTest, R02BatchesOfTheSameAddressesAtOnceInviteEachOnce) {
  std::vector<std::string> emails = Emails("p", 40);
  const model::Call call = world.CallBy(world.ann);
  std::vector<async::Task<Answers>> tasks;
  for (int i = 0; i < 6; ++i) {
    std::reverse(emails.begin(), emails.end());
    std::rotate(emails.begin(), emails.begin() + 7, emails.end());
    tasks.push_back(world.invitations.BatchCreate(call, Terms(), To(emails)));
  }

  const auto answers = world.WaitAll(std::move(tasks));

  int created = 0;
  for (const Answers& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    created += CountOk(*answer);
    for (const auto& row : *answer) {
      if (row.ok()) continue;
      EXPECT_THAT(row, Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
    }
  }
  EXPECT_EQ(created, 40);
  EXPECT_EQ(Mails(), 40);
}

TEST_F(BatchCreateTest, PendingOnesAreReturnedUnchangedIfWanted) {
  const auto pending = world.Invite(world.Draft("kai@example.com"))->invitation;
  auto terms = Terms();
  terms.on_pending = OnPending::kReturn;

  const Answers answers =
      Batch(terms, To(std::vector<std::string>{"kai@example.com", "lea@example.com"}));

  ASSERT_EQ(CountOk(*answers), 2);
  EXPECT_EQ((*answers)[0]->invitation.id, pending.id);
  EXPECT_EQ((*answers)[0]->invitation.revision, pending.revision);
  EXPECT_EQ((*answers)[0]->position, "");
  EXPECT_EQ(Mails(), 2);
}

TEST_F(BatchCreateTest, PendingOnesAreRenewedWithEverythingIfWanted) {
  const auto pending = world.Invite(world.Draft("kai@example.com"))->invitation;
  auto terms = Terms();
  terms.on_pending = OnPending::kReinvite;
  terms.lifetime = absl::Hours(1);
  Invitee row = To("Kai@Example.com");
  row.first_name = "Kai";
  row.role = model::Role::kHelpdesk;
  row.access = *SiteAccess::Groups({world.group});
  row.metadata = {{"k", "v"}};

  const Answers answers = Batch(terms, {row, row});

  ASSERT_THAT((*answers)[0], IsOk());
  EXPECT_THAT((*answers)[1], Refused(StatusCode::kAlreadyExists, Reason::kInvitationExists));
  const auto read = world.Get(pending.id);
  EXPECT_EQ(read->email, "Kai@Example.com");
  EXPECT_EQ(read->first_name, "Kai");
  EXPECT_EQ(read->role, model::Role::kHelpdesk);
  EXPECT_EQ(read->access, row.access);
  EXPECT_EQ(read->metadata, row.metadata);
  EXPECT_EQ(read->generation, 2);
  EXPECT_EQ(read->expire_time - read->update_time, absl::Hours(1));
  EXPECT_EQ(Events("invitation.updated"), 1);
  EXPECT_EQ(Count("mails", "state = 4"), 1);
  EXPECT_EQ(Count("mails", "state = 1"), 1);
  EXPECT_THAT(world.Accept(world.TokenOf(pending), World::Person("kai@example.com")),
              Refused(StatusCode::kNotFound, Reason::kInvitationInvalid));
  EXPECT_THAT(world.Accept(world.TokenOf(*read), World::Person("kai@example.com")), IsOk());
}

TEST_F(BatchCreateTest, SingleCreateMindsOnPendingToo) {
  const auto pending = world.Invite(world.Draft("kai@example.com"))->invitation;
  auto draft = world.Draft("kai@example.com");

  draft.on_pending = OnPending::kReturn;
  EXPECT_EQ(world.Invite(draft)->invitation.revision, pending.revision);
  draft.on_pending = OnPending::kReinvite;
  EXPECT_EQ(world.Invite(draft)->invitation.generation, 2);
  EXPECT_EQ(Mails(), 2);
}

TEST_F(BatchCreateTest, WithMailSwitchedOffEachRowHasItsToken) {
  auto terms = Terms();
  terms.send_email = false;

  const Answers answers = Batch(terms, To(Emails("p", 2)));

  ASSERT_EQ(CountOk(*answers), 2);
  EXPECT_EQ(Mails(), 0);
  EXPECT_THAT(world.Accept((*answers)[1]->token, World::Person("p1@example.com")), IsOk());
}

TEST_F(BatchCreateTest, WhatConcernsAllRowsRefusesTheCall) {
  auto draft = world.Draft("ben@example.com");
  const model::UserId observer = world.Join(draft);
  const auto other = world.AddOrganization("Birch", "bo@example.com");
  const model::Call by_observer = world.CallBy(observer);
  const model::Call by_stranger = world.CallBy(other.first_super_user);
  auto late = Terms();
  late.expire_time = absl::FromUnixSeconds(0);

  EXPECT_THAT(world.Wait(world.invitations.BatchCreate(by_observer, Terms(), To(Emails("p", 2)))),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.BatchCreate(by_observer, Terms(), {})),
              Refused(StatusCode::kPermissionDenied, Reason::kPermissionMissing));
  EXPECT_THAT(world.Wait(world.invitations.BatchCreate(by_stranger, Terms(), To(Emails("p", 2)))),
              Refused(StatusCode::kNotFound, Reason::kOrganizationNotFound));
  EXPECT_THAT(Batch(late, To(Emails("p", 2))),
              Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
  EXPECT_EQ(Count("invitations", "open"), 0);
}

TEST_F(BatchCreateTest, OtherOrganizationsDoNotMatter) {
  const auto birch = world.AddOrganization("Birch", "bo@example.com");
  auto draft = world.Draft("kai@example.com");
  draft.organization = birch.organization.id;
  const model::Call service = world.CallBy();
  ASSERT_THAT(world.Wait(world.invitations.Create(service, draft)), IsOk());
  auto rows = To(std::vector<std::string>{"kai@example.com", "bo@example.com", "al@example.com"});
  rows[2].access = *SiteAccess::Sites({world.AddSite(birch.organization.id, "Elsewhere")});

  const Answers answers = Batch(rows);

  EXPECT_THAT((*answers)[0], IsOk());
  EXPECT_THAT((*answers)[1], IsOk());
  EXPECT_THAT((*answers)[2], Refused(StatusCode::kInvalidArgument, Reason::kFieldInvalid));
}

TEST_F(BatchCreateTest, R08RepeatGetsTheFirstAnswer) {
  model::Call call = world.CallBy(world.ann);
  call.change_id = "r1";
  call.change_content = "c";
  ASSERT_THAT(world.Invite(world.Draft("p1@example.com")), IsOk());

  const Answers first =
      world.Wait(world.invitations.BatchCreate(call, Terms(), To(Emails("p", 3))));
  const Answers again =
      world.Wait(world.invitations.BatchCreate(call, Terms(), To(Emails("p", 3))));

  ASSERT_EQ(CountOk(*first), 2);
  ASSERT_EQ(CountOk(*again), 2);
  EXPECT_EQ((*again)[2]->invitation.id, (*first)[2]->invitation.id);
  EXPECT_EQ((*again)[1].status(), (*first)[1].status());
  EXPECT_EQ(Mails(), 3);
}

TEST_F(BatchCreateTest, ValidatingNamesEveryReasonAndLeavesNothing) {
  world.Join(world.Draft("ben@example.com"));
  Set("denied_domains = '{example.com}', pending_limit = 1, mails_per_hour = 1");
  model::Call call = world.CallBy(world.ann);
  call.validate_only = true;
  auto rows = To(std::vector<std::string>{"ben@example.com", "al@example.org"});
  rows[0].access = *SiteAccess::Sites({model::SiteId(world.ids.Next())});

  const Answers answers = world.Wait(world.invitations.BatchCreate(call, Terms(), rows));

  ASSERT_THAT(answers, IsOk());
  std::vector<Reason> reasons;
  const auto refusal = model::RefusalOf((*answers)[0].status());
  for (const auto& cause : refusal->causes) {
    reasons.push_back(cause.reason);
  }
  EXPECT_THAT(reasons, ElementsAre(Reason::kFieldInvalid, Reason::kMemberExists,
                                   Reason::kDomainNotAllowed, Reason::kRateLimit));
  EXPECT_THAT((*answers)[1], Refused(StatusCode::kResourceExhausted, Reason::kRateLimit));
  EXPECT_EQ(Count("invitations", "open"), 0);
  EXPECT_EQ(Mails(), 1);
}

}  // namespace
}  // namespace usher::test
