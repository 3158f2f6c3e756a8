#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "invitations/invitations.h"
#include "invitations/limits.h"
#include "pg/rows.h"
#include "storage/site_access_columns.h"

namespace usher::invitations {

// What was done for an invitee.
enum class Outcome : int16_t {
  kNothing,  // Something stood in the way.
  kCreated,
  kRenewed,
  kReturned,
  kOvertaken,  // Somebody else's change came between; `invitation` is what it left, if it is open.
};

// What became of an invitee, and all that stood in the way: a row of invitations.batch_create.
struct Verdict {
  int32_t n = 0;
  Outcome outcome{};
  std::vector<model::SiteGroupId> unknown_groups;
  std::vector<model::SiteId> unknown_sites;
  std::optional<model::UserId> member;
  std::optional<model::InvitationId> pending;
  bool opted_out = false;
  bool domain_denied = false;
  bool redirect_denied = false;
  bool repeated = false;  // An invitee before has the same address.
  Limits limits;
  std::string position;  // Empty when nothing was changed.
  // The address's open invitation after the change, also where the change is another invitee's.
  std::optional<Invitation> invitation;
};

Verdict ReadVerdict(const pg::Row& row, int first_column);

// Whether the invitee has an invitation now that is theirs by `on_pending`.
bool IsDone(const Verdict& verdict, model::OnPending on_pending);

// Why nothing was done: the first reason, or every one.
absl::Status Why(const Verdict& verdict, const Invitee& invitee, model::OrganizationId organization,
                 bool every);

}  // namespace usher::invitations
