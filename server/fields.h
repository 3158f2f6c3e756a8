#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/map.h"
#include "model/email.h"
#include "model/etag.h"
#include "model/ids.h"
#include "model/person_name.h"
#include "model/refusal.h"
#include "model/role.h"
#include "model/site_access.h"
#include "model/text.h"
#include "model/uri.h"
#include "usher/v1/resources.pb.h"

namespace usher::server {

// Reads the fields of a request into values of the domain and gathers all that is wrong with them.
//
// A reader returns a value in any case (an empty one for a bad field), so that a request is read to
// its end; Check says in the end whether what was read may be used.
class Fields {
 public:
  template <class Id>
  Id ReadId(std::string_view field, std::string_view text) {
    return violations_.Take(field, Id::Parse(text)).value_or(Id());
  }
  template <class Id>
  std::optional<Id> ReadOptionalId(std::string_view field, std::string_view text) {
    if (text.empty()) return std::nullopt;
    return ReadId<Id>(field, text);
  }
  template <class Id, class Repeated>
  std::vector<Id> ReadIds(const std::string& field, const Repeated& texts, int most) {
    std::vector<Id> ids;
    if (texts.size() > most) Add(field, "must have at most " + std::to_string(most) + " entries");
    for (int i = 0; i < texts.size() && i < most; ++i) {
      ids.push_back(ReadId<Id>(field + "[" + std::to_string(i) + "]", texts[i]));
    }
    return ids;
  }

  // Nothing for a bad or missing address.
  std::optional<model::Email> ReadEmail(std::string_view field, std::string_view text) {
    return violations_.Take(field, model::Email::Parse(text));
  }
  std::string ReadFirstName(std::string_view field, std::string_view text) {
    return violations_.Take(field, model::ParseFirstName(text)).value_or("");
  }
  std::string ReadLastName(std::string_view field, std::string_view text) {
    return violations_.Take(field, model::ParseLastName(text)).value_or("");
  }
  std::string ReadText(std::string_view field, std::string_view text,
                       const model::TextRules& rules) {
    return violations_.Take(field, model::CleanText(text, rules)).value_or("");
  }
  // A BCP 47 language tag, or empty.
  std::string ReadLocale(std::string_view field, const std::string& text);
  // Nothing for a bad or missing URI.
  std::optional<model::Uri> ReadUri(std::string_view field, const std::string& text);
  // At most 50 entries; keys of 1 to 40 plain ASCII characters, values of up to 500 characters.
  std::map<std::string, std::string> ReadMap(
      const std::string& field, const google::protobuf::Map<std::string, std::string>& map);

  model::Role ReadRole(std::string_view field, usher::v1::Role role);
  model::SiteAccess ReadSiteAccess(const std::string& field, bool present,
                                   const usher::v1::SiteAccess& access);
  absl::Duration ReadLifetime(std::string_view field, const google::protobuf::Duration& duration);
  absl::Time ReadTime(std::string_view field, const google::protobuf::Timestamp& timestamp);
  // 0 is 50; more than 1000 is 1000 (AIP-158).
  int32_t ReadPageSize(int32_t page_size);
  std::optional<int64_t> ReadEtag(std::string_view field, const std::string& etag);

  // A batch has 1 to 1000 rows.
  void CheckRows(std::string_view field, int rows);
  // A request id of 1 to 128 printable ASCII characters, or empty.
  void CheckRequestId(const std::string& request_id);

  // The value, or nothing after its error became the violation of `field`.
  template <class T>
  std::optional<T> Take(std::string_view field, absl::StatusOr<T> value) {
    return violations_.Take(field, std::move(value));
  }
  void Add(std::string_view field, std::string_view description) {
    violations_.Add(field, description);
  }
  // INVALID_ARGUMENT with every violation, or OK.
  absl::Status Check() const { return violations_.ToStatus(); }

 private:
  model::Violations violations_;
};

}  // namespace usher::server
