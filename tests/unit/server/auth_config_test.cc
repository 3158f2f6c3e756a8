#include "server/auth_config.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace usher::server {
namespace {

using ::testing::HasSubstr;

class AuthConfigTest : public testing::Test {
 protected:
  ~AuthConfigTest() override { std::filesystem::remove(path_); }

  absl::StatusOr<auth::Config> Load(const std::string& text) {
    std::ofstream(path_) << text;
    return LoadAuthConfig(path_);
  }

  std::string Problem(const std::string& text) {
    return std::string(Load(text).status().message());
  }

  const std::string path_ = testing::TempDir() + "auth-" + std::to_string(getpid()) + ".conf";
};

constexpr const char* kIssuer = R"(
issuers {
  issuer: "https://issuer.example.com"
  audiences: "usher"
  jwks_file: "jwks.json"
  algorithms: "ES256"
}
)";

TEST_F(AuthConfigTest, ReadsIssuersAndServices) {
  const auto config = Load(std::string(kIssuer) + R"(
services {
  name: "backend"
  certificate_uris: "spiffe://example.com/backend"
  token_subjects { issuer: "https://issuer.example.com" subject: "backend" }
  scopes: "usher.read"
  may_act_for_users: true
}
allow_self_service: true
)");

  ASSERT_TRUE(config.ok()) << config.status();
  const auth::Issuer& issuer = config->issuers.at(0);
  EXPECT_EQ(issuer.name, "https://issuer.example.com");
  EXPECT_THAT(issuer.algorithms, testing::ElementsAre(auth::Algorithm::kEs256));
  EXPECT_THAT(issuer.token_types, testing::ElementsAre("at+jwt", "jwt"));
  EXPECT_EQ(issuer.keys_file, std::filesystem::path(path_).parent_path() / "jwks.json");
  const auth::Service& service = config->services.at(0);
  EXPECT_TRUE(service.scopes.Has(model::ServiceScope::kRead));
  EXPECT_FALSE(service.scopes.Has(model::ServiceScope::kWrite));
  EXPECT_TRUE(service.may_act_for_users);
  EXPECT_TRUE(config->allow_self_service);
}

TEST_F(AuthConfigTest, AProblemHasItsPlace) {
  EXPECT_THAT(Problem("issuers {\n  isuer: \"x\"\n}\n"), HasSubstr(path_ + ":2:"));
  EXPECT_THAT(Problem(std::string(kIssuer) + "services {\n  name: \"b\"\n  scopes: \"root\"\n}\n"),
              HasSubstr(path_ + ":10:3: scope must be"));
}

TEST_F(AuthConfigTest, AllProblemsAreToldAtOnce) {
  const std::string problem = Problem(R"(issuers { issuer: "x" algorithms: "none" })");

  for (const char* part : {"needs audiences", "algorithm must be", "needs jwks_url or jwks_file"}) {
    EXPECT_THAT(problem, HasSubstr(part));
  }
}

TEST_F(AuthConfigTest, RefusesWhatWouldBeAmbiguousOrUnsafe) {
  const std::string service = R"(services { name: "a" certificate_uris: "spiffe://x/a" })";
  EXPECT_THAT(Problem(""), HasSubstr("nobody could call"));
  EXPECT_THAT(Problem(std::string(kIssuer) + kIssuer), HasSubstr("issuer is there already"));
  EXPECT_THAT(Problem(service + service), HasSubstr("name is there already"));
  EXPECT_THAT(Problem(service + R"(services { name: "b" certificate_uris: "spiffe://x/a" })"),
              HasSubstr("another service has this name"));
  EXPECT_THAT(Problem(R"(services { name: "a" })"), HasSubstr("needs a certificate name"));
  EXPECT_THAT(Problem(R"(services { name: "a b" certificate_uris: "x" })"),
              HasSubstr("name must have"));
  EXPECT_THAT(Problem(R"(services { name: "a" token_subjects { issuer: "x" subject: "a" } })"),
              HasSubstr("issuer must be one of this file"));
  std::string url = kIssuer;
  url.replace(url.find("jwks_file: \"jwks.json\""), 22, "jwks_url: \"http://example.com/keys\"");
  EXPECT_THAT(Problem(url), HasSubstr("jwks_url must be an https URL"));
  std::string lifetime = kIssuer;
  lifetime.insert(lifetime.rfind('}'), "  max_token_lifetime { seconds: 1 }\n");
  EXPECT_THAT(Problem(lifetime), HasSubstr("max_token_lifetime must be 1m to 720h"));
}

TEST_F(AuthConfigTest, AMissingFileIsAProblem) {
  EXPECT_THAT(std::string(LoadAuthConfig("/nowhere").status().message()),
              HasSubstr("/nowhere: cannot be read"));
}

}  // namespace
}  // namespace usher::server
