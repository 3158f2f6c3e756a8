#include "model/token.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/base64.h"
#include "model/refusal.h"

namespace usher::model {
namespace {

using std::string_literals::operator""s;

const std::string kOldLine = "1:" + std::string(64, 'a') + "\n";
const std::string kNewLine = "2:" + std::string(64, 'b') + "\n";

TokenKeys Keys(const std::string& text) { return *TokenKeys::Parse(text); }

TokenClaims SomeClaims() {
  Uuid organization{};
  organization[0] = 1;
  organization[15] = 2;
  Uuid invitation{};
  invitation[0] = 0xFF;
  invitation[15] = 4;
  return {OrganizationId(organization), InvitationId(invitation), 0x01020304};
}

// CRC-32C, as a token ends with it.
std::string Checksum(std::string_view bytes) {
  uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0x82F63B78U & (0U - (crc & 1)));
  }
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(~crc >> shift & 0xFF);
  return text;
}

// What a caller learns about a token.
std::string Fault(const TokenKeys& keys, std::string_view token) {
  const auto claims = Open(keys, token);
  if (claims.ok()) return "none";
  const auto refusal = RefusalOf(claims.status());
  return std::string(ReasonName(refusal ? refusal->reason : Reason::kUnspecified)) + " " +
         claims.status().ToString();
}

TEST(TokenTest, OpensWhatItNames) {
  const TokenKeys keys = Keys(kOldLine);

  const auto claims = Open(keys, Derive(keys, SomeClaims()));

  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->organization, SomeClaims().organization);
  EXPECT_EQ(claims->invitation, SomeClaims().invitation);
  EXPECT_EQ(claims->generation, SomeClaims().generation);
}

TEST(TokenTest, OpensAtTheEndsOfGenerations) {
  const TokenKeys keys = Keys(kOldLine);
  TokenClaims claims = SomeClaims();
  for (const uint32_t generation : {0U, 1U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    claims.generation = generation;

    const auto opened = Open(keys, Derive(keys, claims));

    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->generation, generation);
  }
}

TEST(TokenTest, IsAlwaysTheSame) {
  EXPECT_EQ(Derive(Keys(kOldLine), SomeClaims()), Derive(Keys(kOldLine), SomeClaims()));
}

// A change of this text would kill every link that is out. Made by another program (Python).
TEST(TokenTest, KeepsItsFormat) {
  EXPECT_EQ(Derive(Keys(kOldLine), SomeClaims()),
            "usher_inv_AQEBAAAAAAAAAAAAAAAAAAAC_wAAAAAAAAAAAAAAAAAABAECAwTvQB6Q0rPs"
            "oo0EXxetm_LvCLrmyZqmFEY2T30lYd7D6NcI3cU");
}

TEST(TokenTest, R10IsSafeInLinks) {
  const std::string token = Derive(Keys(kOldLine), SomeClaims());

  EXPECT_EQ(token.substr(0, 10), "usher_inv_");
  EXPECT_EQ(
      token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
      std::string::npos);
}

TEST(TokenTest, DiffersInEachClaimAndKey) {
  const TokenKeys keys = Keys(kOldLine);
  TokenClaims other_organization = SomeClaims();
  other_organization.organization = OrganizationId();
  TokenClaims other_invitation = SomeClaims();
  other_invitation.invitation = InvitationId();
  TokenClaims other_generation = SomeClaims();
  other_generation.generation += 1;

  const std::string token = Derive(keys, SomeClaims());

  EXPECT_NE(Derive(keys, other_organization), token);
  EXPECT_NE(Derive(keys, other_invitation), token);
  EXPECT_NE(Derive(keys, other_generation), token);
  EXPECT_NE(Derive(Keys("1:" + std::string(64, 'c')), SomeClaims()), token);
}

// All 255 other bytes, at every place.
TEST(TokenTest, RefusesAnyChangedCharacter) {
  const TokenKeys keys = Keys(kOldLine);
  const std::string token = Derive(keys, SomeClaims());
  for (size_t at = 0; at < token.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      std::string changed = token;
      changed[at] = static_cast<char>(static_cast<unsigned char>(token[at]) ^ change);

      EXPECT_FALSE(Open(keys, changed).ok()) << changed;
    }
  }
}

