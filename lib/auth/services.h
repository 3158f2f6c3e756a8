#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "auth/config.h"

namespace usher::auth {

// The backend services that are configured, by what they show.
class Services {
 public:
  explicit Services(std::vector<Service> services);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // By a subject alternative name of a client certificate that was verified. Nothing if no service
  // has one of them; the first that has, in the order given.
  const Service* FindByCertificate(const std::vector<std::string>& uris,
                                   const std::vector<std::string>& dns_names) const;
  const Service* FindByToken(const std::string& issuer, const std::string& subject) const;

 private:
  const std::vector<Service> services_;
  std::map<std::string, const Service*> by_uri_;
  std::map<std::string, const Service*> by_dns_name_;
  std::map<std::pair<std::string, std::string>, const Service*> by_token_;
};

}  // namespace usher::auth
