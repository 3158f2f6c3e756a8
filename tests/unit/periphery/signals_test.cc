#include "server/signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace usher::server {
namespace {

// What `child` makes of itself in a process of its own: its exit code, or minus the signal that
// ended it. Signal masks must not leak into other tests.
int ExitOf(const std::function<int()>& child) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(20);
    _exit(child());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(SignalsTest, WaitTellsWhichSignalCame) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(ExitOf([signal] {
                BlockShutdownSignals();
                kill(getpid(), signal);
                return WaitForShutdownSignal();
              }),
              signal);
  }
}

TEST(SignalsTest, ASignalBeforeTheWaitIsNotLost) {
  EXPECT_EQ(ExitOf([] {
              BlockShutdownSignals();
              raise(SIGTERM);
              return WaitForShutdownSignal() == SIGTERM ? 3 : 4;
            }),
            3);
}

TEST(SignalsTest, ASecondSignalDoesNoHarm) {
  EXPECT_EQ(ExitOf([] {
              BlockShutdownSignals();
              kill(getpid(), SIGTERM);
              WaitForShutdownSignal();
              kill(getpid(), SIGTERM);
              kill(getpid(), SIGINT);
              return 5;
            }),
            5);
}

TEST(SignalsTest, ACommandEndsAtOnceAlsoByASignalThatCameBefore) {
  EXPECT_EQ(ExitOf([] {
              BlockShutdownSignals();
              raise(SIGINT);
              ExitOnShutdownSignals();
              return 8;
            }),
            128 + SIGINT);
  EXPECT_EQ(ExitOf([] {
              BlockShutdownSignals();
              ExitOnShutdownSignals();
              raise(SIGTERM);
              return 8;
            }),
            128 + SIGTERM);
}

TEST(SignalsTest, AClosedPipeDoesNotEndTheProcess) {
  EXPECT_EQ(ExitOf([] {
              BlockShutdownSignals();
              int ends[2];
              if (pipe(ends) != 0) return 1;
              close(ends[0]);
              return write(ends[1], "x", 1) == -1 ? 6 : 7;
            }),
            6);
}

}  // namespace
}  // namespace usher::server
