#include "server/status.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "model/refusal.h"
#include "pg/errors.h"

namespace usher::server {
namespace {

using absl::StatusCode;
using model::Reason;

template <class Detail>
std::optional<Detail> DetailOf(const Answer& answer) {
  google::rpc::Status status;
  status.ParseFromString(answer.status.error_details());
  Detail detail;
  for (const auto& any : status.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

TEST(StatusTest, OkHasNoReason) {
  const Answer answer = ToAnswer(absl::OkStatus());

  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.reason, "");
}

TEST(StatusTest, RefusalCarriesReasonMetadataAndAllFields) {
  model::Refusal refusal;
  refusal.reason = Reason::kInvitationExists;
  refusal.metadata = {{"invitation_id", "inv_1"}};
  refusal.fields = {{"email", "is invited"}, {"role", "is taken"}};

  const Answer answer = ToAnswer(model::Refuse(StatusCode::kAlreadyExists, refusal, "No."));

  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(answer.status.error_message(), "No.");
  EXPECT_EQ(answer.reason, "INVITATION_EXISTS");
  const auto info = DetailOf<google::rpc::ErrorInfo>(answer);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->reason(), "INVITATION_EXISTS");
  EXPECT_EQ(info->domain(), "usher");
  EXPECT_EQ(info->metadata().at("invitation_id"), "inv_1");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(answer)->field_violations_size(), 2);
}

TEST(StatusTest, RowOfAnOrganizationThatWasJustDeletedFindsNone) {
  const Answer answer = ToAnswer(pg::ToStatus({"23503", "sites_organization_fkey", "Key (…)"}));

  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(answer.reason, "ORGANIZATION_NOT_FOUND");
}

TEST(StatusTest, FailedPreconditionNamesItsViolation) {
  const Answer answer = ToAnswer(
      model::Refuse(StatusCode::kFailedPrecondition, Reason::kInvitationExpired, "Too late."));

  const auto failure = DetailOf<google::rpc::PreconditionFailure>(answer);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->violations(0).type(), "INVITATION_EXPIRED");
}

TEST(StatusTest, EveryReasonIsAViolationAndEveryLimitAQuota) {
  model::Refusal refusal;
  refusal.reason = Reason::kMemberExists;
  refusal.causes = {{Reason::kMemberExists, "A member."}, {Reason::kRateLimit, "Too many."}};
  refusal.quotas = {{"org_1", "mails_per_hour is 50"}};
  refusal.retry_after = absl::Milliseconds(1500);

  const Answer answer = ToAnswer(model::Refuse(StatusCode::kAlreadyExists, refusal, "A member."));

  const auto failure = DetailOf<google::rpc::PreconditionFailure>(answer);
  ASSERT_TRUE(failure);
  ASSERT_EQ(failure->violations_size(), 2);
  EXPECT_EQ(failure->violations(1).type(), "RATE_LIMIT");
  EXPECT_EQ(failure->violations(1).description(), "Too many.");
  const auto quota = DetailOf<google::rpc::QuotaFailure>(answer);
  ASSERT_TRUE(quota);
  EXPECT_EQ(quota->violations(0).subject(), "org_1");
  EXPECT_EQ(quota->violations(0).description(), "mails_per_hour is 50");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(answer)->retry_delay().seconds(), 2);
}

TEST(StatusTest, DatabaseErrorsTellTheirClassOnly) {
  struct Case {
    const char* sqlstate;
    grpc::StatusCode code;
    const char* reason;
    bool retry;
  };
  for (const Case& c : {
           Case{"", grpc::StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE", true},
           Case{"57P01", grpc::StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE", true},
           Case{"25006", grpc::StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE", true},
           Case{"53100", grpc::StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE", true},
           Case{"40001", grpc::StatusCode::ABORTED, "CONFLICT", false},
           Case{"40P01", grpc::StatusCode::ABORTED, "CONFLICT", false},
           Case{"57014", grpc::StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", false},
           Case{"42P01", grpc::StatusCode::INTERNAL, "INTERNAL", false},
       }) {
    SCOPED_TRACE(c.sqlstate);
    const pg::Error error{c.sqlstate, "secret_constraint", "secret text of the server"};

    const Answer answer = ToAnswer(pg::ToStatus(error));

    EXPECT_EQ(answer.status.error_code(), c.code);
    EXPECT_EQ(answer.reason, c.reason);
    EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(answer).has_value(), c.retry);
    EXPECT_EQ(answer.status.error_message().find("secret"), std::string::npos);
    EXPECT_EQ(answer.status.error_details().find("secret"), std::string::npos);
  }
}

TEST(StatusTest, TextOfAnUnforeseenErrorStaysInside) {
  const Answer answer = ToAnswer(absl::InternalError("pointer 0xdeadbeef"));

  EXPECT_EQ(answer.status.error_message(), "internal error");
}

}  // namespace
}  // namespace usher::server
