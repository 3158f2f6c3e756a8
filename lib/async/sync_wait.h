#pragma once

#include <exception>
#include <future>
#include <optional>
#include <utility>

#include "async/lane.h"
#include "async/task.h"

namespace usher::async {
namespace internal {

template <class T>
Detached Complete(Task<T> task, std::promise<T>* done) {
  std::optional<T> value;
  std::exception_ptr error;
  try {
    value.emplace(co_await task);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    done->set_exception(error);
  } else {
    done->set_value(*std::move(value));
  }
}

}  // namespace internal

// Runs `task` on `lane` and waits for its answer, from a thread that is not the lane's; a lane
// without a thread of its own is driven by the caller meanwhile. For start, stop and tests.
template <class T>
T SyncWait(Lane& lane, Task<T> task) {
  std::promise<T> done;
  std::future<T> answer = done.get_future();
  if (lane.started()) {
    lane.Post([&] { internal::Complete(std::move(task), &done); });
  } else {
    internal::Complete(std::move(task), &done);
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      lane.RunOnce(lane.now() + std::chrono::seconds(1));
    }
  }
  return answer.get();
}

}  // namespace usher::async
