#include "pg/conninfo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace usher::pg {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  const char* conninfo;
  const char* printed;
};

void PrintTo(const Case& value, std::ostream* out) { *out << value.printed; }

class ConninfoTest : public testing::TestWithParam<Case> {};

TEST_P(ConninfoTest, PrintsWithoutSecrets) {
  const std::string printed = HidePasswords(GetParam().conninfo);

  EXPECT_EQ(printed, GetParam().printed);
  EXPECT_THAT(printed, Not(HasSubstr("s3cret")));
}

INSTANTIATE_TEST_SUITE_P(
    Keywords, ConninfoTest,
    testing::Values(Case{"", ""}, Case{"host=db", "host=db"},
                    Case{"user=u password=s3cret", "user=u password=(hidden)"},
                    Case{"password = s3cret user=u", "user=u password=(hidden)"},
                    Case{"password='a s3cret' user=u", "user=u password=(hidden)"},
                    Case{R"(password='it\'s s3cret' user=u)", "user=u password=(hidden)"},
                    Case{R"(password=a\ s3cret user=u)", "user=u password=(hidden)"},
                    Case{"user=u password=a://s3cret", "user=u password=(hidden)"},
                    Case{"user=u sslpassword=s3cret", "user=u sslpassword=(hidden)"},
                    Case{R"(user='it\'s me')", R"(user='it\'s me')"}));

INSTANTIATE_TEST_SUITE_P(
    Uris, ConninfoTest,
    testing::Values(
        Case{"postgresql://u:s3cret@h:5433/d",
             "user=u password=(hidden) dbname=d host=h port=5433"},
        Case{"postgres://u:s3cret?x#y@h/d", "user=u password=(hidden) dbname=d host=h"},
        Case{"postgresql://u@h/d?password=s3cret", "user=u password=(hidden) dbname=d host=h"},
        Case{"postgresql://u@h/d?pass%77ord=s3cret", "user=u password=(hidden) dbname=d host=h"},
        Case{"postgresql://u:s3cret@a,b/d", "user=u password=(hidden) dbname=d host=a,b port=,"}));

INSTANTIATE_TEST_SUITE_P(Unreadable, ConninfoTest,
                         testing::Values(Case{"password='s3cret", "(hidden)"},
                                         Case{"passwort=s3cret", "(hidden)"},
                                         Case{"postgresql://u:s3cret@[h/d", "(hidden)"}));

}  // namespace
}  // namespace usher::pg
