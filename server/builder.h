#pragma once

#include <grpcpp/grpcpp.h>

#include "server/limits.h"

namespace usher::server {

// What holds for every connection and every message of the server that `builder` makes.
void SetLimits(grpc::ServerBuilder& builder, const Limits& limits);

// Takes server reflection out again: once linked, the library adds itself to every builder.
void LeaveOutReflection(grpc::ServerBuilder& builder);

}  // namespace usher::server
