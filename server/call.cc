#include "server/call.h"

#include <exception>

#include "server/change.h"

namespace usher::server {

void CallBase::Fire(bool ok) {
  if (stage_ == Stage::kFinishing) {
    door_.Gone();
    return Finished();
  }
  if (!ok) {
    delete this;  // Nobody called: the server stops.
    return;
  }
  ArmNext();
  Drive(this);
}

async::Detached CallBase::Drive(CallBase* self) {
  const Door::Ticket ticket = self->door_.Enter(self->method_);
  absl::Status status;
  try {
    status = co_await self->door_.Admit(ticket, self->server_context_, self->context_.call);
    if (status.ok()) status = self->Read();
    if (status.ok()) {
      ReadChange(self->method_, self->request(), self->context_.call);
      // The handler's frame, whose locals may refer to request and response, dies here.
      async::Task<absl::Status> body = self->Handle(self->context_);
      status = co_await body;
    }
  } catch (const std::exception& error) {
    self->door_.Escaped(self->context_.call, error.what());
    status = absl::InternalError("internal error");
  }
  if (self->context_.call.validate_only) {
    ForgetUnmade(self->method_, self->response());
    self->context_.position.clear();
  }
  const Door::Outcome outcome{status, self->context_.position, self->request()};
  const grpc::Status answer =
      self->door_.Leave(ticket, self->server_context_, self->context_.call, outcome);
  self->stage_ = Stage::kFinishing;
  self->Finish(answer);
}

}  // namespace usher::server
