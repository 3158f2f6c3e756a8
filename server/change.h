#pragma once

#include <google/protobuf/message.h>

#include "model/caller.h"
#include "server/door.h"

namespace usher::server {

// Takes `request_id` and `validate_only` of a change's request into the call, with a digest of all
// else that the request asks for.
void ReadChange(const Method& method, const google::protobuf::Message& request, model::Call& call);

// Leaves unset in the answer to a validate_only call what only the change could have made: links,
// positions, etags, and the id of a new thing.
void ForgetUnmade(const Method& method, google::protobuf::Message& response);

}  // namespace usher::server
