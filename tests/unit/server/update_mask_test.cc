#include "server/update_mask.h"

#include <gtest/gtest.h>

namespace usher::server {
namespace {

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const auto& path : paths) mask.add_paths(path);
  return mask;
}

TEST(UpdateMaskTest, NamedFieldsAreChangedWhetherSetOrNot) {
  Fields fields;
  const UpdateMask mask(fields, Mask({"role"}), {"role", "metadata"});

  EXPECT_TRUE(mask.Names("role", /*set=*/false));
  EXPECT_FALSE(mask.Names("metadata", /*set=*/true));
  EXPECT_TRUE(fields.Check().ok());
}

TEST(UpdateMaskTest, WithoutAMaskWhatIsSetIsChanged) {
  Fields fields;
  const UpdateMask mask(fields, Mask({}), {"role"});

  EXPECT_TRUE(mask.Names("role", /*set=*/true));
  EXPECT_FALSE(mask.Names("role", /*set=*/false));
}

TEST(UpdateMaskTest, MessageNamesAllInIt) {
  Fields fields;
  const UpdateMask mask(fields, Mask({"settings"}), {"name", "settings", "settings.seat_limit"});

  EXPECT_TRUE(mask.Names("settings.seat_limit", /*set=*/false));
  EXPECT_FALSE(mask.Names("settings_seat_limit", /*set=*/false));
  EXPECT_FALSE(mask.Names("name", /*set=*/true));
}

TEST(UpdateMaskTest, AsteriskNamesAllThatMayBeChanged) {
  Fields fields;
  const UpdateMask mask(fields, Mask({"*"}), {"role"});

  EXPECT_TRUE(mask.Names("role", /*set=*/false));
  EXPECT_TRUE(fields.Check().ok());
}

TEST(UpdateMaskTest, FieldsThatMayNotBeChangedAreViolations) {
  Fields fields;
  const UpdateMask mask(fields, Mask({"role", "email"}), {"role"});

  const auto refusal = model::RefusalOf(fields.Check());

  ASSERT_TRUE(refusal);
  ASSERT_EQ(refusal->fields.size(), 1U);
  EXPECT_EQ(refusal->fields[0].field, "update_mask.paths[1]");
}

}  // namespace
}  // namespace usher::server
