#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace usher::model {

// An e-mail address in the forms that are needed: to show, to compare and to send to.
//
// The local part is an ASCII dot-atom (RFC 5322 §3.2.3) of at most 64 octets; a non-ASCII one is
// refused, since no relay can be relied on to carry it. The domain is one that ParseDomain takes.
// Quoted local parts, comments and address literals are refused. At most 254 octets in all (RFC
// 5321 §4.5.3.1), counted in the ASCII form.
class Email {
 public:
  // INVALID_ARGUMENT with the rest of a sentence.
  static absl::StatusOr<Email> Parse(std::string_view text);

  // Trimmed and normalized (NFC), otherwise as it was typed: to show.
  const std::string& as_typed() const { return as_typed_; }
  // Two addresses are the same person's exactly when their keys are equal: local part in lower
  // case, domain as its A-label. Sub-addresses (`a+x@`) stay different people.
  const std::string& key() const { return key_; }
  // ASCII, to send to: local part as typed, domain as its A-label.
  const std::string& address() const { return address_; }
  std::string_view domain() const;

  friend bool operator==(const Email& a, const Email& b) { return a.key_ == b.key_; }

 private:
  Email(std::string as_typed, std::string key, std::string address);

  std::string as_typed_;
  std::string key_;
  std::string address_;
};

}  // namespace usher::model
