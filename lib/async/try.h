#pragma once

#include <utility>

// CO_TRY(lhs, expr): leaves the coroutine with expr's status unless it is OK, else assigns or
// declares lhs from its value. CO_CHECK(expr): the same for a plain Status. Both are statements;
// an expression form makes GCC 12.2 fail on co_await.
#define USHER_CO_CONCAT_INNER(a, b) a##b
#define USHER_CO_CONCAT(a, b) USHER_CO_CONCAT_INNER(a, b)
#define USHER_CO_TRY(result, lhs, ...)                    \
  auto result = (__VA_ARGS__);                            \
  if (!result.ok()) co_return std::move(result).status(); \
  lhs = *std::move(result)
#define CO_TRY(lhs, ...) USHER_CO_TRY(USHER_CO_CONCAT(co_try_, __COUNTER__), lhs, __VA_ARGS__)
#define CO_CHECK(...) \
  if (auto co_check_status = (__VA_ARGS__); !co_check_status.ok()) co_return co_check_status
