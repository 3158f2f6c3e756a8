#include "server/auth_config.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "auth/fetch.h"
#include "usher/config/v1/auth.pb.h"

namespace usher::server {
namespace {

namespace v1 = usher::config::v1;
using google::protobuf::TextFormat;
using Places = TextFormat::ParseInfoTree;

constexpr size_t kLongestText = 512;

// What is wrong with the file, each with its place.
class Problems final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& text) override {
    problems_.push_back(absl::StrCat(file_, ":", line + 1, ":", column + 1, ": ", text));
  }
  void Add(const std::string& text) { problems_.push_back(absl::StrCat(file_, ": ", text)); }
  // Of the message at `places`; at the place of `field` if the file has it.
  void Add(const google::protobuf::Message& message, const Places& places, const char* field,
           const std::string& text, int index = -1) {
    const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
    const auto place = places.GetLocation(descriptor, descriptor->is_repeated() ? index : -1);
    if (place.line < 0) {
      Add(text);
    } else {
      AddError(place.line, place.column, text);
    }
  }

  absl::Status ToStatus() const {
    if (problems_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(problems_, "; "));
  }

 private:
  std::string file_;
  std::vector<std::string> problems_;
};

template <class Message>
const Places& PlacesOf(const Message& parent, const Places& places, const char* field, int index) {
  static const Places kNone;
  const auto* descriptor = parent.GetDescriptor()->FindFieldByName(field);
  const Places* nested = places.GetTreeForNested(descriptor, index);
  return nested == nullptr ? kNone : *nested;
}

// Reads the messages into what lib/auth knows, and notes what is wrong.
class Reader {
 public:
  Reader(const std::string& path, Problems& problems)
      : folder_(std::filesystem::path(path).parent_path()), problems_(problems) {}

  auth::Config Read(const v1::AuthConfig& file, const Places& places) {
    auth::Config config;
    for (int i = 0; i < file.issuers_size(); ++i) {
      config.issuers.push_back(ReadIssuer(file.issuers(i), PlacesOf(file, places, "issuers", i)));
    }
    for (int i = 0; i < file.services_size(); ++i) {
      config.services.push_back(
          ReadService(file.services(i), PlacesOf(file, places, "services", i)));
    }
    if (file.issuers().empty() && file.services().empty()) {
      problems_.Add("names no issuer and no service: nobody could call");
    }
    config.allow_self_service = file.allow_self_service();
    return config;
  }

 private:
  auth::Issuer ReadIssuer(const v1::Issuer& file, const Places& places) {
    auth::Issuer issuer;
    issuer.name = file.issuer();
    Require(IsText(file.issuer()), file, places, "issuer", "issuer must be set");
    Require(issuers_.insert(file.issuer()).second, file, places, "issuer",
            "issuer is there already");
    issuer.audiences.assign(file.audiences().begin(), file.audiences().end());
    Require(!file.audiences().empty(), file, places, "issuer", "the issuer needs audiences");
    for (int i = 0; i < file.audiences_size(); ++i) {
      Require(IsText(file.audiences(i)), file, places, "audiences", "audience must be set", i);
    }
    ReadAlgorithms(file, places, issuer);
    ReadKeys(file, places, issuer);
    ReadClaims(file.claims(), issuer);
    issuer.email_always_verified = file.email_always_verified();
    for (const std::string& type : file.token_types()) {
      issuer.token_types.push_back(absl::AsciiStrToLower(type));
    }
    if (file.token_types().empty()) issuer.token_types = {"at+jwt", "jwt"};
    if (file.has_max_token_lifetime()) {
      issuer.longest_lifetime =
          ReadDuration(file, places, "max_token_lifetime", file.max_token_lifetime(),
                       absl::Minutes(1), absl::Hours(24 * 30));
    }
    return issuer;
  }

  void ReadAlgorithms(const v1::Issuer& file, const Places& places, auth::Issuer& issuer) {
    Require(!file.algorithms().empty(), file, places, "issuer", "the issuer needs algorithms");
    for (int i = 0; i < file.algorithms_size(); ++i) {
      const auto algorithm = auth::ParseAlgorithm(file.algorithms(i));
      Require(algorithm.has_value(), file, places, "algorithms",
              "algorithm must be RS256, PS256, ES256 or EdDSA", i);
      if (algorithm) issuer.algorithms.push_back(*algorithm);
    }
  }

  void ReadKeys(const v1::Issuer& file, const Places& places, auth::Issuer& issuer) {
    Require(file.keys_case() != v1::Issuer::KEYS_NOT_SET, file, places, "issuer",
            "the issuer needs jwks_url or jwks_file");
    if (file.has_jwks_url()) {
      issuer.keys_url = file.jwks_url();
      Require(auth::IsFetchable(file.jwks_url()), file, places, "jwks_url",
              "jwks_url must be an https URL");
    }
    if (file.has_jwks_file()) issuer.keys_file = Resolve(file.jwks_file());
    if (!file.ca_file().empty()) {
      Require(file.has_jwks_url(), file, places, "ca_file", "ca_file belongs to jwks_url");
      issuer.keys_ca_file = Resolve(file.ca_file());
      Require(std::filesystem::exists(issuer.keys_ca_file), file, places, "ca_file",
              "there is no such file");
    }
    if (file.has_jwks_lifetime()) {
      issuer.keys_lifetime = ReadDuration(file, places, "jwks_lifetime", file.jwks_lifetime(),
                                          absl::Seconds(1), absl::Hours(24));
    }
    if (file.has_jwks_refresh_interval()) {
      issuer.keys_refresh_interval =
          ReadDuration(file, places, "jwks_refresh_interval", file.jwks_refresh_interval(),
                       absl::Seconds(1), absl::Hours(1));
    }
  }

