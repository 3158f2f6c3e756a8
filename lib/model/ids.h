#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace usher::model {

using Uuid = std::array<uint8_t, 16>;

// The hyphenated form of RFC 9562, for logs.
std::string FormatUuid(const Uuid& uuid);

// TypeID (specification 0.3.0): `prefix_suffix`, the suffix a UUID in 26 characters of Crockford's
// base 32. An empty prefix has no separator.
std::string EncodeTypeId(std::string_view prefix, const Uuid& uuid);

struct TypeId {
  std::string prefix;
  Uuid uuid;
};
// INVALID_ARGUMENT with what is wrong, for text that is no TypeID in its one canonical form.
absl::StatusOr<TypeId> DecodeTypeId(std::string_view text);

namespace internal {
absl::StatusOr<Uuid> DecodeIdOf(std::string_view prefix, std::string_view text);
}

// An id of one kind of thing; ids of different kinds do not mix.
template <class Kind>
class Id {
 public:
  Id() = default;  // nil
  explicit Id(const Uuid& uuid) : uuid_(uuid) {}

  // INVALID_ARGUMENT unless `text` is a TypeID with this kind's prefix.
  static absl::StatusOr<Id> Parse(std::string_view text) {
    auto uuid = internal::DecodeIdOf(Kind::kPrefix, text);
    if (!uuid.ok()) return uuid.status();
    return Id(*uuid);
  }

  std::string ToString() const { return EncodeTypeId(Kind::kPrefix, uuid_); }
  const Uuid& uuid() const { return uuid_; }
  bool is_nil() const { return uuid_ == Uuid{}; }

  friend auto operator<=>(const Id&, const Id&) = default;
  template <class Hash>
  friend Hash AbslHashValue(Hash state, const Id& id) {
    return Hash::combine(std::move(state), id.uuid_);
  }

 private:
  Uuid uuid_{};
};

struct OrganizationKind {
  static constexpr std::string_view kPrefix = "org";
};
struct UserKind {
  static constexpr std::string_view kPrefix = "user";
};
struct InvitationKind {
  static constexpr std::string_view kPrefix = "inv";
};
struct SiteKind {
  static constexpr std::string_view kPrefix = "site";
};
struct SiteGroupKind {
  static constexpr std::string_view kPrefix = "sgrp";
};
struct EventKind {
  static constexpr std::string_view kPrefix = "evt";
};
struct MailKind {
  static constexpr std::string_view kPrefix = "dlv";
};

using OrganizationId = Id<OrganizationKind>;
using UserId = Id<UserKind>;
using InvitationId = Id<InvitationKind>;
using SiteId = Id<SiteKind>;
using SiteGroupId = Id<SiteGroupKind>;
using EventId = Id<EventKind>;
using MailId = Id<MailKind>;

// Makes new ids. Not thread-safe: each lane has one.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual Uuid Next() = 0;
};

// UUIDv7 (RFC 9562 §5.7): ordered by creation, so that new rows go to the end of their index.
//
// Within a source strictly increasing, also while the clock stands still or goes back: the random
// part then counts up by random steps (§6.2 method 2), and when it is used up the time of the ids
// runs a millisecond ahead of the clock.
class UuidV7Source final : public IdSource {
 public:
  using Clock = absl::Time (*)();

  explicit UuidV7Source(Clock clock = &absl::Now) : clock_(clock) {}

  Uuid Next() override;

 private:
  void StartMillisecond(uint64_t ms);
  bool StepWithinMillisecond();

  Clock clock_;
  uint64_t last_ms_ = 0;
  Uuid last_{};
};

}  // namespace usher::model