TEST(TokenTest, R22AnotherGenerationIsAnotherToken) {
  const TokenKeys keys = Keys(kOldLine);
  TokenClaims renewed = SomeClaims();
  renewed.generation += 1;

  const std::string token = Derive(keys, renewed);

  EXPECT_NE(token, Derive(keys, SomeClaims()));
  ASSERT_TRUE(Open(keys, token).ok());
  EXPECT_EQ(Open(keys, token)->generation, renewed.generation);
}

TEST(TokenTest, RefusesOtherLengths) {
  const TokenKeys keys = Keys(kOldLine);
  const std::string token = Derive(keys, SomeClaims());
  for (size_t length = 0; length < token.size(); ++length) {
    EXPECT_FALSE(Open(keys, token.substr(0, length)).ok());
  }
  for (const std::string& tail : {"A"s, "="s, "\n"s, "\0"s, " "s, "AAAA"s, token}) {
    EXPECT_FALSE(Open(keys, token + tail).ok());
    EXPECT_FALSE(Open(keys, tail + token).ok());
  }
  EXPECT_FALSE(Open(keys, std::string(1'000'000, 'A')).ok());
}

// Whoever knows the format can name any claims and make the checksum right.
TEST(TokenTest, RefusesAnyFlippedBitUnderARightChecksum) {
  const TokenKeys keys = Keys(kOldLine);
  const std::string token = Derive(keys, SomeClaims());
  std::string bytes = *FromBase64Url(token.substr(10));
  bytes.resize(bytes.size() - 4);
  ASSERT_EQ("usher_inv_" + ToBase64Url(bytes + Checksum(bytes)), token);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);

    EXPECT_FALSE(Open(keys, "usher_inv_" + ToBase64Url(changed + Checksum(changed))).ok()) << bit;
  }
}

TEST(TokenTest, RefusesTheSecretOfAnotherKey) {
  const TokenKeys keys = Keys(kOldLine);
  const TokenKeys forger = Keys("1:" + std::string(64, 'f'));

  EXPECT_FALSE(Open(keys, Derive(forger, SomeClaims())).ok());
}

TEST(TokenTest, RefusesUnknownKeys) {
  EXPECT_FALSE(Open(Keys(kOldLine), Derive(Keys(kNewLine), SomeClaims())).ok());
}

TEST(TokenTest, SaysTheSameOfEveryFault) {
  const TokenKeys keys = Keys(kOldLine);
  const std::string token = Derive(keys, SomeClaims());
  const std::string fault = Fault(keys, "");

  EXPECT_EQ(fault.substr(0, 29), "INVITATION_INVALID NOT_FOUND:");
  EXPECT_EQ(fault.find(token), std::string::npos);
  for (const std::string& bad :
       {"x"s, token.substr(1), token + "A", Derive(Keys(kNewLine), SomeClaims()),
        Derive(Keys("1:" + std::string(64, 'f')), SomeClaims()), "\xFF"s, "\0"s}) {
    EXPECT_EQ(Fault(keys, bad), fault);
  }
}

TEST(TokenTest, OpensUnderAnOldKeyUntilItIsRemoved) {
  const std::string token = Derive(Keys(kOldLine), SomeClaims());

  EXPECT_TRUE(Open(Keys(kNewLine + kOldLine), token).ok());
  EXPECT_FALSE(Open(Keys(kNewLine), token).ok());
}

TEST(TokenTest, SignsWithTheFirstKey) {
  const std::string token = Derive(Keys(kNewLine + kOldLine), SomeClaims());

  EXPECT_TRUE(Open(Keys(kNewLine), token).ok());
  EXPECT_FALSE(Open(Keys(kOldLine), token).ok());
}

TEST(TokenTest, OpensNothingRandom) {
  const TokenKeys keys = Keys(kOldLine);
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(74, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    bytes[0] = 1;
    bytes[1] = 1;

    EXPECT_FALSE(Open(keys, "usher_inv_" + ToBase64Url(bytes)).ok());
  }
}

}  // namespace
}  // namespace usher::model
