#include "mail/invitation_mail.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "mail/fill.h"
#include "mail/locale.h"
#include "mail/template_check.h"

namespace usher::mail {
namespace {

constexpr std::array<std::string_view, 17> kValues = {
    "language", "organization", "inviter",    "first_name", "last_name",   "display_name",
    "email",    "role",         "accept_uri", "all_sites",  "site_groups", "sites",
    "expires",  "note",         "lines",      "text",       "last"};

absl::Status CheckLayout(const TemplateFile& file) {
  const TemplateNames names{kValues, Phrases::Names()};
  if (auto status = CheckTemplate(file, 1, file.text, names); !status.ok()) return status;
  if (file.text.find("{{accept_uri}}") != std::string::npos) return absl::OkStatus();
  return TemplateFault(file, 1, "has no {{accept_uri}}");
}

bool IsLocale(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-';
  });
}

}  // namespace

absl::Status InvitationTemplates::Take(const TemplateFile& file) {
  const size_t dot = file.name.rfind('.');
  const std::string stem = file.name.substr(0, dot);
  if (file.name.substr(dot) == ".phrases") {
    if (!IsLocale(stem)) return TemplateFault(file, 1, "is not named after a locale");
    return languages_[stem].Read(file);
  }
  if (stem != "invitation.txt" && stem != "invitation.html") {
    return TemplateFault(file, 1, "no layout has this name");
  }
  if (auto status = CheckLayout(file); !status.ok()) return status;
  (stem == "invitation.txt" ? text_ : html_) = file;
  return absl::OkStatus();
}

absl::Status InvitationTemplates::CheckAll(const TemplateOptions& options) {
  for (const auto& [locale, phrases] : languages_) {
    const std::string path = absl::StrCat(options.folder, "/", locale, ".phrases");
    if (auto status = phrases.CheckComplete(path); !status.ok()) return status;
    locales_.push_back(locale);
  }
  default_locale_ = MatchLocale(options.default_locale, locales_);
  if (!default_locale_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("no mail templates for the locale ", options.default_locale));
}

absl::StatusOr<InvitationTemplates> InvitationTemplates::Load(const TemplateOptions& options) {
  std::vector<TemplateFile> files = EmbeddedTemplates();
  if (!options.folder.empty()) {
    auto own = ReadTemplates(options.folder);
    if (!own.ok()) return own.status();
    files.insert(files.end(), own->begin(), own->end());
  }
  InvitationTemplates loaded;
  for (const TemplateFile& file : files) {
    if (auto status = loaded.Take(file); !status.ok()) return status;
  }
  if (auto status = loaded.CheckAll(options); !status.ok()) return status;
  return loaded;
}

std::string InvitationTemplates::LocaleFor(const std::vector<std::string>& wanted) const {
  for (const std::string& one : wanted) {
    if (std::string found = MatchLocale(one, locales_); !found.empty()) return found;
  }
  return default_locale_;
}

absl::StatusOr<RenderedMail> InvitationTemplates::Render(const InvitationMail& mail) const {
  RenderedMail rendered;
  rendered.locale = LocaleFor(mail.locales);
  const Phrases& phrases = languages_.find(rendered.locale)->second;
  const Filling filling(mail, phrases, rendered.locale);
  rendered.subject =
      filling.Text(phrases.at(mail.inviter_name.empty() ? "subject_without_inviter" : "subject"));
  rendered.text = filling.Text(text_.text);
  rendered.html = filling.Html(html_.text);
  if (rendered.text.empty() || rendered.html.empty() || rendered.subject.empty()) {
    return absl::InternalError("a mail template gives no text");
  }
  return rendered;
}

}  // namespace usher::mail
