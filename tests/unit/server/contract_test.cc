// The domain's enumerations are the API's: same numbers, same names, nothing missing.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/strip.h"
#include "directory/directory.h"
#include "mail/deliveries.h"
#include "mail/suppressions.h"
#include "model/access.h"
#include "model/invitation.h"
#include "model/organization_settings.h"
#include "model/refusal.h"
#include "model/role.h"
#include "model/site_access.h"
#include "server/lane_services.h"
#include "server/service_names.h"
#include "usher/v1/errors.pb.h"
#include "usher/v1/mail_delivery.pb.h"
#include "usher/v1/options.pb.h"
#include "usher/v1/resources.pb.h"
#include "usher/v1/user_directory.pb.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

template <class Enum>
int Number(Enum value) {
  return static_cast<int>(value);
}

TEST(ContractTest, ReasonsHaveTheNamesAndNumbersOfTheApi) {
  const auto* reasons = v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto* value = reasons->value(i);
    const std::string name(absl::StripPrefix(value->name(), "ERROR_REASON_"));
    EXPECT_EQ(std::string(model::ReasonName(static_cast<model::Reason>(value->number()))), name);
  }
  EXPECT_EQ(reasons->value_count(), Number(model::kLastReason) + 1);
}

TEST(ContractTest, RolesAreThoseOfTheApi) {
  EXPECT_EQ(Number(model::Role::kSuperUser), v1::ROLE_SUPER_USER);
  EXPECT_EQ(Number(model::Role::kNetworkAdmin), v1::ROLE_NETWORK_ADMIN);
  EXPECT_EQ(Number(model::Role::kObserver), v1::ROLE_OBSERVER);
  EXPECT_EQ(Number(model::Role::kHelpdesk), v1::ROLE_HELPDESK);
  EXPECT_EQ(Number(model::Role::kReporting), v1::ROLE_REPORTING);
  EXPECT_EQ(Number(model::Role::kDcEdgeAdmin), v1::ROLE_DC_EDGE_ADMIN);
  EXPECT_EQ(Number(model::Role::kSuperObserver), v1::ROLE_SUPER_OBSERVER);
  EXPECT_EQ(model::kRoles.size(), static_cast<size_t>(v1::Role_MAX));
  EXPECT_EQ(Number(model::RoleCategory::kLimited), v1::ROLE_CATEGORY_LIMITED);
  EXPECT_EQ(Number(model::Scope::kAllSitesOnly), v1::PERMISSION_SCOPE_ALL_SITES_ONLY);
  EXPECT_EQ(Number(model::Scope::kSiteAccess), v1::PERMISSION_SCOPE_SITE_ACCESS);
  EXPECT_EQ(Number(model::Scope::kOrganization), v1::PERMISSION_SCOPE_ORGANIZATION);
}

TEST(ContractTest, ReportsAndCausesOfSuppressionAreThoseOfTheApi) {
  EXPECT_EQ(Number(mail::Report::kHardBounce), v1::DELIVERY_REPORT_HARD_BOUNCE);
  EXPECT_EQ(Number(mail::Report::kSoftBounce), v1::DELIVERY_REPORT_SOFT_BOUNCE);
  EXPECT_EQ(Number(mail::Report::kComplaint), v1::DELIVERY_REPORT_COMPLAINT);
  EXPECT_EQ(Number(mail::Report::kComplaint), v1::DeliveryReport_MAX);
  EXPECT_EQ(Number(mail::Kind::kInvitation), v1::DELIVERY_KIND_INVITATION);
  EXPECT_EQ(Number(mail::Kind::kReminder), v1::DELIVERY_KIND_REMINDER);
  EXPECT_EQ(Number(mail::Kind::kAccepted), v1::DELIVERY_KIND_ACCEPTED);
  EXPECT_EQ(Number(mail::Kind::kDeclined), v1::DELIVERY_KIND_DECLINED);
  EXPECT_EQ(Number(mail::Kind::kDeclined), v1::DeliveryKind_MAX);
  EXPECT_EQ(Number(mail::SuppressionCause::kHardBounce), v1::SUPPRESSION_CAUSE_HARD_BOUNCE);
  EXPECT_EQ(Number(mail::SuppressionCause::kComplaint), v1::SUPPRESSION_CAUSE_COMPLAINT);
  EXPECT_EQ(Number(mail::SuppressionCause::kOptOut), v1::SUPPRESSION_CAUSE_OPT_OUT);
  EXPECT_EQ(Number(mail::SuppressionCause::kOptOut), v1::SuppressionCause_MAX);
}

