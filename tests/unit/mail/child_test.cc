#include "tests/unit/mail/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "gtest/gtest.h"

namespace usher::mail {

// The compiler cache may have made __FILE__ relative to the build folder, where the test program
// lies somewhere below.
std::string SourcePath(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  if (root.is_absolute()) return root / path;
  fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  while (!fs::exists(folder / root / path) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder / root / path;
}

Child::Child(const std::vector<std::string>& command) {
  std::signal(SIGPIPE, SIG_IGN);
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  if (posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    pid_ = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

Child::~Child() {
  CloseInput();
  close(output_);
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

void Child::Write(const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(input_, text.data() + written, text.size() - written);
    if (count < 0) return;
    written += static_cast<size_t>(count);
  }
}

void Child::CloseInput() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

std::string Child::ReadLine() {
  std::string line;
  char c = 0;
  while (read(output_, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

std::string Child::ReadAll() {
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(output_, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  return text;
}

TEST(ChildTest, GivesBackWhatTheProgramPrints) {
  Child cat({"/bin/cat"});

  cat.Write("one\ntwo");
  cat.CloseInput();

  EXPECT_EQ(cat.ReadLine(), "one");
  EXPECT_EQ(cat.ReadAll(), "two");
}

}  // namespace usher::mail
