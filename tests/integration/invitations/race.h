#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "tests/support/world.h"

namespace usher::test {

template <class T>
async::Task<absl::Status> StatusOnly(async::Task<absl::StatusOr<T>> task) {
  const absl::StatusOr<T> answer = co_await task;
  co_return answer.status();
}

// Runs two calls at once, in odd rounds starting with the second; how each of them ended.
template <class A, class B>
std::pair<absl::Status, absl::Status> Race(World& world, int round,
                                           async::Task<absl::StatusOr<A>> a,
                                           async::Task<absl::StatusOr<B>> b) {
  const bool turned = round % 2 == 1;
  std::vector<async::Task<absl::Status>> tasks;
  if (turned) tasks.push_back(StatusOnly(std::move(b)));
  tasks.push_back(StatusOnly(std::move(a)));
  if (!turned) tasks.push_back(StatusOnly(std::move(b)));
  const auto answers = world.WaitAll(std::move(tasks));
  return {answers[turned ? 1 : 0], answers[turned ? 0 : 1]};
}

}  // namespace usher::test