TEST(ContractTest, StatesAreThoseOfTheApi) {
  EXPECT_EQ(Number(model::InvitationState::kPending), v1::INVITATION_STATE_PENDING);
  EXPECT_EQ(Number(model::InvitationState::kAccepted), v1::INVITATION_STATE_ACCEPTED);
  EXPECT_EQ(Number(model::InvitationState::kDeclined), v1::INVITATION_STATE_DECLINED);
  EXPECT_EQ(Number(model::InvitationState::kCanceled), v1::INVITATION_STATE_CANCELED);
  EXPECT_EQ(Number(model::InvitationState::kExpired), v1::INVITATION_STATE_EXPIRED);
  EXPECT_EQ(Number(model::DeliveryState::kNone), v1::DELIVERY_STATE_NONE);
  EXPECT_EQ(Number(model::DeliveryState::kQueued), v1::DELIVERY_STATE_QUEUED);
  EXPECT_EQ(Number(model::DeliveryState::kSent), v1::DELIVERY_STATE_SENT);
  EXPECT_EQ(Number(model::DeliveryState::kFailed), v1::DELIVERY_STATE_FAILED);
  EXPECT_EQ(Number(model::DeliveryState::kDisabled), v1::DELIVERY_STATE_DISABLED);
  EXPECT_EQ(Number(model::MembershipStatus::kActive), v1::MEMBERSHIP_STATUS_ACTIVE);
  EXPECT_EQ(Number(model::MembershipStatus::kSuspended), v1::MEMBERSHIP_STATUS_SUSPENDED);
  EXPECT_EQ(Number(directory::EntryStatus::kActive), v1::DIRECTORY_STATUS_ACTIVE);
  EXPECT_EQ(Number(directory::EntryStatus::kInviteDeclined), v1::DIRECTORY_STATUS_INVITE_DECLINED);
}

TEST(ContractTest, SettingsAreThoseOfTheApi) {
  using model::InviterDeparturePolicy;
  EXPECT_EQ(Number(InviterDeparturePolicy::kCancel), v1::INVITER_DEPARTURE_POLICY_CANCEL);
  EXPECT_EQ(Number(InviterDeparturePolicy::kKeep), v1::INVITER_DEPARTURE_POLICY_KEEP);
  EXPECT_EQ(Number(model::SeatMode::kMembers), v1::SEAT_MODE_MEMBERS);
  EXPECT_EQ(Number(model::SeatMode::kReserve), v1::SEAT_MODE_RESERVE);
}

TEST(ContractTest, WhatToDoIfPendingIsThatOfTheApi) {
  EXPECT_EQ(Number(model::OnPending::kFail), v1::ON_PENDING_FAIL);
  EXPECT_EQ(Number(model::OnPending::kReturn), v1::ON_PENDING_RETURN);
  EXPECT_EQ(Number(model::OnPending::kReinvite), v1::ON_PENDING_REINVITE);
}

TEST(ContractTest, AccessReasonsAreThoseOfTheApi) {
  using model::AccessReason;
  EXPECT_EQ(Number(AccessReason::kUnknownPermission), v1::ACCESS_REASON_UNKNOWN_PERMISSION);
  EXPECT_EQ(Number(AccessReason::kNotAMember), v1::ACCESS_REASON_NOT_A_MEMBER);
  EXPECT_EQ(Number(AccessReason::kEnded), v1::ACCESS_REASON_ENDED);
  EXPECT_EQ(Number(AccessReason::kSuspended), v1::ACCESS_REASON_SUSPENDED);
  EXPECT_EQ(Number(AccessReason::kPermissionNotGranted), v1::ACCESS_REASON_PERMISSION_NOT_GRANTED);
  EXPECT_EQ(Number(AccessReason::kUnknownSite), v1::ACCESS_REASON_UNKNOWN_SITE);
  EXPECT_EQ(Number(AccessReason::kAllSitesRequired), v1::ACCESS_REASON_ALL_SITES_REQUIRED);
  EXPECT_EQ(Number(AccessReason::kSiteRequired), v1::ACCESS_REASON_SITE_REQUIRED);
  EXPECT_EQ(Number(AccessReason::kSiteNotInAccess), v1::ACCESS_REASON_SITE_NOT_IN_ACCESS);
  EXPECT_EQ(Number(AccessReason::kGrantedByRole), v1::ACCESS_REASON_GRANTED_BY_ROLE);
  EXPECT_EQ(Number(AccessReason::kGrantedBySiteAccess), v1::ACCESS_REASON_GRANTED_BY_SITE_ACCESS);
}

TEST(ContractTest, HealthAnswersForEveryService) {
  std::set<std::string> services;
  for (const MethodName& name : AllMethods()) services.insert(name.service);

  EXPECT_EQ(services, std::set<std::string>(kServiceNames.begin(), kServiceNames.end()));
}

// What a method option demands must be something that the model knows.
TEST(ContractTest, EveryMethodDeclaresWhoMayCallIt) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const MethodName& name : AllMethods()) {
    SCOPED_TRACE(name.service + "." + name.name);
    const auto* method = pool->FindMethodByName(name.service + "." + name.name);
    ASSERT_TRUE(method->options().HasExtension(v1::access));
    const v1::Access& access = method->options().GetExtension(v1::access);
    EXPECT_TRUE(access.user() || access.service() || access.anonymous());
    EXPECT_TRUE(access.permission().empty() || model::IsPermission(access.permission()));
    if (!access.organization_field().empty()) {
      EXPECT_NE(method->input_type()->FindFieldByName(access.organization_field()), nullptr);
    }
  }
}

}  // namespace
}  // namespace usher::server