  static void ReadClaims(const v1::Claims& file, auth::Issuer& issuer) {
    if (!file.email().empty()) issuer.email_claim = file.email();
    if (!file.email_verified().empty()) issuer.email_verified_claim = file.email_verified();
    if (!file.first_name().empty()) issuer.first_name_claim = file.first_name();
    if (!file.last_name().empty()) issuer.last_name_claim = file.last_name();
  }

  auth::Service ReadService(const v1::Service& file, const Places& places) {
    auth::Service service;
    service.name = file.name();
    Require(IsName(file.name()), file, places, "name",
            "name must have 1 to 64 letters, digits, -, _ or .");
    Require(services_.insert(file.name()).second, file, places, "name", "name is there already");
    ReadNames(file, places, "certificate_uris", file.certificate_uris(), service.certificate_uris);
    ReadNames(file, places, "certificate_dns_names", file.certificate_dns_names(),
              service.certificate_dns_names);
    for (int i = 0; i < file.token_subjects_size(); ++i) {
      ReadSubject(file, places, i, service);
    }
    Require(!service.certificate_uris.empty() || !service.certificate_dns_names.empty() ||
                !service.token_subjects.empty(),
            file, places, "name", "the service needs a certificate name or a token subject");
    for (int i = 0; i < file.scopes_size(); ++i) {
      const auto scope = model::ParseServiceScope(file.scopes(i));
      Require(scope.has_value(), file, places, "scopes",
              "scope must be usher.read, usher.write, usher.admin or usher.mail", i);
      if (scope) service.scopes.Add(*scope);
    }
    service.may_act_for_users = file.may_act_for_users();
    return service;
  }

  template <class Repeated>
  void ReadNames(const v1::Service& file, const Places& places, const char* field,
                 const Repeated& names, std::vector<std::string>& read) {
    for (int i = 0; i < names.size(); ++i) {
      Require(IsText(names[i]), file, places, field, "name must be set", i);
      const bool own = shown_.insert(absl::StrCat(field, "\n", names[i])).second;
      Require(own, file, places, field, "another service has this name", i);
      read.push_back(names[i]);
    }
  }

  void ReadSubject(const v1::Service& file, const Places& places, int i, auth::Service& service) {
    const v1::TokenSubject& subject = file.token_subjects(i);
    Require(issuers_.count(subject.issuer()) == 1, file, places, "token_subjects",
            "issuer must be one of this file", i);
    Require(IsText(subject.subject()), file, places, "token_subjects", "subject must be set", i);
    const std::string shown = absl::StrCat("token\n", subject.issuer(), "\n", subject.subject());
    Require(shown_.insert(shown).second, file, places, "token_subjects",
            "another service has this subject", i);
    service.token_subjects.push_back({subject.issuer(), subject.subject()});
  }

  absl::Duration ReadDuration(const google::protobuf::Message& file, const Places& places,
                              const char* field, const google::protobuf::Duration& duration,
                              absl::Duration min, absl::Duration max) {
    const absl::Duration read =
        absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
    Require(read >= min && read <= max, file, places, field,
            absl::StrCat(field, " must be ", absl::FormatDuration(min), " to ",
                         absl::FormatDuration(max)));
    return read;
  }

  void Require(bool held, const google::protobuf::Message& file, const Places& places,
               const char* field, const std::string& text, int index = -1) {
    if (!held) problems_.Add(file, places, field, text, index);
  }

  static bool IsText(const std::string& text) {
    return !text.empty() && text.size() <= kLongestText;
  }

  static bool IsName(const std::string& text) {
    return !text.empty() && text.size() <= 64 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
             return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
           });
  }

  std::string Resolve(const std::string& path) const { return folder_ / path; }

  std::filesystem::path folder_;
  Problems& problems_;
  std::set<std::string> issuers_;
  std::set<std::string> services_;
  std::set<std::string> shown_;  // Names and subjects that belong to a service.
};

}  // namespace

absl::StatusOr<auth::Config> LoadAuthConfig(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  std::stringstream text;
  text << input.rdbuf();
  if (!input) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));

  Problems problems(path);
  Places places;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&problems);
  parser.WriteLocationsTo(&places);
  v1::AuthConfig file;
  const bool parsed = parser.ParseFromString(text.str(), &file);
  if (auto status = problems.ToStatus(); !status.ok()) return status;
  if (!parsed) return absl::InvalidArgumentError(absl::StrCat(path, ": is no AuthConfig"));
  auth::Config config = Reader(path, problems).Read(file, places);
  if (auto status = problems.ToStatus(); !status.ok()) return status;
  return config;
}

}  // namespace usher::server
