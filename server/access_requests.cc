#include "server/access_requests.h"

#include <string>

#include "server/fields.h"
#include "server/user_directory_requests.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr int kMostChecks = 1000;
constexpr const char* kOneForAll = "must be unset; the batch has one for all";

// `place` is what stands before the names of the fields.
directory::AccessQuestion ReadQuestion(Fields& fields, const std::string& place,
                                       const v1::CheckAccessRequest& request,
                                       const model::Caller& caller) {
  directory::AccessQuestion question;
  question.user = ReadUser(fields, place + "user_id", request.user_id(), caller);
  question.organization =
      fields.ReadId<model::OrganizationId>(place + "organization_id", request.organization_id());
  question.permission =
      fields.ReadText(place + "permission", request.permission(), {.min = 1, .max = 128});
  question.site = fields.ReadOptionalId<model::SiteId>(place + "site_id", request.site_id());
  return question;
}

}  // namespace

absl::StatusOr<Asked<directory::AccessQuestion>> Read(const v1::CheckAccessRequest& request,
                                                      const model::Caller& caller) {
  Fields fields;
  Asked<directory::AccessQuestion> asked;
  asked.what = ReadQuestion(fields, "", request, caller);
  asked.consistency = ReadConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return asked;
}

absl::StatusOr<Asked<std::vector<directory::AccessQuestion>>> Read(
    const v1::BatchCheckAccessRequest& request, const model::Caller& caller) {
  Fields fields;
  Asked<std::vector<directory::AccessQuestion>> asked;
  if (request.checks().empty() || request.checks_size() > kMostChecks) {
    fields.Add("checks", "must have 1 to 1000 entries");
  }
  for (int i = 0; i < request.checks_size() && i < kMostChecks; ++i) {
    const std::string place = "checks[" + std::to_string(i) + "].";
    asked.what.push_back(ReadQuestion(fields, place, request.checks(i), caller));
    if (!request.checks(i).consistency().at_least_position().empty()) {
      fields.Add(place + "consistency.at_least_position", kOneForAll);
    } else if (request.checks(i).has_consistency()) {
      fields.Add(place + "consistency", kOneForAll);
    }
  }
  asked.consistency = ReadConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return asked;
}

absl::StatusOr<directory::SitesQuestion> Read(const v1::ListAccessibleSitesRequest& request,
                                              const model::Caller& caller) {
  Fields fields;
  directory::SitesQuestion question;
  question.user = ReadUser(fields, "user_id", request.user_id(), caller);
  question.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  if (!request.permission().empty()) {
    question.permission =
        fields.ReadText("permission", request.permission(), {.min = 1, .max = 128});
  }
  question.page_size = fields.ReadPageSize(request.page_size());
  ReadConsistency(fields, request.consistency());
  if (auto status = fields.Check(); !status.ok()) return status;
  return question;
}

}  // namespace usher::server
