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

template <class Request>
invitations::InvitationTerms ReadTerms(Fields& fields, const Request& request) {
  invitations::InvitationTerms terms;
  terms.organization =
      fields.ReadId<model::OrganizationId>("organization_id", request.organization_id());
  if (request.has_ttl()) terms.lifetime = fields.ReadLifetime("ttl", request.ttl());
  if (request.has_expire_time()) {
    terms.expire_time = fields.ReadTime("expire_time", request.expire_time());
  }
  if (!v1::OnPending_IsValid(request.on_pending())) {
    fields.Add("on_pending", "is not one of its values");
  } else if (request.on_pending() != v1::ON_PENDING_UNSPECIFIED) {
    terms.on_pending = static_cast<model::OnPending>(request.on_pending());
  }
  terms.send_email = !request.has_send_email() || request.send_email();
  fields.CheckRequestId(request.request_id());
  return terms;
}

// Nothing for a bad address, which is a violation.
std::optional<invitations::Invitee> ReadInvitee(Fields& fields, std::string field,
                                                const v1::Invitation& message) {
  const auto path = [&field](const char* name) { return field + "." + name; };
  const auto email = fields.ReadEmail(path("email"), message.email());
  std::string first_name = fields.ReadFirstName(path("first_name"), message.first_name());
  std::string last_name = fields.ReadLastName(path("last_name"), message.last_name());
  const model::Role role = fields.ReadRole(path("role"), message.role());
  model::SiteAccess access =
      fields.ReadSiteAccess(path("site_access"), message.has_site_access(), message.site_access());
  std::string locale = fields.ReadLocale(path("locale"), message.locale());
  std::string note = fields.ReadText(path("note"), message.note(),
                                     {.min = 0, .max = kLongestNote, .multiline = true});
  std::optional<model::Uri> redirect_uri =
      fields.ReadUri(path("redirect_uri"), message.redirect_uri());
  invitations::Metadata metadata = fields.ReadMap(path("metadata"), message.metadata());
  if (!email) return std::nullopt;
  return invitations::Invitee{
      .email = *email,
      .first_name = std::move(first_name),
      .last_name = std::move(last_name),
      .role = role,
      .access = std::move(access),
      .locale = std::move(locale),
      .note = std::move(note),
      .redirect_uri = std::move(redirect_uri),
      .metadata = std::move(metadata),
      .field = std::move(field),
  };
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
  invitations::InvitationTerms terms = ReadTerms(fields, request);
  auto invitee = ReadInvitee(fields, "invitation", request.invitation());
  if (auto status = fields.Check(); !status.ok()) return status;
  return invitations::NewInvitation{std::move(terms), *std::move(invitee)};
}

absl::StatusOr<invitations::InvitationTerms> Read(
    const v1::BatchCreateInvitationsRequest& request) {
  Fields fields;
  invitations::InvitationTerms terms = ReadTerms(fields, request);
  fields.CheckRows("invitations", request.invitations_size());
  if (auto status = fields.Check(); !status.ok()) return status;
  return terms;
}

absl::StatusOr<invitations::Invitee> ReadInvitee(std::string field, const v1::Invitation& message) {
  Fields fields;
  auto invitee = ReadInvitee(fields, std::move(field), message);
  if (auto status = fields.Check(); !status.ok()) return status;
  return *std::move(invitee);
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
