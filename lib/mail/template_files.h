#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace usher::mail {

// A file of templates: `layout.mustache`, or `LOCALE.phrases`.
struct TemplateFile {
  std::string name;
  std::string path;  // As messages about it name it.
  std::string text;
};

// Those of lib/mail/templates, which are compiled in.
std::vector<TemplateFile> EmbeddedTemplates();

// Those of a folder, by name. Hidden files and README files are passed over; INVALID_ARGUMENT for
// a file with any other name than those above, one that cannot be read or is not UTF-8.
absl::StatusOr<std::vector<TemplateFile>> ReadTemplates(const std::string& folder);

// INVALID_ARGUMENT "path:line: what".
absl::Status TemplateFault(const TemplateFile& file, int line, const std::string& what);

}  // namespace usher::mail
