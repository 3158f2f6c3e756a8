#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "auth/config.h"

namespace usher::auth {

// What vectors.py wrote: tokens and keys by an independent implementation.
inline const nlohmann::json& Vectors() {
  static const nlohmann::json vectors = [] {
    std::ifstream file(USHER_AUTH_VECTORS);
    return nlohmann::json::parse(file);
  }();
  return vectors;
}

inline Issuer VectorsIssuer() {
  Issuer issuer;
  issuer.name = Vectors()["issuer"];
  issuer.audiences = {"usher"};
  issuer.algorithms.assign(std::begin(kAlgorithms), std::end(kAlgorithms));
  issuer.token_types = {"jwt"};
  return issuer;
}

inline absl::Time VectorsNow() { return absl::FromUnixSeconds(Vectors()["now"].get<int64_t>()); }

// A token of the diagonal, by its kid.
inline std::string GoodToken(const std::string& kid) {
  for (const auto& one : Vectors()["cases"]) {
    const std::string name = one["name"];
    if (one["accepted"] == true && name.ends_with(kid)) return one["token"];
  }
  return "";
}

}  // namespace usher::auth
