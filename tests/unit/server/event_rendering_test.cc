#include "server/event_rendering.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace usher::server {
namespace {

using google::protobuf::Message;
using nlohmann::json;

constexpr const char* kUuid = "01893726-efee-7f02-8fbf-9f2b7bc2f910";
constexpr const char* kSuffix = "01h4vjdvzefw18zfwz5dxw5y8g";

json JsonOf(const Message& message) {
  std::string text;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text).ok());
  return json::parse(text);
}

json Rendered(std::string_view thing, const json& stored) {
  return JsonOf(RenderFields(thing, stored.dump()));
}

TEST(EventRenderingTest, NamesEnumerationsByTheThing) {
  EXPECT_EQ(Rendered("invitation", {{"state", 1}, {"role", 2}}),
            json({{"state", "INVITATION_STATE_PENDING"}, {"role", "ROLE_NETWORK_ADMIN"}}));
  EXPECT_EQ(Rendered("membership", {{"status", 2}}),
            json({{"status", "MEMBERSHIP_STATUS_SUSPENDED"}}));
  EXPECT_EQ(Rendered("delivery", {{"state", 3}}), json({{"state", "DELIVERY_STATE_SENT"}}));
}

TEST(EventRenderingTest, ShowsIdsAsTypeIds) {
  const std::string suffix = kSuffix;
  EXPECT_EQ(Rendered("membership", {{"user_id", kUuid}, {"invitation_id", kUuid}}),
            json({{"user_id", "user_" + suffix}, {"invitation_id", "inv_" + suffix}}));
  EXPECT_EQ(Rendered("site_group", {{"id", kUuid}, {"site_ids", {kUuid}}}),
            json({{"id", "sgrp_" + suffix}, {"site_ids", {"site_" + suffix}}}));
  EXPECT_EQ(Rendered("invitation", {{"email", kUuid}}), json({{"email", kUuid}}));
}

TEST(EventRenderingTest, PutsTheColumnsOfSiteAccessTogether) {
  const std::string suffix = kSuffix;
  const json none = json::array();
  EXPECT_EQ(
      Rendered("membership", {{"site_access", 1}, {"site_group_ids", none}, {"site_ids", none}}),
      json({{"site_access", {{"all_sites", true}}}}));
  EXPECT_EQ(Rendered("invitation", {{"site_access", 2}, {"site_group_ids", {kUuid}}}),
            json({{"site_access", {{"site_group_ids", {"sgrp_" + suffix}}}}}));
  EXPECT_EQ(Rendered("membership", {{"site_ids", {kUuid}}}),
            json({{"site_access", {{"site_ids", {"site_" + suffix}}}}}));
}

TEST(EventRenderingTest, WritesTimesAndDurationsAsJsonDoes) {
  EXPECT_EQ(Rendered("invitation", {{"expire_time", "2025-03-17T23:50:00.5+02:00"}}),
            json({{"expire_time", "2025-03-17T21:50:00.5Z"}}));
  EXPECT_EQ(Rendered("membership", {{"end_time", nullptr}}), json({{"end_time", nullptr}}));
  EXPECT_EQ(Rendered("organization", {{"name", "Acme"}, {"invitation_lifetime", 604800}}),
            json({{"name", "Acme"}, {"settings", {{"invitation_lifetime", "604800s"}}}}));
  EXPECT_EQ(Rendered("organization", {{"settings", {{"invitation_lifetime", "168:00:00"}}}}),
            json({{"settings", {{"invitation_lifetime", "604800s"}}}}));
}

TEST(EventRenderingTest, LeavesOutWhatIsNoFieldOfTheThing) {
  EXPECT_EQ(Rendered("invitation", {{"user_created", true}, {"token", "x"}, {"generation", 2}}),
            json({{"generation", 2}}));
  EXPECT_EQ(Rendered("site", {{"labels", {{"any", "kept"}}}}),
            json({{"labels", {{"any", "kept"}}}}));
  EXPECT_EQ(Rendered("unheard_of", {{"name", "x"}}), json::object());
  EXPECT_EQ(JsonOf(RenderFields("site", "no JSON")), json::object());
}

TEST(EventRenderingTest, ShowsTheMembershipOfAnAcceptedInvitation) {
  EXPECT_EQ(Rendered("invitation", {{"state", 2}, {"membership", {{"status", 1}}}}),
            json({{"state", "INVITATION_STATE_ACCEPTED"},
                  {"membership", {{"status", "MEMBERSHIP_STATUS_ACTIVE"}}}}));
}

TEST(EventRenderingTest, ShowsWhatHappenedToADelivery) {
  EXPECT_EQ(Rendered("delivery", {{"state", 4}, {"report", 1}, {"invitation_id", kUuid}}),
            json({{"state", "DELIVERY_STATE_FAILED"},
                  {"report", "DELIVERY_REPORT_HARD_BOUNCE"},
                  {"invitation_id", std::string("inv_") + kSuffix}}));
}

TEST(EventRenderingTest, TellsOnlyWhatChanged) {
  events::Event event;
  event.type = "invitation.reinvited";
  event.before = R"({"state": 5, "role": 3, "generation": 1, "site_access": 1})";
  event.after = R"({"state": 1, "role": 3, "generation": 2, "site_access": 1})";

  const auto shown = ToProto(event, /*with_peer=*/true);

  EXPECT_EQ(JsonOf(shown.before()),
            json({{"state", "INVITATION_STATE_EXPIRED"}, {"generation", 1}}));
  EXPECT_EQ(JsonOf(shown.after()),
            json({{"state", "INVITATION_STATE_PENDING"}, {"generation", 2}}));
}

TEST(EventRenderingTest, NamesWhoDidIt) {
  events::Event event;
  event.type = "user.updated";
  event.peer = "ipv4:127.0.0.1:7";
  EXPECT_TRUE(ToProto(event, true).actor().system());
  EXPECT_EQ(ToProto(event, true).peer(), event.peer);
  EXPECT_EQ(ToProto(event, false).peer(), "");

  event.actor_user = model::UserId();
  event.actor_name = "Ann";
  EXPECT_EQ(ToProto(event, true).actor().user_id(), model::UserId().ToString());
  EXPECT_EQ(ToProto(event, true).actor().display_name(), "Ann");

  event.actor_service = "portal";
  EXPECT_EQ(ToProto(event, true).actor().service(), "portal");
  EXPECT_EQ(ToProto(event, true).on_behalf_of_user_id(), model::UserId().ToString());
}

TEST(EventRenderingTest, NamesTheSubjectByTheThing) {
  events::Event event;
  const std::pair<const char*, const char*> cases[] = {
      {"organization.created", "org_"}, {"site_group.updated", "sgrp_"},
      {"membership.left", "user_"},     {"user.deleted", "user_"},
      {"invitation.expired", "inv_"},   {"site.deleted", "site_"}};
  for (const auto& [type, prefix] : cases) {
    event.type = type;
    EXPECT_EQ(RenderSubject(event).substr(0, std::string(prefix).size()), prefix);
  }
  event.type = "suppression.created";
  event.address = "zoe@example.com";
  EXPECT_EQ(RenderSubject(event), "zoe@example.com");
}

}  // namespace
}  // namespace usher::server
