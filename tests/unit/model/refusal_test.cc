#include "model/refusal.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace usher::model {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Pair;

TEST(ReasonTest, HasTheNameOfTheApi) {
  EXPECT_EQ(ReasonName(Reason::kUnspecified), "UNSPECIFIED");
  EXPECT_EQ(ReasonName(Reason::kFieldInvalid), "FIELD_INVALID");
  EXPECT_EQ(ReasonName(Reason::kMemberExists), "MEMBER_EXISTS");
  EXPECT_EQ(ReasonName(Reason::kLastSuperUser), "LAST_SUPER_USER");
  EXPECT_EQ(ReasonName(Reason::kInternal), "INTERNAL");
}

TEST(ReasonTest, HasNoNameOutsideOfTheVocabulary) {
  EXPECT_EQ(ReasonName(static_cast<Reason>(43)), "UNSPECIFIED");
  EXPECT_EQ(ReasonName(static_cast<Reason>(-1)), "UNSPECIFIED");
}

TEST(RefuseTest, MakesAStatusWithItsReason) {
  const absl::Status status =
      Refuse(absl::StatusCode::kNotFound, Reason::kSiteNotFound, "There is no such site.");

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "There is no such site.");
  const auto refusal = RefusalOf(status);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, Reason::kSiteNotFound);
  EXPECT_THAT(refusal->metadata, IsEmpty());
  EXPECT_THAT(refusal->fields, IsEmpty());
  EXPECT_FALSE(refusal->retry_after);
}

TEST(RefuseTest, CarriesAllOfARefusal) {
  Refusal refusal;
  refusal.reason = Reason::kRateLimit;
  refusal.metadata = {{"limit", "50"}, {"scope", "organization"}, {"limit", "twice"}};
  refusal.fields = {{"email", "is \"odd\""}, {"", ""}};
  refusal.retry_after = absl::Milliseconds(1500);

  const auto read =
      RefusalOf(Refuse(absl::StatusCode::kResourceExhausted, refusal, "Too many mails."));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->reason, Reason::kRateLimit);
  EXPECT_THAT(read->metadata, ElementsAre(Pair("limit", "50"), Pair("scope", "organization"),
                                          Pair("limit", "twice")));
  EXPECT_THAT(read->fields, ElementsAre(Field(&FieldViolation::description, "is \"odd\""),
                                        Field(&FieldViolation::description, "")));
  EXPECT_EQ(read->retry_after, absl::Milliseconds(1500));
}

TEST(RefuseTest, CarriesTextThatIsNotUtf8) {
  Refusal refusal;
  refusal.reason = Reason::kFieldInvalid;
  refusal.fields = {{"name", "is \xFF\xFE"}};

  const auto read = RefusalOf(Refuse(absl::StatusCode::kInvalidArgument, refusal, "x"));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->fields[0].field, "name");
}

TEST(RefuseTest, SurvivesCopies) {
  absl::Status copy;
  {
    const absl::Status status =
        Refuse(absl::StatusCode::kAborted, Reason::kEtagMismatch, "It has changed.");
    copy = status;
  }

  EXPECT_EQ(RefusalOf(copy)->reason, Reason::kEtagMismatch);
}

TEST(RefuseTest, FindsNothingInOtherStatuses) {
  EXPECT_FALSE(RefusalOf(absl::OkStatus()));
  EXPECT_FALSE(RefusalOf(absl::InternalError("other")));
}

TEST(ViolationsTest, AreOkWhenThereAreNone) {
  const Violations violations;

  EXPECT_TRUE(violations.empty());
  EXPECT_TRUE(violations.ToStatus().ok());
}

TEST(ViolationsTest, AreToldAllAtOnce) {
  Violations violations;
  violations.Add("email", "must not be empty");
  violations.Add("role", "must be set");

  const absl::Status status = violations.ToStatus();

  EXPECT_FALSE(violations.empty());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "email must not be empty; and 1 more");
  const auto refusal = RefusalOf(status);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, Reason::kFieldInvalid);
  EXPECT_THAT(refusal->fields, ElementsAre(Field(&FieldViolation::field, "email"),
                                           Field(&FieldViolation::field, "role")));
}

TEST(ViolationsTest, SayOneInFull) {
  Violations violations;
  violations.Add("role", "must be set");

  EXPECT_EQ(violations.ToStatus().message(), "role must be set");
}

TEST(ViolationsTest, TakeAValueThatIsThere) {
  Violations violations;

  const auto value = violations.Take("name", absl::StatusOr<std::string>("Ann"));

  EXPECT_EQ(value, "Ann");
  EXPECT_TRUE(violations.empty());
}

TEST(ViolationsTest, TakeWhyAValueIsMissing) {
  Violations violations;

  const auto value = violations.Take(
      "name", absl::StatusOr<std::string>(absl::InvalidArgumentError("must not be empty")));

  EXPECT_FALSE(value);
  const auto refusal = RefusalOf(violations.ToStatus());
  ASSERT_TRUE(refusal);
  EXPECT_THAT(refusal->fields,
              ElementsAre(Field(&FieldViolation::description, "must not be empty")));
}

}  // namespace
}  // namespace usher::model
