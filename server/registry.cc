#include "server/registry.h"

#include <google/protobuf/descriptor.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "model/refusal.h"

namespace usher::server {

Method DescribeMethod(const std::string& service, const std::string& name, Metrics& metrics) {
  const std::string full_name = absl::StrCat(service, ".", name);
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name);
  if (descriptor == nullptr || !descriptor->options().HasExtension(usher::v1::access)) {
    std::fprintf(stderr, "%s has no access option\n", full_name.c_str());
    std::abort();
  }
  Method method;
  method.name = name;
  method.index = descriptor->index();
  method.streams = descriptor->server_streaming();
  method.access = descriptor->options().GetExtension(usher::v1::access);
  method.scope = model::ParseServiceScope(method.access.service_scope());
  method.organization =
      descriptor->input_type()->FindFieldByName(method.access.organization_field());
  method.request_id = descriptor->input_type()->FindFieldByName("request_id");
  method.validate_only = descriptor->input_type()->FindFieldByName("validate_only");
  method.metrics = &metrics.rpc(service, name);
  return method;
}

}  // namespace usher::server
