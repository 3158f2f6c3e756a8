#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "mail/kind.h"
#include "mail/template_files.h"

namespace usher::mail {

// The texts of mails in one language: what a `LOCALE.phrases` file holds.
//
// Each line is `name = text`, or begins with #. Quotes around a text keep the spaces at its ends.
// Texts are templates; they have no < > &, so that they are the same in text and in HTML.
class Phrases {
 public:
  // The names that a language has, and those that layouts may use as {{>name}}.
  static std::span<const std::string_view> Names();

  // Takes what `file` says, in place of what was there. INVALID_ARGUMENT with file and line.
  absl::Status Read(const TemplateFile& file);
  // INVALID_ARGUMENT with the first name that has no text.
  absl::Status CheckComplete(const std::string& path) const;

  const std::string& at(std::string_view name) const { return texts_.find(name)->second; }
  // What is said there in mails of a kind: of a reminder "reminder_subject" for "subject".
  const std::string& For(Kind kind, std::string_view name) const;
  const std::vector<std::string>& months() const { return months_; }

 private:
  absl::Status ReadLine(const TemplateFile& file, int number, std::string_view line);

  std::map<std::string, std::string, std::less<>> texts_;
  std::vector<std::string> months_;
};

}  // namespace usher::mail
