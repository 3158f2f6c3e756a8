#include "model/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usher::model {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::Field;

absl::Status OutOfMails(absl::Duration retry_after) {
  Refusal refusal;
  refusal.reason = Reason::kRateLimit;
  refusal.quotas = {{"org_1", "mails_per_hour is 50"}};
  refusal.retry_after = retry_after;
  return Refuse(StatusCode::kResourceExhausted, refusal, "Too many mails.");
}

TEST(RefusalsTest, NoneIsOk) {
  Refusals refusals(/*every=*/true);
  refusals.Add(absl::OkStatus());

  EXPECT_TRUE(refusals.empty());
  EXPECT_TRUE(refusals.ToStatus().ok());
}

TEST(RefusalsTest, TheFirstSpeaksAndAllAreNamed) {
  Violations violations;
  violations.Add("invitation.site_access.site_ids[0]", "is no site of this organization");
  Refusals refusals(/*every=*/true);

  refusals.Add(Refuse(StatusCode::kAlreadyExists, Reason::kMemberExists, "A member."));
  refusals.Add(violations.ToStatus());
  refusals.Add(OutOfMails(absl::Seconds(7)));
  refusals.Add(OutOfMails(absl::Seconds(5)));

  const absl::Status status = refusals.ToStatus();
  EXPECT_EQ(status.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "A member.");
  const auto refusal = RefusalOf(status);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, Reason::kMemberExists);
  EXPECT_EQ(refusal->fields.size(), 1U);
  EXPECT_EQ(refusal->quotas.size(), 2U);
  EXPECT_EQ(refusal->retry_after, absl::Seconds(7));
  EXPECT_THAT(refusal->causes, ElementsAre(Field(&Cause::reason, Reason::kMemberExists),
                                           Field(&Cause::reason, Reason::kFieldInvalid),
                                           Field(&Cause::reason, Reason::kRateLimit),
                                           Field(&Cause::sentence, "Too many mails.")));
}

TEST(RefusalsTest, UnlessEveryOneCountsTheFirstStaysAsItIs) {
  const absl::Status first = Refuse(StatusCode::kAlreadyExists, Reason::kMemberExists, "A member.");
  Refusals refusals(/*every=*/false);

  refusals.Add(first);
  refusals.Add(OutOfMails(absl::Seconds(7)));

  EXPECT_EQ(refusals.ToStatus(), first);
}

TEST(RefusalsTest, AnErrorStandsForAll) {
  Refusals refusals(/*every=*/true);
  refusals.Add(Refuse(StatusCode::kAlreadyExists, Reason::kMemberExists, "A member."));

  refusals.Add(absl::UnavailableError("gone"));

  EXPECT_EQ(refusals.ToStatus(), absl::UnavailableError("gone"));
}

}  // namespace
}  // namespace usher::model
