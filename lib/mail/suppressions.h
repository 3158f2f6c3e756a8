#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "async/task.h"
#include "model/caller.h"
#include "model/ids.h"
#include "pg/pool.h"

namespace usher::mail {

// Why an address is not written to, by the numbers of the API and the database.
enum class SuppressionCause : int16_t { kHardBounce = 1, kComplaint, kOptOut };

struct Suppression {
  std::string email_key;
  std::optional<model::OrganizationId> organization;  // Nothing: of every organization.
  SuppressionCause cause = SuppressionCause::kHardBounce;
  std::string detail;
  absl::Time create_time;
};

struct SuppressionQuery {
  // Where a page ends in its order.
  struct Cursor {
    absl::Time create_time;
    std::string email_key;
    model::Uuid id{};
  };

  bool by_email = false;  // Else by time.
  bool descending = true;
  int32_t page_size = 50;
  std::optional<Cursor> after;

  std::optional<std::string> email_key;
  std::optional<model::OrganizationId> organization;
  std::vector<SuppressionCause> causes;  // None: any.
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;
};

struct SuppressionPage {
  std::vector<Suppression> suppressions;
  std::optional<SuppressionQuery::Cursor> next;
};

// The addresses that are not written to: a statement that creates an invitation asks for them by
// USHER_SUPPRESSED, those that report and decline add to them. Each method is one RPC.
class Suppressions {
 public:
  explicit Suppressions(pg::Pool& db) : db_(db) {}

  async::Task<absl::StatusOr<SuppressionPage>> List(const model::Call& call,
                                                    SuppressionQuery query);
  // The position. NOT_FOUND SUPPRESSION_NOT_FOUND.
  async::Task<absl::StatusOr<std::string>> Delete(
      const model::Call& call, std::string email_key,
      std::optional<model::OrganizationId> organization);

 private:
  pg::Pool& db_;
};

}  // namespace usher::mail
