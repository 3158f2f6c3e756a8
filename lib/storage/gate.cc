#include "storage/gate.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/refusal.h"
#include "model/role.h"

namespace usher::storage {
namespace {

constexpr int16_t kService = 0;

void AddRoles(std::string_view permission, model::Scope scope, std::vector<int16_t>& gates) {
  for (const model::Role role : model::kRoles) {
    if (model::Grant(role, permission) == scope) gates.push_back(static_cast<int16_t>(role));
  }
}

absl::Status Check(Gate gate, const std::vector<int16_t>& gates, std::string_view permission) {
  if (!gate) {
    return model::Refuse(absl::StatusCode::kNotFound, model::Reason::kOrganizationNotFound,
                         "There is no such organization.");
  }
  if (std::find(gates.begin(), gates.end(), *gate) != gates.end()) return absl::OkStatus();
  return model::Refuse(absl::StatusCode::kPermissionDenied, model::Reason::kPermissionMissing,
                       absl::StrCat("This needs the permission ", std::string(permission), "."));
}

}  // namespace

std::optional<model::UserId> CallingUser(const model::Call& call) {
  if (call.caller.user || call.caller.kind == model::Caller::Kind::kService) {
    return call.caller.user;
  }
  return model::UserId();
}

std::vector<int16_t> GatesFor(std::string_view permission) {
  std::vector<int16_t> gates{kService};
  AddRoles(permission, model::Scope::kOrganization, gates);
  return gates;
}

std::vector<int16_t> SiteGatesFor(std::string_view permission) {
  std::vector<int16_t> gates;
  AddRoles(permission, model::Scope::kSiteAccess, gates);
  return gates;
}

absl::Status CheckGate(Gate gate, std::string_view permission) {
  return Check(gate, GatesFor(permission), permission);
}

absl::Status CheckSiteGate(Gate gate, std::string_view permission) {
  std::vector<int16_t> gates = GatesFor(permission);
  AddRoles(permission, model::Scope::kSiteAccess, gates);
  return Check(gate, gates, permission);
}

}  // namespace usher::storage
