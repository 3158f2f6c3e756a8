#include "mail/link.h"

#include "gtest/gtest.h"

namespace usher::mail {
namespace {

TEST(LinkTest, PutsTheTokenInItsPlace) {
  EXPECT_EQ(AcceptUri("https://app.example.com/join?token={token}&from=mail", "ush_1-a_B.c~"),
            "https://app.example.com/join?token=ush_1-a_B.c~&from=mail");
}

TEST(LinkTest, R10EncodesWhatIsNotSafeInAQuery) {
  EXPECT_EQ(AcceptUri("https://e.example/{token}", "gus+a@b&c #%é"),
            "https://e.example/gus%2Ba%40b%26c%20%23%25%C3%A9");
}

TEST(LinkTest, AcceptsTemplatesWithATokenAfterTheHost) {
  for (const char* good :
       {"https://app.example.com/invitations/accept?token={token}",
        "http://localhost:8080/#{token}", "https://app.example.com/{token}/accept",
        "https://[::1]:8443?t={token}"}) {
    EXPECT_TRUE(CheckAcceptUriTemplate(good).ok()) << good;
  }
}

TEST(LinkTest, RefusesTemplatesThatMakeNoLink) {
  for (const char* bad :
       {"", "{token}", "/accept?token={token}", "ftp://app.example.com/{token}",
        "javascript://x/{token}", "https://app.example.com/accept",
        "https://app.example.com/{token}?again={token}", "https://{token}.example.com/",
        "https://user:word@app.example.com/{token}", "https://app.example.com/a b?{token}",
        "https://app.example.com/\r\nX: {token}", "https://app.example.com/{other}/{token}",
        "https:///{token}", "https://app.example.com:99999/{token}"}) {
    EXPECT_EQ(CheckAcceptUriTemplate(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace usher::mail
