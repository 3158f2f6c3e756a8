#include "server/organization_settings.h"

#include <algorithm>
#include <utility>

#include "model/domain.h"
#include "model/uri.h"
#include "server/convert.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using model::InviterDeparturePolicy;
using model::SeatMode;

const std::string kSettings = "settings.";

// The plain form of an entry, or what is wrong with it.
using ReadEntry = absl::StatusOr<std::string> (*)(std::string_view);

absl::StatusOr<std::string> ReadRedirectUri(std::string_view text) {
  auto uri = model::Uri::Parse(text);
  if (!uri.ok()) return uri.status();
  if (!uri->has_query_or_fragment()) return uri->place();
  return absl::InvalidArgumentError("must have neither query nor fragment");
}

// Entries in their order, each once.
template <class Repeated>
std::vector<std::string> ReadList(Fields& fields, const std::string& field, const Repeated& texts,
                                  size_t most, ReadEntry read) {
  std::vector<std::string> entries;
  if (std::cmp_greater(texts.size(), most)) {
    fields.Add(field, "must have at most " + std::to_string(most) + " entries");
    return entries;
  }
  for (int i = 0; i < texts.size(); ++i) {
    auto entry = fields.Take(field + "[" + std::to_string(i) + "]", read(texts[i]));
    if (entry && std::find(entries.begin(), entries.end(), *entry) == entries.end()) {
      entries.push_back(*std::move(entry));
    }
  }
  return entries;
}

absl::Duration ReadSeconds(Fields& fields, const std::string& field,
                           const google::protobuf::Duration& duration) {
  if (duration.nanos() != 0) fields.Add(field, "must be whole seconds");
  return fields.ReadLifetime(field, duration);
}

int32_t ReadLimit(Fields& fields, const std::string& field, int32_t limit) {
  if (limit < 0) fields.Add(field, "must not be negative");
  return limit;
}

InviterDeparturePolicy ReadPolicy(Fields& fields, const std::string& field,
                                  v1::InviterDeparturePolicy policy) {
  if (policy == v1::INVITER_DEPARTURE_POLICY_UNSPECIFIED) return InviterDeparturePolicy::kCancel;
  if (!v1::InviterDeparturePolicy_IsValid(policy)) fields.Add(field, "is no such policy");
  return static_cast<InviterDeparturePolicy>(policy);
}

SeatMode ReadSeatMode(Fields& fields, const std::string& field, v1::SeatMode mode) {
  if (mode == v1::SEAT_MODE_UNSPECIFIED) return SeatMode::kMembers;
  if (!v1::SeatMode_IsValid(mode)) fields.Add(field, "is no such mode");
  return static_cast<SeatMode>(mode);
}

void ReadLimits(Fields& fields, const std::string& prefix, const v1::OrganizationSettings& message,
                model::OrganizationSettings& settings) {
  settings.seat_limit = ReadLimit(fields, prefix + "seat_limit", message.seat_limit());
  settings.pending_limit = ReadLimit(fields, prefix + "pending_limit", message.pending_limit());
  settings.mails_per_hour = ReadLimit(fields, prefix + "mails_per_hour", message.mails_per_hour());
  settings.mails_per_hour_per_inviter = ReadLimit(fields, prefix + "mails_per_hour_per_inviter",
                                                  message.mails_per_hour_per_inviter());
  settings.mails_per_hour_per_recipient = ReadLimit(fields, prefix + "mails_per_hour_per_recipient",
                                                    message.mails_per_hour_per_recipient());
}

}  // namespace

model::OrganizationSettings ReadSettings(Fields& fields, const std::string& prefix,
                                         const v1::OrganizationSettings& message) {
  model::OrganizationSettings settings;
  if (message.has_invitation_lifetime()) {
    settings.invitation_lifetime =
        ReadSeconds(fields, prefix + "invitation_lifetime", message.invitation_lifetime());
  }
  if (message.has_remind_before_expiry()) {
    settings.remind_before_expiry =
        ReadSeconds(fields, prefix + "remind_before_expiry", message.remind_before_expiry());
  }
  settings.notify_inviter = message.notify_inviter();
  settings.inviter_departure_policy =
      ReadPolicy(fields, prefix + "inviter_departure_policy", message.inviter_departure_policy());
  settings.allowed_domains = ReadList(fields, prefix + "allowed_domains", message.allowed_domains(),
                                      model::kMostDomains, model::ParseDomainPattern);
  settings.denied_domains = ReadList(fields, prefix + "denied_domains", message.denied_domains(),
                                     model::kMostDomains, model::ParseDomainPattern);
  settings.seat_mode = ReadSeatMode(fields, prefix + "seat_mode", message.seat_mode());
  ReadLimits(fields, prefix, message, settings);
  settings.redirect_uris = ReadList(fields, prefix + "redirect_uris", message.redirect_uris(),
                                    model::kMostRedirectUris, ReadRedirectUri);
  settings.default_locale = fields.ReadLocale(prefix + "default_locale", message.default_locale());
  return settings;
}

std::vector<std::string_view> SettingPaths() {
  static const auto& paths = *new std::vector<std::string>([] {
    std::vector<std::string> made;
    const auto* message = v1::OrganizationSettings::descriptor();
    for (int i = 0; i < message->field_count(); ++i) {
      made.push_back(kSettings + message->field(i)->name());
    }
    return made;
  }());
  return {paths.begin(), paths.end()};
}

std::vector<std::string> ChangedSettings(const UpdateMask& mask,
                                         const v1::OrganizationSettings& settings) {
  std::vector<std::string> changed;
  const auto* reflection = settings.GetReflection();
  for (const std::string_view path : SettingPaths()) {
    const std::string name(path.substr(kSettings.size()));
    const auto* field = settings.GetDescriptor()->FindFieldByName(name);
    const bool set = field->is_repeated() ? reflection->FieldSize(settings, field) > 0
                                          : reflection->HasField(settings, field);
    if (mask.Names(path, set)) changed.push_back(name);
  }
  return changed;
}

v1::OrganizationSettings ToProto(const model::OrganizationSettings& settings) {
  v1::OrganizationSettings message;
  *message.mutable_invitation_lifetime() = ToProto(settings.invitation_lifetime);
  message.set_inviter_departure_policy(
      static_cast<v1::InviterDeparturePolicy>(settings.inviter_departure_policy));
  message.mutable_allowed_domains()->Add(settings.allowed_domains.begin(),
                                         settings.allowed_domains.end());
  message.mutable_denied_domains()->Add(settings.denied_domains.begin(),
                                        settings.denied_domains.end());
  message.set_seat_limit(settings.seat_limit);
  message.set_seat_mode(static_cast<v1::SeatMode>(settings.seat_mode));
  message.set_pending_limit(settings.pending_limit);
  message.set_mails_per_hour(settings.mails_per_hour);
  message.set_mails_per_hour_per_inviter(settings.mails_per_hour_per_inviter);
  message.set_mails_per_hour_per_recipient(settings.mails_per_hour_per_recipient);
  message.mutable_redirect_uris()->Add(settings.redirect_uris.begin(),
                                       settings.redirect_uris.end());
  message.set_default_locale(settings.default_locale);
  if (settings.remind_before_expiry) {
    *message.mutable_remind_before_expiry() = ToProto(*settings.remind_before_expiry);
  }
  message.set_notify_inviter(settings.notify_inviter);
  return message;
}

}  // namespace usher::server
