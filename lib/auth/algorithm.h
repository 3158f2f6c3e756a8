#pragma once

#include <optional>
#include <string_view>

namespace usher::auth {

// The signature algorithms that are known (RFC 7518, RFC 8037). All are asymmetric: with HMAC a
// public key would be the secret.
enum class Algorithm { kRs256, kPs256, kEs256, kEdDsa };

constexpr Algorithm kAlgorithms[] = {Algorithm::kRs256, Algorithm::kPs256, Algorithm::kEs256,
                                     Algorithm::kEdDsa};

// As in the header `alg`: exactly, and nothing for any other.
constexpr std::string_view AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kPs256:
      return "PS256";
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kEdDsa:
      return "EdDSA";
  }
  return "";
}

constexpr std::optional<Algorithm> ParseAlgorithm(std::string_view name) {
  for (const Algorithm algorithm : kAlgorithms) {
    if (AlgorithmName(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

}  // namespace usher::auth
