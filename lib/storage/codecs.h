#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "model/ids.h"
#include "pg/codec.h"

namespace usher::pg {

// Ids are stored as uuid.
template <class Kind>
struct Codec<model::Id<Kind>> {
  using Id = model::Id<Kind>;
  static constexpr uint32_t kOid = Codec<Uuid>::kOid;
  static constexpr uint32_t kArrayOid = Codec<Uuid>::kArrayOid;
  static void Encode(const Id& id, std::string& out) { Codec<Uuid>::Encode(id.uuid(), out); }
  static std::optional<Id> Decode(std::string_view bytes) {
    const auto uuid = Codec<Uuid>::Decode(bytes);
    if (!uuid) return std::nullopt;
    return Id(*uuid);
  }
};

// Enumerations are stored as smallint, by the numbers of the model (and of the API).
template <class Enum>
requires std::is_enum_v<Enum>
struct Codec<Enum> {
  static constexpr uint32_t kOid = Codec<int16_t>::kOid;
  static constexpr uint32_t kArrayOid = Codec<int16_t>::kArrayOid;
  static void Encode(Enum value, std::string& out) {
    Codec<int16_t>::Encode(static_cast<int16_t>(value), out);
  }
  static std::optional<Enum> Decode(std::string_view bytes) {
    const auto number = Codec<int16_t>::Decode(bytes);
    if (!number) return std::nullopt;
    return static_cast<Enum>(*number);
  }
};

}  // namespace usher::pg
