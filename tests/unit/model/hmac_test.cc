#include "model/hmac.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace usher::model {
namespace {

std::string Hex(const Mac& mac) {
  return absl::BytesToHexString(std::string(mac.begin(), mac.end()));
}

// RFC 4231 §4.
TEST(HmacTest, GivesThePublishedValues) {
  EXPECT_EQ(Hex(Hmac(std::string(20, '\x0b')).Sign("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(Hmac("Jefe").Sign("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(Hmac(std::string(20, '\xaa')).Sign(std::string(50, '\xdd'))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(Hex(Hmac(std::string(131, '\xaa'))
                    .Sign("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacTest, SignsManyMessages) {
  const Hmac hmac("Jefe");
  const Mac first = hmac.Sign("one");

  EXPECT_NE(hmac.Sign("two"), first);
  EXPECT_NE(hmac.Sign(""), first);
  EXPECT_EQ(hmac.Sign("one"), first);
}

TEST(HmacTest, IsSharedByCopiesAndThreads) {
  auto hmac = std::make_unique<Hmac>("Jefe");
  const Mac expected = hmac->Sign("message");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([copy = *hmac, expected, &count] {
      for (int i = 0; i < 1000; ++i) count += copy.Sign("message") != expected ? 1 : 0;
    });
  }
  hmac.reset();
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace usher::model
