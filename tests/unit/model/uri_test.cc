#include "model/uri.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace usher::model {
namespace {

std::string Place(std::string_view text) {
  const auto uri = Uri::Parse(text);
  EXPECT_TRUE(uri.ok()) << text << ": " << uri.status();
  return uri.ok() ? uri->place() : "";
}

TEST(UriTest, PlaceIsOneFormOfSchemeHostPortAndPath) {
  EXPECT_EQ(Place("https://app.example.com"), "https://app.example.com");
  EXPECT_EQ(Place("HTTPS://App.Example.com:443/"), "https://app.example.com");
  EXPECT_EQ(Place("https://app.example.com:8443/Start/"), "https://app.example.com:8443/Start");
  EXPECT_EQ(Place("https://app.example.com/a?b=c#d"), "https://app.example.com/a");
}

TEST(UriTest, HttpIsForLoopback) {
  EXPECT_EQ(Place("http://localhost:8080/x"), "http://localhost:8080/x");
  EXPECT_EQ(Place("http://127.0.0.1/x"), "http://127.0.0.1/x");
  EXPECT_EQ(Place("http://[::1]/x"), "http://[::1]/x");
  EXPECT_FALSE(Uri::Parse("http://app.example.com/").ok());
  EXPECT_FALSE(Uri::Parse("http://127.evil.example.com@a.com/").ok());
}

TEST(UriTest, KnowsItsQueryAndFragment) {
  EXPECT_TRUE(Uri::Parse("https://a.com/?x")->has_query_or_fragment());
  EXPECT_TRUE(Uri::Parse("https://a.com/#")->has_query_or_fragment());
  EXPECT_FALSE(Uri::Parse("https://a.com/x")->has_query_or_fragment());
}

TEST(UriTest, RefusesWhatIsNoPlainUri) {
  for (const std::string text :
       {"", "a.com", "/x", "https:a.com", "https:///x", "https://", "javascript:alert(1)",
        "ftp://a.com/", "https://user@a.com/", "https://a.com\\@b.com/", "https://a%2ecom/",
        "https://a.com/a b", "https://a.com:99999/", "https://bücher.example/"}) {
    EXPECT_EQ(Uri::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(Uri::Parse("https://a.com/" + std::string(2048, 'x')).ok());
}

TEST(UriTest, RefusesPathsThatMayBeReadAsOthers) {
  for (const std::string path :
       {"/a/../b", "/..", "/a/./b", "/%2e%2E/b", "/.%2e", "/a/..%2Fb", "/a%5cb"}) {
    EXPECT_FALSE(Uri::Parse("https://a.com" + path).ok()) << path;
  }
  EXPECT_EQ(Place("https://a.com/.well-known/a..b"), "https://a.com/.well-known/a..b");
}

}  // namespace
}  // namespace usher::model
