#include "auth/claims.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "auth/strict_json.h"
#include "model/person_name.h"

namespace usher::auth {
namespace {

using nlohmann::json;

constexpr size_t kLongestSubject = 255;
constexpr double kLatestTime = 253'402'300'799;  // The year 9999.

absl::Status Bad(std::string_view why) { return absl::InvalidArgumentError(std::string(why)); }

template <class T>
bool Contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Media types may be written in full (RFC 7515 §4.1.9).
std::string ShortType(std::string_view type) {
  std::string lower = absl::AsciiStrToLower(std::string(type));
  constexpr std::string_view kPrefix = "application/";
  return lower.starts_with(kPrefix) ? lower.substr(kPrefix.size()) : lower;
}

absl::Status CheckKind(const Jwt& jwt, const Issuer& issuer) {
  if (!Contains(issuer.algorithms, jwt.algorithm)) return Bad("its algorithm is not accepted");
  if (!Contains(issuer.token_types, ShortType(jwt.type))) return Bad("its typ is not accepted");
  if (jwt.claims.contains("at_hash") || jwt.claims.contains("c_hash")) {
    return Bad("it is an ID token, which is for clients; an access token is needed");
  }
  return absl::OkStatus();
}

bool IsAudience(const json& claims, const Issuer& issuer) {
  const auto audience = claims.find("aud");
  if (audience == claims.end()) return false;
  const auto accepted = [&issuer](const json& one) {
    const auto* text = one.get_ptr<const std::string*>();
    return text != nullptr && Contains(issuer.audiences, *text);
  };
  if (audience->is_array()) return std::any_of(audience->begin(), audience->end(), accepted);
  return accepted(*audience);
}

// A NumericDate (RFC 7519 §2): seconds, perhaps with a fraction.
absl::StatusOr<std::optional<absl::Time>> ReadTime(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<absl::Time>();
  const double seconds = found->is_number() ? found->get<double>() : NAN;
  if (!(seconds >= 0 && seconds <= kLatestTime)) return Bad(absl::StrCat(name, " is no time"));
  return std::optional(absl::UnixEpoch() + absl::Seconds(seconds));
}

absl::Status CheckTimes(const json& claims, const Issuer& issuer, absl::Time now,
                        absl::Time& expire_time) {
  const auto expires = ReadTime(claims, "exp");
  const auto begins = ReadTime(claims, "nbf");
  const auto issued = ReadTime(claims, "iat");
  for (const auto* time : {&expires, &begins, &issued}) {
    if (!time->ok()) return time->status();
  }
  if (!*expires) return Bad("it has no exp");
  expire_time = **expires;
  if (now >= expire_time + kLeeway) return Bad("it has expired");
  if (*begins && now < **begins - kLeeway) return Bad("it is not valid yet");
  if (*issued && now < **issued - kLeeway) return Bad("it was issued in the future");
  const absl::Time issue_time = issued->value_or(now - kLeeway);
  if (expire_time - issue_time > issuer.longest_lifetime + kLeeway ||
      expire_time - now > issuer.longest_lifetime + kLeeway) {
    return Bad("its lifetime is longer than accepted");
  }
  return absl::OkStatus();
}

absl::Status ReadSubject(const json& claims, Subject& subject) {
  const std::string* text = FindString(claims, "sub");
  if (text == nullptr || text->empty() || text->size() > kLongestSubject ||
      std::any_of(text->begin(), text->end(), absl::ascii_iscntrl)) {
    return Bad("it has no valid sub");
  }
  subject.subject = *text;
  return absl::OkStatus();
}

// Some providers write the boolean as text.
bool IsTrue(const json& claims, const std::string& name) {
  const auto found = claims.find(name);
  return found != claims.end() && (*found == true || *found == "true");
}

// What `parse` makes of the claim; nothing for one that is missing or refused.
template <class Value>
std::optional<Value> ReadAs(const json& claims, const std::string& name,
                            absl::StatusOr<Value> (*parse)(std::string_view text)) {
  const std::string* text = FindString(claims, name.c_str());
  if (text == nullptr) return std::nullopt;
  auto value = parse(*text);
  if (!value.ok()) return std::nullopt;
  return *std::move(value);
}

void ReadPerson(const json& claims, const Issuer& issuer, Subject& subject) {
  subject.email = ReadAs(claims, issuer.email_claim, &model::Email::Parse);
  subject.email_verified = subject.email && (issuer.email_always_verified ||
                                             IsTrue(claims, issuer.email_verified_claim));
  subject.first_name = ReadAs(claims, issuer.first_name_claim, &model::ParseFirstName).value_or("");
  subject.last_name = ReadAs(claims, issuer.last_name_claim, &model::ParseLastName).value_or("");
}

}  // namespace

absl::StatusOr<Subject> ReadClaims(const Jwt& jwt, const Issuer& issuer, absl::Time now) {
  const json& claims = jwt.claims;
  const std::string* name = FindString(claims, "iss");
  if (name == nullptr || *name != issuer.name) return Bad("its issuer is another");
  if (auto status = CheckKind(jwt, issuer); !status.ok()) return status;
  if (!IsAudience(claims, issuer)) return Bad("its aud is not accepted");
  Subject subject;
  subject.issuer = issuer.name;
  if (auto status = CheckTimes(claims, issuer, now, subject.expire_time); !status.ok()) {
    return status;
  }
  if (auto status = ReadSubject(claims, subject); !status.ok()) return status;
  ReadPerson(claims, issuer, subject);
  return subject;
}

}  // namespace usher::auth
