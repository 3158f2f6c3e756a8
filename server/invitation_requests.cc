#include "server/invitation_requests.h"

namespace usher::server {
namespace {

namespace v1 = usher::v1;

constexpr size_t kLongestNote = 1000;

std::string ReadName(Fields& fields, const std::string& field, const std::string& text,
                     bool first) {
  return first ? fields.ReadFirstName(field, text) : fields.ReadLastName(field, text);
}

// Both names empty: the invitation's.
void ReadNames(Fields& fields, const v1::Accepter& message, invitations::Accepter& accepter) {
  if (message.first_name().empty() && message.last_name().empty()) return;
  accepter.first_name = ReadName(fields, "accepter.first_name", message.first_name(), true);
  accepter.last_name = ReadName(fields, "accepter.last_name", message.last_name(), false);
}

void ReadIdentity(Fields& fields, const std::string& field, const v1::Accepter& message,
                  invitations::Accepter& accepter) {
  if (message.issuer().empty() != message.subject().empty()) {
    fields.Add(field + (message.issuer().empty() ? ".issuer" : ".subject"),
               "must be set together with the other part of the identity");
  }
  accepter.issuer = fields.ReadText(field + ".issuer", message.issuer(), {.min = 0, .max = 512});
  accepter.subject = fields.ReadText(field + ".subject", message.subject(), {.min = 0, .max = 255});
}

}  // namespace

void ReadPerson(Fields& fields, const std::string& field, const v1::Accepter& message,
                const model::Caller& caller, invitations::Accepter& person) {
  if (caller.kind == model::Caller::Kind::kService) {
    person.email = fields.ReadEmail(field + ".email", message.email());
    person.email_verified = true;
    ReadIdentity(fields, field, message, person);
    return;
  }
  person.user = caller.user;
  person.email = caller.email;
  person.email_verified = caller.email_verified;
  person.issuer = caller.identity.issuer;
  person.subject = caller.identity.subject;
  if (!message.email().empty()) {
    fields.Add(field + ".email", "is for services: a user answers with their own address");
  }
}

absl::StatusOr<invitations::NewInvitation> Read(const v1::CreateInvitationRequest& request) {
  Fields fields;
  const v1::Invitation& message = request.invitation();
  const auto organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  const auto email = fields.ReadEmail("invitation.email", message.email());
  std::string first_name = fields.ReadFirstName("invitation.first_name", message.first_name());
  std::string last_name = fields.ReadLastName("invitation.last_name", message.last_name());
  const model::Role role = fields.ReadRole("invitation.role", message.role());
  model::SiteAccess access = fields.ReadSiteAccess(
      "invitation.site_access", message.has_site_access(), message.site_access());
  std::optional<absl::Duration> lifetime;
  if (request.has_ttl()) lifetime = fields.ReadLifetime("ttl", request.ttl());
  std::optional<absl::Time> expire_time;
  if (request.has_expire_time()) {
    expire_time = fields.ReadTime("expire_time", request.expire_time());
  }
  std::string locale = fields.ReadLocale("invitation.locale", message.locale());
  std::string note = fields.ReadText("invitation.note", message.note(),
                                     {.min = 0, .max = kLongestNote, .multiline = true});
  std::string redirect_uri = fields.ReadUri("invitation.redirect_uri", message.redirect_uri());
  invitations::Metadata metadata = fields.ReadMap("invitation.metadata", message.metadata());
  if (!v1::OnPending_IsValid(request.on_pending()))
    fields.Add("on_pending", "is not one of its values");
  fields.CheckRequestId(request.request_id());
  fields.Unbuilt("on_pending", request.on_pending() == v1::ON_PENDING_RETURN ||
                                   request.on_pending() == v1::ON_PENDING_REINVITE);
  if (auto status = fields.Check(); !status.ok()) return status;

  return invitations::NewInvitation{
      .organization = organization,
      .email = *email,
      .first_name = std::move(first_name),
      .last_name = std::move(last_name),
      .role = role,
      .access = std::move(access),
      .lifetime = lifetime,
      .expire_time = expire_time,
      .locale = std::move(locale),
      .note = std::move(note),
      .redirect_uri = std::move(redirect_uri),
      .metadata = std::move(metadata),
      .send_email = !request.has_send_email() || request.send_email(),
  };
}

absl::StatusOr<InvitationName> Read(const v1::GetInvitationRequest& request) {
  Fields fields;
  const auto organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  const auto invitation =
      fields.ReadId<model::InvitationId>("invitation_id", request.invitation_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return InvitationName{organization, invitation};
}

absl::StatusOr<invitations::Accepter> Read(const v1::AcceptInvitationRequest& request,
                                           const model::Caller& caller) {
  Fields fields;
  invitations::Accepter accepter;
  const v1::Accepter& message = request.accepter();
  if (request.token().empty()) fields.Add("token", "must not be empty");
  ReadPerson(fields, "accepter", message, caller, accepter);
  ReadNames(fields, message, accepter);
  if (!message.locale().empty()) {
    accepter.locale = fields.ReadLocale("accepter.locale", message.locale());
  }
  fields.CheckRequestId(request.request_id());
  if (auto status = fields.Check(); !status.ok()) return status;
  return accepter;
}

}  // namespace usher::server
