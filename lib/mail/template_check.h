#pragma once

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "mail/template_files.h"

namespace usher::mail {

// The names that a template may use: `values` as {{name}} or a section, `phrases` as {{>name}}.
struct TemplateNames {
  std::span<const std::string_view> values;
  std::span<const std::string_view> phrases;
};

// Whether `text`, which begins on `first_line` of `file`, is a good template: all sections closed,
// only known names (mustache itself takes unknown ones for empty), and nothing that would leave a
// value unescaped.
absl::Status CheckTemplate(const TemplateFile& file, int first_line, std::string_view text,
                           const TemplateNames& names);

}  // namespace usher::mail
