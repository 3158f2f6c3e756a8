#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::model {

// What a service that calls in its own name may do, in every organization. None includes another.
enum class ServiceScope : uint8_t { kRead = 1, kWrite = 2, kAdmin = 4, kMail = 8 };

// "usher.read" and so on; nothing for any other text.
constexpr std::optional<ServiceScope> ParseServiceScope(std::string_view name) {
  if (name == "usher.read") return ServiceScope::kRead;
  if (name == "usher.write") return ServiceScope::kWrite;
  if (name == "usher.admin") return ServiceScope::kAdmin;
  if (name == "usher.mail") return ServiceScope::kMail;
  return std::nullopt;
}

// The scopes that a service was granted.
class ServiceScopes {
 public:
  static constexpr ServiceScopes All() {
    ServiceScopes all;
    all.bits_ = 15;
    return all;
  }

  constexpr void Add(ServiceScope scope) { bits_ |= static_cast<unsigned>(scope); }
  constexpr bool Has(ServiceScope scope) const {
    return (bits_ & static_cast<unsigned>(scope)) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  unsigned bits_ = 0;
};

}  // namespace usher::model
