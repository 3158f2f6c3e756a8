#include "server/fields.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/invitation.h"
#include "model/uri.h"

namespace usher::server {
namespace {

constexpr size_t kLongestLocale = 35;  // RFC 5646 §4.4.1
constexpr size_t kLongestRequestId = 128;
constexpr int kMostMapEntries = 50;
constexpr size_t kLongestMapKey = 40;
constexpr int kMostRows = 1000;
constexpr int32_t kDefaultPageSize = 50;
constexpr int32_t kLargestPageSize = 1000;

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool IsMapKey(std::string_view key) {
  return !key.empty() && key.size() <= kLongestMapKey &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' ||
                  c == '-';
         });
}

// `field` names the entry only by its place: a key may be anything, also unprintable.
std::string EntryName(const std::string& field, size_t index) {
  return absl::StrCat(field, "[", index, "]");
}

}  // namespace

std::string Fields::ReadLocale(std::string_view field, const std::string& text) {
  const bool tag = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
  if (!tag || text.size() > kLongestLocale || absl::StartsWith(text, "-") ||
      absl::EndsWith(text, "-")) {
    Add(field, "must be a language tag such as en or pt-BR");
    return "";
  }
  return text;
}

std::optional<model::Uri> Fields::ReadUri(std::string_view field, const std::string& text) {
  if (text.empty()) return std::nullopt;
  return Take(field, model::Uri::Parse(text));
}

std::map<std::string, std::string> Fields::ReadMap(
    const std::string& field, const google::protobuf::Map<std::string, std::string>& map) {
  std::map<std::string, std::string> read;
  if (static_cast<int>(map.size()) > kMostMapEntries) {
    Add(field, "must have at most 50 entries");
    return read;
  }
  for (const auto& [key, value] : std::map<std::string, std::string>(map.begin(), map.end())) {
    const std::string entry = EntryName(field, read.size());
    if (!IsMapKey(key)) {
      Add(entry + ".key", "must be 1 to 40 characters of A-Z a-z 0-9 _ . and -");
    }
    read[key] = ReadText(entry + ".value", value, {.min = 0, .max = 500, .multiline = true});
  }
  return read;
}

model::Role Fields::ReadRole(std::string_view field, usher::v1::Role role) {
  if (role == usher::v1::ROLE_UNSPECIFIED) {
    Add(field, "must be set");
  } else if (!usher::v1::Role_IsValid(role)) {
    Add(field, "is no role");
  }
  return static_cast<model::Role>(role);
}

model::SiteAccess Fields::ReadSiteAccess(const std::string& field, bool present,
                                         const usher::v1::SiteAccess& access) {
  constexpr int kMost = static_cast<int>(model::SiteAccess::kMostIds);
  auto groups =
      ReadIds<model::SiteGroupId>(field + ".site_group_ids", access.site_group_ids(), kMost);
  auto sites = ReadIds<model::SiteId>(field + ".site_ids", access.site_ids(), kMost);
  const int kinds =
      (access.all_sites() ? 1 : 0) + (groups.empty() ? 0 : 1) + (sites.empty() ? 0 : 1);
  if (!present || kinds == 0) {
    Add(field, "must have all_sites, site_group_ids or site_ids");
  } else if (kinds > 1) {
    Add(field, "must have only one of all_sites, site_group_ids and site_ids");
  } else if (!groups.empty()) {
    return violations_.Take(field, model::SiteAccess::Groups(std::move(groups)))
        .value_or(model::SiteAccess::All());
  } else if (!sites.empty()) {
    return violations_.Take(field, model::SiteAccess::Sites(std::move(sites)))
        .value_or(model::SiteAccess::All());
  }
  return model::SiteAccess::All();
}

absl::Duration Fields::ReadLifetime(std::string_view field,
                                    const google::protobuf::Duration& duration) {
  const absl::Duration lifetime =
      absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  if (lifetime < model::kShortestLifetime || lifetime > model::kLongestLifetime) {
    Add(field, "must be from 5 minutes to 365 days");
  }
  return lifetime;
}

absl::Time Fields::ReadTime(std::string_view field, const google::protobuf::Timestamp& timestamp) {
  using google::protobuf::util::TimeUtil;
  const bool valid = timestamp.seconds() >= TimeUtil::kTimestampMinSeconds &&
                     timestamp.seconds() <= TimeUtil::kTimestampMaxSeconds &&
                     timestamp.nanos() >= 0 && timestamp.nanos() < 1'000'000'000;
  if (!valid) Add(field, "must be a time from year 1 to 9999");
  // The database keeps microseconds.
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Floor(absl::Nanoseconds(timestamp.nanos()), absl::Microseconds(1));
}

int32_t Fields::ReadPageSize(int32_t page_size) {
  if (page_size < 0) Add("page_size", "must not be negative");
  if (page_size <= 0) return kDefaultPageSize;
  return std::min(page_size, kLargestPageSize);
}

std::optional<int64_t> Fields::ReadEtag(std::string_view field, const std::string& etag) {
  if (etag.empty()) return std::nullopt;
  return violations_.Take(field, model::ParseEtag(etag));
}

void Fields::CheckRows(std::string_view field, int rows) {
  if (rows == 0 || rows > kMostRows) Add(field, "must have 1 to 1000 rows");
}

void Fields::CheckRequestId(const std::string& request_id) {
  if (request_id.size() > kLongestRequestId || !IsVisibleAscii(request_id)) {
    Add("request_id", "must be at most 128 printable ASCII characters");
  }
}

}  // namespace usher::server
