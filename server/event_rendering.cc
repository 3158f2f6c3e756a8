#include "server/event_rendering.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/convert.h"
#include "usher/v1/invitation_service.pb.h"
#include "usher/v1/mail_delivery.pb.h"
#include "usher/v1/resources.pb.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Struct;
using google::protobuf::Value;
using google::protobuf::util::MessageDifferencer;
using Json = nlohmann::json;

// A thing of the log: its message, the prefix of its ids, and what its events tell besides.
struct Thing {
  const Descriptor* message;
  std::string_view prefix;
  std::map<std::string, const FieldDescriptor*> more = {};
};

const FieldDescriptor* FieldOf(const Descriptor* message, const char* name) {
  return message->FindFieldByName(name);
}

const Thing* FindThing(std::string_view name) {
  static const auto& things = *new std::map<std::string, Thing, std::less<>>{
      {"organization", {v1::Organization::descriptor(), model::OrganizationKind::kPrefix}},
      {"site", {v1::Site::descriptor(), model::SiteKind::kPrefix}},
      {"site_group", {v1::SiteGroup::descriptor(), model::SiteGroupKind::kPrefix}},
      // The membership that an accepted one became.
      {"invitation",
       {v1::Invitation::descriptor(),
        model::InvitationKind::kPrefix,
        {{"membership", FieldOf(v1::AcceptInvitationResponse::descriptor(), "membership")}}}},
      {"membership", {v1::Membership::descriptor(), model::UserKind::kPrefix}},
      {"user", {v1::User::descriptor(), model::UserKind::kPrefix}},
      {"delivery",
       {v1::Delivery::descriptor(),
        model::MailKind::kPrefix,
        {{"invitation_id", FieldOf(v1::ClaimedDelivery::descriptor(), "invitation_id")},
         {"kind", FieldOf(v1::ClaimedDelivery::descriptor(), "kind")},
         {"report", FieldOf(v1::ReportDeliveryRequest::descriptor(), "report")}}}},
      {"suppression", {v1::Suppression::descriptor(), ""}},
  };
  const auto found = things.find(name);
  return found == things.end() ? nullptr : &found->second;
}

// The prefix of the ids in a field: of "site_group_ids" those of site groups.
std::string_view PrefixOf(const FieldDescriptor& field, const Thing& of) {
  if (field.name() == "id" && field.containing_type() == of.message) return of.prefix;
  std::string_view name = field.name();
  for (const std::string_view ending : {"_ids", "_id"}) {
    if (!name.ends_with(ending)) continue;
    name.remove_suffix(ending.size());
    const Thing* thing = FindThing(name);
    return thing == nullptr ? "" : thing->prefix;
  }
  return "";
}

std::string RenderId(std::string_view prefix, const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits += c;
  }
  model::Uuid uuid{};
  if (prefix.empty() || digits.size() != 2 * uuid.size()) return text;
  const std::string bytes = absl::HexStringToBytes(digits);
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  return model::EncodeTypeId(prefix, uuid);
}

