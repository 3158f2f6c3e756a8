#include "auth/jwt.h"

#include <optional>

#include "auth/strict_json.h"
#include "model/base64.h"

namespace usher::auth {
namespace {

using nlohmann::json;

constexpr size_t kLongestHeaderText = 256;

absl::Status Malformed(const char* why) { return absl::InvalidArgumentError(why); }

absl::StatusOr<json> ReadPart(std::string_view part) {
  const auto text = model::FromBase64Url(part);
  if (!text) return Malformed("a part is no base64url");
  return ParseStrictObject(*text);
}

// The member as text of a sane length; empty if it is not there, nothing if it is something else.
std::optional<std::string> ReadText(const json& header, const char* member) {
  if (!header.contains(member)) return "";
  const std::string* text = FindString(header, member);
  if (text == nullptr || text->size() > kLongestHeaderText) return std::nullopt;
  return *text;
}

absl::Status ReadHeader(const json& header, Jwt& jwt) {
  if (header.contains("crit") || header.contains("b64")) {
    return Malformed("it has header extensions that are not known");
  }
  const std::string* name = FindString(header, "alg");
  const auto algorithm = name == nullptr ? std::nullopt : ParseAlgorithm(*name);
  if (!algorithm) return Malformed("its algorithm is not known");
  const auto key_id = ReadText(header, "kid");
  const auto type = ReadText(header, "typ");
  if (!key_id || !type) return Malformed("its header has a kid or typ that is no short text");
  jwt.algorithm = *algorithm;
  jwt.key_id = *key_id;
  jwt.type = *type;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Jwt> ParseJwt(std::string_view token) {
  if (token.size() > kLongestToken) return Malformed("it is too long");
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == last || token.find('.', first + 1) != last)
    return Malformed("it has no three parts");

  Jwt jwt;
  const auto header = ReadPart(token.substr(0, first));
  if (!header.ok()) return header.status();
  if (auto status = ReadHeader(*header, jwt); !status.ok()) return status;
  auto claims = ReadPart(token.substr(first + 1, last - first - 1));
  if (!claims.ok()) return claims.status();
  auto signature = model::FromBase64Url(token.substr(last + 1));
  if (!signature) return Malformed("its signature is no base64url");
  jwt.claims = *std::move(claims);
  jwt.message = token.substr(0, last);
  jwt.signature = *std::move(signature);
  return jwt;
}

}  // namespace usher::auth
