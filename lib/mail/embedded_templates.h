#pragma once

#include <span>
#include <string_view>

namespace usher::mail {

// A file of lib/mail/templates, compiled in: templates/en/invitation.txt.mustache is
// {"en", "invitation.txt", …}.
struct EmbeddedTemplate {
  std::string_view locale;
  std::string_view name;
  std::string_view text;
};

std::span<const EmbeddedTemplate> EmbeddedTemplates();

}  // namespace usher::mail
