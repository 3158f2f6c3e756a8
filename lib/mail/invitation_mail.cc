#include "mail/invitation_mail.h"

#include <algorithm>
#include <array>
#include <span>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "mail/fill.h"
#include "mail/locale.h"
#include "mail/template_check.h"

namespace usher::mail {
namespace {

constexpr std::array<std::string_view, 19> kInvitationValues = {
    "language", "organization",  "inviter", "first_name", "last_name", "display_name", "email",
    "invitee",  "invitee_email", "role",    "accept_uri", "all_sites", "site_groups",  "sites",
    "expires",  "note",          "lines",   "text",       "last"};
constexpr std::array<std::string_view, 10> kNoticeValues = {
    "language",     "organization", "inviter", "first_name",    "last_name",
    "display_name", "email",        "invitee", "invitee_email", "role"};
constexpr std::array<std::string_view, 1> kHeadValues = {"language"};

// Parts of layouts are named without their ending.
struct Layout {
  std::string_view name;
  std::span<const std::string_view> values;
  bool has_link;
  std::string_view part;  // Another layout, which it may contain.
};

constexpr std::array<Layout, 5> kLayouts = {{
    {"head.html", kHeadValues, false, ""},
    {"invitation.html", kInvitationValues, true, kHead},
    {"invitation.txt", kInvitationValues, true, ""},
    {"notice.html", kNoticeValues, false, kHead},
    {"notice.txt", kNoticeValues, false, ""},
}};

absl::Status CheckLayout(const Layout& layout, const TemplateFile& file) {
  const std::span<const std::string_view> names = Phrases::Names();
  std::vector<std::string_view> parts(names.begin(), names.end());
  if (!layout.part.empty()) parts.push_back(layout.part);
  const TemplateNames known{layout.values, parts};
  if (auto status = CheckTemplate(file, 1, file.text, known); !status.ok()) return status;
  if (!layout.has_link || file.text.find("{{accept_uri}}") != std::string::npos) {
    return absl::OkStatus();
  }
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
  const auto layout = std::find_if(kLayouts.begin(), kLayouts.end(),
                                   [&stem](const Layout& one) { return one.name == stem; });
  if (layout == kLayouts.end()) return TemplateFault(file, 1, "no layout has this name");
  if (auto status = CheckLayout(*layout, file); !status.ok()) return status;
  layouts_[stem] = file.text;
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
  const Filling filling(mail, phrases, rendered.locale, layouts_.find("head.html")->second);
  const bool anonymous = mail.kind == Kind::kInvitation && mail.inviter_name.empty();
  rendered.subject =
      filling.Text(phrases.For(mail.kind, anonymous ? "subject_without_inviter" : "subject"));
  const std::string layout = IsNotice(mail.kind) ? "notice" : "invitation";
  rendered.text = filling.Text(layouts_.find(layout + ".txt")->second);
  rendered.html = filling.Html(layouts_.find(layout + ".html")->second);
  if (rendered.text.empty() || rendered.html.empty() || rendered.subject.empty()) {
    return absl::InternalError("a mail template gives no text");
  }
  return rendered;
}

}  // namespace usher::mail
