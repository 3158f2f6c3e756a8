#pragma once

#include <google/protobuf/struct.pb.h>

#include <string>
#include <string_view>

#include "events/event.h"
#include "usher/v1/event_log.pb.h"

// What is stored of an event as callers see it: the one place where stored values become the API's.
//
// Writers put the fields that changed into `before` and `after` under the names of the thing's
// message (usher.v1.Invitation for "invitation.…") with values as columns have them. Here numbers
// of enumerations become names, UUIDs become ids, times and durations take JSON's form, the columns
// of site access and of settings become messages. What is no field of the message is left out, but
// for what some events tell besides.
namespace usher::server {

// The fields of a thing ("invitation") in a stored object.
google::protobuf::Struct RenderFields(std::string_view thing, const std::string& stored);

// The id by which the API names what the event is about.
std::string RenderSubject(const events::Event& event);

// `with_peer`: whether the reader may know the address that the call came from.
usher::v1::Event ToProto(const events::Event& event, bool with_peer);

}  // namespace usher::server
