#include "events/rights.h"

#include <algorithm>

#include "model/role.h"

namespace usher::events {
namespace {

constexpr std::string_view kPermission = "events.read";

}  // namespace

std::vector<int16_t> ReaderGates() { return storage::GatesFor(kPermission); }

std::vector<int16_t> AllSitesReaderGates() {
  std::vector<int16_t> gates;
  for (const model::Role role : model::kRoles) {
    if (model::Grant(role, kPermission) == model::Scope::kAllSitesOnly) {
      gates.push_back(static_cast<int16_t>(role));
    }
  }
  return gates;
}

absl::Status CheckReader(const pg::Row& row) {
  const auto gate = row.Get<storage::Gate>(0);
  const auto with_all_sites = AllSitesReaderGates();
  const bool reads =
      gate && row.Get<bool>(1) &&
      std::find(with_all_sites.begin(), with_all_sites.end(), *gate) != with_all_sites.end();
  return reads ? absl::OkStatus() : storage::CheckGate(gate, kPermission);
}

}  // namespace usher::events
