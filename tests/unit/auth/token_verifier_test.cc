#include "auth/token_verifier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "async/sync_wait.h"
#include "model/digest.h"
#include "tests/unit/auth/vectors.h"

namespace usher::auth {
namespace {

using std::chrono::seconds;

class TokenVerifierTest : public testing::Test {
 protected:
  TokenVerifierTest() : issuers_(Configured(), [](auto&&...) {}), verifier_(lane_, issuers_, Now) {
    // The first fetch is waited for by the first call; here it is not what is tested.
    while (issuers_.Find(Vectors()["issuer"])->keys.keys() == nullptr) std::this_thread::yield();
  }
  ~TokenVerifierTest() override {
    issuers_.Stop();
    std::filesystem::remove(KeysFile());
  }

  static std::string KeysFile() {
    return testing::TempDir() + "usher-jwks-" + std::to_string(getpid());
  }

  static std::vector<Issuer> Configured() {
    std::ofstream(KeysFile()) << Vectors()["jwks"].dump();
    Issuer issuer = VectorsIssuer();
    issuer.keys_file = KeysFile();
    return {issuer};
  }

  static absl::Time Now() { return VectorsNow() + passed; }

  absl::StatusOr<std::shared_ptr<const Subject>> Verify(const std::string& token) {
    // Not long enough for a fetch: nothing here becomes known by one.
    return async::SyncWait(lane_, verifier_.Verify(token, lane_.now() + seconds(5)));
  }

  static inline absl::Duration passed = absl::ZeroDuration();
  async::Lane lane_;
  Issuers issuers_;
  TokenVerifier verifier_;
};

TEST_F(TokenVerifierTest, OnlyTheDiagonalOfAlgorithmsAndKeysPasses) {
  int accepted = 0;
  for (const auto& one : Vectors()["cases"]) {
    const auto subject = Verify(one["token"]);

    EXPECT_EQ(subject.ok(), one["accepted"].get<bool>()) << one["name"] << subject.status();
    if (!subject.ok()) continue;
    ++accepted;
    EXPECT_EQ((*subject)->subject, "ann");
  }
  EXPECT_GE(accepted, 12);
}

TEST_F(TokenVerifierTest, RemembersWhatItVerified) {
  const std::string token = GoodToken("ec");
  const auto digest = model::Digest(token);
  EXPECT_EQ(verifier_.Remembered(digest), nullptr);

  ASSERT_TRUE(Verify(token).ok());

  ASSERT_NE(verifier_.Remembered(digest), nullptr);
  EXPECT_EQ(verifier_.Remembered(digest)->subject, "ann");
}

TEST_F(TokenVerifierTest, RemembersNothingBeyondTheExpiry) {
  const std::string token = GoodToken("ec");
  ASSERT_TRUE(Verify(token).ok());

  passed = absl::Seconds(599);
  EXPECT_NE(verifier_.Remembered(model::Digest(token)), nullptr);
  passed = absl::Seconds(600);
  EXPECT_EQ(verifier_.Remembered(model::Digest(token)), nullptr);
  passed = absl::Seconds(660);
  EXPECT_FALSE(Verify(token).ok());
  passed = absl::ZeroDuration();
}

TEST_F(TokenVerifierTest, RemembersNothingOfKeysThatWent) {
  const std::string token = GoodToken("ec");
  ASSERT_TRUE(Verify(token).ok());
  auto jwks = Vectors()["jwks"];
  auto& keys = jwks["keys"];
  keys.erase(std::find_if(keys.begin(), keys.end(), [](auto& key) { return key["kid"] == "ec"; }));

  std::ofstream(KeysFile() + ".new") << jwks.dump();
  std::filesystem::rename(KeysFile() + ".new", KeysFile());
  const auto old = issuers_.Find(Vectors()["issuer"])->keys.keys();
  while (issuers_.Find(Vectors()["issuer"])->keys.keys() == old) std::this_thread::yield();

  EXPECT_EQ(verifier_.Remembered(model::Digest(token)), nullptr);
  EXPECT_FALSE(Verify(token).ok());
}

TEST_F(TokenVerifierTest, AnotherIssuerIsNotKnown) {
  Issuer other = VectorsIssuer();
  other.name = "https://other.example.com";
  other.keys_file = KeysFile();
  Issuers others({other}, [](auto&&...) {});
  TokenVerifier verifier(lane_, others, Now);

  const auto refused =
      async::SyncWait(lane_, verifier.Verify(GoodToken("ec"), lane_.now() + seconds(5)));

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  others.Stop();
}

TEST_F(TokenVerifierTest, WithoutKeysItIsUnavailable) {
  Issuer lost = VectorsIssuer();
  lost.keys_file = "/nowhere";
  Issuers without({lost}, [](auto&&...) {});
  TokenVerifier verifier(lane_, without, Now);

  const auto refused =
      async::SyncWait(lane_, verifier.Verify(GoodToken("ec"), lane_.now() + seconds(5)));

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  without.Stop();
}

}  // namespace
}  // namespace usher::auth
