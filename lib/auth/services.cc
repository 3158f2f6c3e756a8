#include "auth/services.h"

#include "absl/strings/ascii.h"

namespace usher::auth {

Services::Services(std::vector<Service> services) : services_(std::move(services)) {
  for (const Service& service : services_) {
    for (const auto& uri : service.certificate_uris) by_uri_[uri] = &service;
    for (const auto& name : service.certificate_dns_names) {
      by_dns_name_[absl::AsciiStrToLower(name)] = &service;
    }
    for (const auto& token : service.token_subjects) {
      by_token_[{token.issuer, token.subject}] = &service;
    }
  }
}

const Service* Services::FindByCertificate(const std::vector<std::string>& uris,
                                           const std::vector<std::string>& dns_names) const {
  for (const auto& uri : uris) {
    if (const auto found = by_uri_.find(uri); found != by_uri_.end()) return found->second;
  }
  for (const auto& name : dns_names) {
    const auto found = by_dns_name_.find(absl::AsciiStrToLower(name));
    if (found != by_dns_name_.end()) return found->second;
  }
  return nullptr;
}

const Service* Services::FindByToken(const std::string& issuer, const std::string& subject) const {
  const auto found = by_token_.find({issuer, subject});
  return found == by_token_.end() ? nullptr : found->second;
}

}  // namespace usher::auth
