#pragma once

#include <string>
#include <string_view>

namespace usher::server {

// A connection string of libpq with its passwords replaced by `hidden`, in either form: keywords
// (`password='…'`) or URI (`user:…@host`, `?password=…`).
std::string HidePasswords(std::string_view conninfo);

}  // namespace usher::server
