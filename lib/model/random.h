#pragma once

#include <cstdint>
#include <span>

namespace usher::model {

// Fills `bytes` from OpenSSL's generator. Ends the process where that fails: going on without
// randomness would make ids that collide and keys that can be guessed.
void FillRandom(std::span<uint8_t> bytes);

}  // namespace usher::model
