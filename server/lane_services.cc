#include "server/lane_services.h"

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>

#include "server/log_reading.h"

namespace usher::server {
namespace {

// Of the newest events, which all lanes share.
constexpr size_t kMostFeedBytes = size_t{16} << 20;

directory::AccessCopy* MakeAccessCopy(const LaneServices::Setup& setup,
                                      std::optional<directory::AccessCopy>& copy) {
  if (setup.access_copy == 0) return nullptr;
  const auto told = [&metrics = setup.metrics.access_copy()](auto outcome) {
    metrics.Asked(outcome);
  };
  return &copy.emplace(static_cast<size_t>(setup.access_copy), told);
}

}  // namespace

void Services::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(&invitations);
  builder.RegisterService(&directory);
  builder.RegisterService(&organizations);
  builder.RegisterService(&events);
  builder.RegisterService(&mail);
}

std::vector<MethodName> AllMethods() {
  namespace v1 = usher::v1;
  std::vector<MethodName> methods;
  for (const auto* file : {v1::CreateInvitationRequest::descriptor()->file(),
                           v1::ListUsersRequest::descriptor()->file(),
                           v1::CreateOrganizationRequest::descriptor()->file(),
                           v1::ListEventsRequest::descriptor()->file(),
                           v1::ClaimDeliveriesRequest::descriptor()->file()}) {
    const auto* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const char* type = method->server_streaming() ? "server_stream" : "unary";
      methods.push_back({service->full_name(), method->name(), type});
    }
  }
  return methods;
}

void LaneServices::Follow(const std::shared_ptr<const events::Slice>& slice) {
  feed_.Add(slice);
  if (access_copy_) access_copy_->Read(ToLogReading(*slice));
}

LaneServices::LaneServices(const Setup& setup)
    : directory_(setup.db, ids_, MakeAccessCopy(setup, access_copy_)),
      authenticator_(setup.authenticator, directory_),
      door_(setup.lane, authenticator_, ids_, setup.door),
      registry_(door_, setup.queue, setup.metrics),
      organizations_(setup.db, ids_),
      invitations_(setup.db, ids_, setup.keys, setup.mail_mode),
      deliveries_(setup.db, setup.composer),
      suppressions_(setup.db),
      events_(setup.db),
      feed_(kMostFeedBytes, setup.streams_changed),
      invitation_service_(invitations_, setup.keys, setup.accept_uri, setup.mail_queued),
      user_directory_service_(directory_, invitations_, setup.keys),
      organization_directory_service_(organizations_, setup.keys, setup.allow_self_service),
      mail_delivery_service_(deliveries_, suppressions_, setup.keys),
      event_log_service_(events_, feed_, setup.lane, setup.keys) {}

void LaneServices::Serve(Services& services) {
  invitation_service_.Serve(registry_, services.invitations);
  user_directory_service_.Serve(registry_, services.directory);
  organization_directory_service_.Serve(registry_, services.organizations);
  mail_delivery_service_.Serve(registry_, services.mail);
  event_log_service_.Serve(registry_, services.events);
}

}  // namespace usher::server