std::string RenderTime(const std::string& text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return text;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

// PostgreSQL writes an interval as 168:00:00.5.
std::string RenderDuration(const std::string& text) {
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const bool read = parts.size() == 3 && absl::SimpleAtoi(parts[0], &hours) &&
                    absl::SimpleAtoi(parts[1], &minutes) && absl::SimpleAtod(parts[2], &seconds);
  return read ? absl::StrCat(hours * 3600 + minutes * 60 + seconds, "s") : text;
}

class Renderer {
 public:
  explicit Renderer(const Thing& thing) : thing_(thing) {}

  void RenderInto(const Descriptor& message, const Json& stored, Struct& shown) const {
    const FieldDescriptor* access = message.FindFieldByName("site_access");
    const FieldDescriptor* settings = message.FindFieldByName("settings");
    if (access != nullptr) RenderSiteAccess(*access, stored, shown);
    for (const auto& [name, value] : stored.items()) {
      const FieldDescriptor* field = Find(message, name);
      if (field != nullptr && (field != access || value.is_object())) {
        (*shown.mutable_fields())[name] = Render(*field, value);
      } else if (settings != nullptr && settings->message_type()->FindFieldByName(name)) {
        Struct& part = *(*shown.mutable_fields())["settings"].mutable_struct_value();
        RenderInto(*settings->message_type(), Json{{name, value}}, part);
      }
    }
  }

 private:
  const FieldDescriptor* Find(const Descriptor& message, const std::string& name) const {
    const FieldDescriptor* field = message.FindFieldByName(name);
    if (field != nullptr || &message != thing_.message) return field;
    const auto more = thing_.more.find(name);
    return more == thing_.more.end() ? nullptr : more->second;
  }

  // Site access is stored as three columns, of which a change may name some.
  void RenderSiteAccess(const FieldDescriptor& field, const Json& stored, Struct& shown) const {
    constexpr int kAllSites = 1;
    const Descriptor& message = *field.message_type();
    Json access = Json::object();
    if (const auto kind = stored.find("site_access"); kind != stored.end()) {
      if (*kind == kAllSites) access["all_sites"] = true;
    }
    for (const char* name : {"site_group_ids", "site_ids"}) {
      const auto ids = stored.find(name);
      if (ids != stored.end() && ids->is_array() && !ids->empty()) access[name] = *ids;
    }
    if (access.empty()) return;
    RenderInto(message, access, *(*shown.mutable_fields())["site_access"].mutable_struct_value());
  }

  Value Render(const FieldDescriptor& field, const Json& stored) const {
    Value value;
    if (stored.is_array()) {
      auto& list = *value.mutable_list_value();
      for (const Json& element : stored) *list.add_values() = Render(field, element);
    } else if (stored.is_object()) {
      RenderObject(field, stored, *value.mutable_struct_value());
    } else if (stored.is_boolean()) {
      value.set_bool_value(stored.get<bool>());
    } else if (stored.is_number()) {
      RenderNumber(field, stored, value);
    } else if (stored.is_string()) {
      value.set_string_value(RenderText(field, stored.get<std::string>()));
    } else {
      value.set_null_value(google::protobuf::NULL_VALUE);
    }
    return value;
  }

  void RenderObject(const FieldDescriptor& field, const Json& stored, Struct& shown) const {
    if (field.message_type() == nullptr) return;
    if (!field.is_map()) return RenderInto(*field.message_type(), stored, shown);
    const FieldDescriptor& values = *field.message_type()->FindFieldByName("value");
    for (const auto& [key, value] : stored.items()) {
      (*shown.mutable_fields())[key] = Render(values, value);
    }
  }

  static void RenderNumber(const FieldDescriptor& field, const Json& stored, Value& value) {
    if (field.enum_type() != nullptr) {
      const auto* named = field.enum_type()->FindValueByNumber(stored.get<int>());
      if (named != nullptr) return value.set_string_value(named->name());
    }
    if (IsMessage(field, "google.protobuf.Duration")) {
      return value.set_string_value(absl::StrCat(stored.get<double>(), "s"));
    }
    value.set_number_value(stored.get<double>());
  }

  std::string RenderText(const FieldDescriptor& field, const std::string& text) const {
    if (IsMessage(field, "google.protobuf.Timestamp")) return RenderTime(text);
    if (IsMessage(field, "google.protobuf.Duration")) return RenderDuration(text);
    return RenderId(PrefixOf(field, thing_), text);
  }

  static bool IsMessage(const FieldDescriptor& field, std::string_view name) {
    return field.message_type() != nullptr && field.message_type()->full_name() == name;
  }

  const Thing& thing_;
};

void RenderActor(const events::Event& event, v1::Event& message) {
  v1::Actor& actor = *message.mutable_actor();
  if (!event.actor_service.empty()) {
    actor.set_service(event.actor_service);
    actor.set_display_name(event.actor_service);
    if (event.actor_user) message.set_on_behalf_of_user_id(event.actor_user->ToString());
  } else if (event.actor_user) {
    actor.set_user_id(event.actor_user->ToString());
    actor.set_display_name(event.actor_name);
  } else {
    actor.set_system(true);
    actor.set_display_name("usher");
  }
}

// What stayed as it was did not change, though a writer may have named it.
void KeepChanges(Struct& before, Struct& after) {
  const Struct was = before;
  for (const auto& [name, value] : was.fields()) {
    const auto is = after.fields().find(name);
    if (is == after.fields().end() || !MessageDifferencer::Equals(is->second, value)) continue;
    before.mutable_fields()->erase(name);
    after.mutable_fields()->erase(name);
  }
}

}  // namespace

Struct RenderFields(std::string_view thing, const std::string& stored) {
  Struct shown;
  const Thing* found = FindThing(thing);
  const Json object = Json::parse(stored, nullptr, /*allow_exceptions=*/false);
  if (found != nullptr && object.is_object()) {
    Renderer(*found).RenderInto(*found->message, object, shown);
  }
  return shown;
}

std::string RenderSubject(const events::Event& event) {
  if (!event.address.empty()) return event.address;
  const Thing* thing = FindThing(events::ThingOf(event.type));
  return model::EncodeTypeId(thing == nullptr ? "" : thing->prefix, event.subject);
}

v1::Event ToProto(const events::Event& event, bool with_peer) {
  const std::string_view thing = events::ThingOf(event.type);
  v1::Event message;
  message.set_id(event.id.ToString());
  message.set_position(event.position.ToString());
  message.set_type(event.type);
  *message.mutable_event_time() = ToProto(event.time);
  if (event.organization) message.set_organization_id(event.organization->ToString());
  message.set_subject_id(RenderSubject(event));
  RenderActor(event, message);
  if (!event.before.empty()) *message.mutable_before() = RenderFields(thing, event.before);
  if (!event.after.empty()) *message.mutable_after() = RenderFields(thing, event.after);
  if (message.has_before() && message.has_after()) {
    KeepChanges(*message.mutable_before(), *message.mutable_after());
  }
  message.set_call_id(event.call_id);
  message.set_request_id(event.request_id);
  if (with_peer) message.set_peer(event.peer);
  return message;
}

}  // namespace usher::server
