#include "server/user_change_requests.h"

#include <set>
#include <utility>

#include "server/fields.h"
#include "server/update_mask.h"
#include "server/user_requests.h"
#include "storage/gate.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;
using directory::Identity;

// Each once, in their order.
std::vector<Identity> ReadIdentities(
    Fields& fields, const google::protobuf::RepeatedPtrField<v1::Identity>& identities) {
  if (std::cmp_greater(identities.size(), directory::kMostIdentities)) {
    fields.Add("user.identities", "must have at most 20 entries");
    return {};
  }
  std::set<Identity> read;
  for (int i = 0; i < identities.size(); ++i) {
    read.insert(ReadIdentity(fields, "user.identities[" + std::to_string(i) + "]", identities[i]));
  }
  return {read.begin(), read.end()};
}

void ReadNames(Fields& fields, const UpdateMask& mask, const v1::User& user,
               directory::UserUpdate& update) {
  if (mask.Names("first_name", !user.first_name().empty())) {
    update.first_name = fields.ReadFirstName("user.first_name", user.first_name());
  }
  if (mask.Names("last_name", !user.last_name().empty())) {
    update.last_name = fields.ReadLastName("user.last_name", user.last_name());
  }
  if (mask.Names("locale", !user.locale().empty())) {
    update.locale = fields.ReadLocale("user.locale", user.locale());
  }
  if (mask.Names("email", !user.email().empty())) {
    update.email = fields.ReadEmail("user.email", user.email());
  }
}

}  // namespace

absl::StatusOr<directory::NewUser> Read(const v1::CreateUserRequest& request) {
  Fields fields;
  const v1::User& user = request.user();
  const auto email = fields.ReadEmail("user.email", user.email());
  const std::string first_name = fields.ReadFirstName("user.first_name", user.first_name());
  const std::string last_name = fields.ReadLastName("user.last_name", user.last_name());
  const std::string locale = fields.ReadLocale("user.locale", user.locale());
  auto identities = ReadIdentities(fields, user.identities());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return directory::NewUser{*email, first_name, last_name, locale, std::move(identities)};
}

absl::StatusOr<directory::UserUpdate> Read(const v1::UpdateUserRequest& request,
                                           const model::Call& call) {
  Fields fields;
  directory::UserUpdate update;
  const auto caller = storage::CallingUser(call);
  update.user = request.user_id().empty() && caller
                    ? *caller
                    : fields.ReadId<model::UserId>("user_id", request.user_id());
  std::vector<std::string_view> changeable = {"first_name", "last_name", "locale", "email"};
  if (!caller) changeable.push_back("identities");
  const UpdateMask mask(fields, request.update_mask(), changeable);
  ReadNames(fields, mask, request.user(), update);
  const bool identities = mask.Names("identities", !request.user().identities().empty());
  if (identities && !caller) {
    update.identities = ReadIdentities(fields, request.user().identities());
  }
  update.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return update;
}

absl::StatusOr<directory::KnownPerson> Read(const v1::UpsertUserRequest& request) {
  Fields fields;
  const Identity identity = ReadIdentity(fields, "identity", request.identity());
  const auto email = fields.ReadEmail("email", request.email());
  std::string first_name;
  if (!request.first_name().empty()) {
    first_name = fields.ReadFirstName("first_name", request.first_name());
  }
  const std::string last_name = fields.ReadLastName("last_name", request.last_name());
  const std::string locale = fields.ReadLocale("locale", request.locale());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return directory::KnownPerson{identity, *email, first_name, last_name, locale};
}

absl::StatusOr<directory::UserDeletion> Read(const v1::DeleteUserRequest& request) {
  Fields fields;
  directory::UserDeletion deletion;
  deletion.user = fields.ReadId<model::UserId>("user_id", request.user_id());
  deletion.revision = fields.ReadEtag("etag", request.etag());
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return deletion;
}

}  // namespace usher::server
