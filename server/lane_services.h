#pragma once

#include <functional>
#include <memory>

#include "directory/directory.h"
#include "events/events.h"
#include "events/feed.h"
#include "invitations/invitations.h"
#include "mail/deliveries.h"
#include "mail/suppressions.h"
#include "model/ids.h"
#include "model/token.h"
#include "organizations/organizations.h"
#include "pg/pool.h"
#include "server/door.h"
#include "server/event_log_service.h"
#include "server/invitation_service.h"
#include "server/mail_delivery_service.h"
#include "server/metrics.h"
#include "server/noting_authenticator.h"
#include "server/organization_directory_service.h"
#include "server/registry.h"
#include "server/user_directory_service.h"
#include "usher/v1/event_log.grpc.pb.h"
#include "usher/v1/mail_delivery.grpc.pb.h"

namespace usher::server {

// The gRPC services, registered with the server once and shared by its lanes.
// What the callback ones have is UNIMPLEMENTED until they are built.
struct Services {
  ByteService<usher::v1::InvitationService::AsyncService> invitations;
  ByteService<usher::v1::UserDirectory::AsyncService> directory;
  ByteService<usher::v1::OrganizationDirectory::AsyncService> organizations;
  ByteService<usher::v1::EventLog::AsyncService> events;
  ByteService<usher::v1::MailDelivery::AsyncService> mail;

  void Register(grpc::ServerBuilder& builder);
};

// All methods with their types, for metrics.
std::vector<MethodName> AllMethods();

// What one lane needs to answer calls: its door, its use cases, its services.
// Made on any thread before the lane starts; used on the lane only.
class LaneServices {
 public:
  struct Setup {
    async::Lane& lane;
    grpc::ServerCompletionQueue& queue;
    pg::Pool& db;
    Authenticator& authenticator;
    bool allow_self_service;  // See OrganizationDirectoryService.
    Metrics& metrics;
    const model::TokenKeys& keys;
    invitations::MailMode mail_mode;
    InvitationService::AcceptUri accept_uri;
    InvitationService::MailQueued mail_queued;
    const mail::Composer& composer;
    DoorOptions door;
    int access_copy;  // How many members and sites it holds at most; 0: there is none.
    // Told +1 and -1 as streams of events come and go.
    std::function<void(int)> streams_changed;
  };
  explicit LaneServices(const Setup& setup);

  // Arms calls of every method. The server must have started.
  void Serve(Services& services);

  int open_calls() const { return door_.open(); }
  // What the follower has read, for whoever needs it here.
  void Follow(const std::shared_ptr<const events::Slice>& slice);
  // Ends the streams, also those that come later. On the lane.
  void EndStreams() { registry_.streams().Drain(); }

 private:
  model::UuidV7Source ids_;
  std::optional<directory::AccessCopy> access_copy_;
  directory::Directory directory_;
  NotingAuthenticator authenticator_;
  Door door_;
  Registry registry_;
  organizations::Organizations organizations_;
  invitations::Invitations invitations_;
  mail::Deliveries deliveries_;
  mail::Suppressions suppressions_;
  events::Events events_;
  events::Feed feed_;
  InvitationService invitation_service_;
  UserDirectoryService user_directory_service_;
  OrganizationDirectoryService organization_directory_service_;
  MailDeliveryService mail_delivery_service_;
  EventLogService event_log_service_;
};

}  // namespace usher::server
