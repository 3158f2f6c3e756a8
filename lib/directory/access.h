#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/access.h"
#include "model/ids.h"

namespace usher::directory {

struct AccessQuestion {
  model::UserId user;
  model::OrganizationId organization;
  std::string permission;
  std::optional<model::SiteId> site;
};

// An answer, and the position up to which it reflects changes.
struct AccessAnswer {
  model::AccessDecision decision;
  std::string position;
};

struct AccessAnswers {
  std::vector<model::AccessDecision> decisions;  // In the order of the questions.
  std::string position;
};

struct SitesQuestion {
  model::UserId user;
  model::OrganizationId organization;
  std::optional<std::string> permission;  // None: the whole site access.
  std::optional<model::SiteId> after;
  int32_t page_size = 50;
};

struct AccessibleSites {
  bool all_sites = false;
  std::vector<model::SiteId> sites;  // In the order of ids.
  std::optional<model::SiteId> next;
  std::string position;
};

}  // namespace usher::directory
