#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace usher::mail {

// A file of the source tree, by its path from the root.
std::string SourcePath(const std::string& path);

// A child process with pipes to its input and from its output; ended, at the latest, with this.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Write(const std::string& text);
  void CloseInput();
  std::string ReadLine();
  std::string ReadAll();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace usher::mail
