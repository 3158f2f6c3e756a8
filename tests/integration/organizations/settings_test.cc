#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/matchers.h"
#include "tests/support/world.h"

namespace usher::test {
namespace {

using model::InviterDeparturePolicy;
using model::OrganizationSettings;
using model::SeatMode;
using organizations::OrganizationName;

OrganizationSettings Unusual() {
  OrganizationSettings settings;
  settings.invitation_lifetime = absl::Hours(24);
  settings.inviter_departure_policy = InviterDeparturePolicy::kKeep;
  settings.allowed_domains = {"example.com", "*.example.com"};
  settings.denied_domains = {"old.example.com"};
  settings.seat_limit = 1;
  settings.seat_mode = SeatMode::kReserve;
  settings.pending_limit = 2;
  settings.mails_per_hour = 3;
  settings.mails_per_hour_per_inviter = 4;
  settings.mails_per_hour_per_recipient = 5;
  settings.redirect_uris = {"https://app.example.com/start"};
  settings.default_locale = "de";
  settings.remind_before_expiry = absl::Hours(48);
  settings.notify_inviter = true;
  return settings;
}

void ExpectEqual(const OrganizationSettings& actual, const OrganizationSettings& expected) {
  EXPECT_EQ(actual.invitation_lifetime, expected.invitation_lifetime);
  EXPECT_EQ(actual.inviter_departure_policy, expected.inviter_departure_policy);
  EXPECT_EQ(actual.allowed_domains, expected.allowed_domains);
  EXPECT_EQ(actual.denied_domains, expected.denied_domains);
  EXPECT_EQ(actual.seat_limit, expected.seat_limit);
  EXPECT_EQ(actual.seat_mode, expected.seat_mode);
  EXPECT_EQ(actual.pending_limit, expected.pending_limit);
  EXPECT_EQ(actual.mails_per_hour, expected.mails_per_hour);
  EXPECT_EQ(actual.mails_per_hour_per_inviter, expected.mails_per_hour_per_inviter);
  EXPECT_EQ(actual.mails_per_hour_per_recipient, expected.mails_per_hour_per_recipient);
  EXPECT_EQ(actual.redirect_uris, expected.redirect_uris);
  EXPECT_EQ(actual.default_locale, expected.default_locale);
  EXPECT_EQ(actual.remind_before_expiry, expected.remind_before_expiry);
  EXPECT_EQ(actual.notify_inviter, expected.notify_inviter);
}

class SettingsTest : public testing::Test {
 protected:
  OrganizationSettings Read(model::OrganizationId id) {
    const model::Call call = world.CallBy();
    OrganizationName name{id, std::nullopt};
    return world.Wait(world.organizations.Get(call, std::move(name)))->settings;
  }

  World world;
};

TEST_F(SettingsTest, NewOrganizationKeepsItsSettings) {
  const model::Call call = world.CallBy(world.ann);
  organizations::NewOrganization draft;
  draft.name = "Unusual";
  draft.settings = Unusual();

  const auto created = world.Wait(world.organizations.Create(call, draft));

  ASSERT_THAT(created, IsOk());
  ExpectEqual(created->organization.settings, Unusual());
  ExpectEqual(Read(created->organization.id), Unusual());
}

TEST_F(SettingsTest, DatabasesDefaultsAreThoseOfTheModel) {
  const model::OrganizationId id(world.ids.Next());
  world.database.Query(absl::StrCat(
      "INSERT INTO usher.organizations (id, name, name_key, create_time, update_time) VALUES ('",
      model::FormatUuid(id.uuid()), "', 'Plain', 'plain', now(), now())"));

  ExpectEqual(Read(id), OrganizationSettings());
}

TEST_F(SettingsTest, EventTellsOfThem) {
  const model::Call call = world.CallBy(world.ann);
  organizations::NewOrganization draft;
  draft.name = "Unusual";
  draft.settings = Unusual();

  ASSERT_THAT(world.Wait(world.organizations.Create(call, draft)), IsOk());

  EXPECT_EQ(
      world.database.Value("SELECT after ->> 'invitation_lifetime' FROM usher.events"
                           " WHERE type = 'organization.created' AND after ->> 'name' = 'Unusual'"),
      "24:00:00");
}

}  // namespace
}  // namespace usher::test
