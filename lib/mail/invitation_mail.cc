#include "mail/invitation_mail.h"

#include <functional>
#include <kainjow/mustache.hpp>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "mail/embedded_templates.h"

namespace usher::mail {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::string_view kDefaultLocale = "en";
// A mail is no place for a thousand sites.
constexpr size_t kMostNames = 20;

using Escape = std::function<std::string(const std::string&)>;

std::string AsItIs(const std::string& text) { return text; }

// Not &apos; as the library writes: HTML 4 readers show that as it is.
std::string EscapeHtml(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

mustache::data Sequence(const std::vector<std::string>& texts) {
  mustache::data items(mustache::data::type::list);
  for (size_t i = 0; i < texts.size(); ++i) {
    mustache::data item;
    item.set("text", texts[i]);
    item.set("last", i + 1 == texts.size());
    items.push_back(item);
  }
  return items;
}

mustache::data Names(std::vector<std::string> names) {
  mustache::data data;
  if (names.size() > kMostNames) {
    data.set("more", absl::StrCat(names.size() - kMostNames));
    names.resize(kMostNames);
  }
  data.set("names", Sequence(names));
  return data;
}

mustache::data Note(const std::string& note) {
  mustache::data data;
  data.set("lines", Sequence(absl::StrSplit(note, '\n')));
  return data;
}

std::string ExpiryText(absl::Time time) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::StrCat(absl::ToCivilDay(time, utc).day(),
                      absl::FormatTime(" %B %Y, %H:%M UTC", time, utc));
}

mustache::data Fill(const InvitationMail& mail) {
  mustache::data data;
  data.set("organization", mail.organization_name);
  data.set("first_name", mail.first_name);
  data.set("display_name", mail.display_name);
  data.set("email", mail.email);
  data.set("role", mail.role_name);
  data.set("expires", ExpiryText(mail.expire_time));
  data.set("accept_uri", mail.accept_uri);
  data.set("all_sites", mail.all_sites);
  // An empty text would still count as true.
  if (!mail.inviter_name.empty()) data.set("inviter", mail.inviter_name);
  if (!mail.site_group_names.empty()) data.set("site_groups", Names(mail.site_group_names));
  if (!mail.site_names.empty()) data.set("sites", Names(mail.site_names));
  if (!mail.note.empty()) data.set("note", Note(mail.note));
  return data;
}

absl::StatusOr<std::string> RenderOne(const std::string& text, const mustache::data& data,
                                      const Escape& escape) {
  mustache::mustache parsed(text);
  parsed.set_custom_escape(escape);
  std::string rendered = parsed.render(data);
  if (parsed.is_valid()) return rendered;
  return absl::InternalError(absl::StrCat("mail template: ", parsed.error_message()));
}

absl::StatusOr<RenderedMail> RenderAll(const RenderedMail& templates, const InvitationMail& mail) {
  const mustache::data data = Fill(mail);
  auto subject = RenderOne(templates.subject, data, AsItIs);
  if (!subject.ok()) return subject.status();
  auto text = RenderOne(templates.text, data, AsItIs);
  if (!text.ok()) return text.status();
  auto html = RenderOne(templates.html, data, EscapeHtml);
  if (!html.ok()) return html.status();
  absl::StripAsciiWhitespace(&*subject);
  return RenderedMail{*std::move(subject), *std::move(text), *std::move(html)};
}

std::string* PartOf(RenderedMail& templates, std::string_view name) {
  if (name == "invitation.subject") return &templates.subject;
  if (name == "invitation.txt") return &templates.text;
  if (name == "invitation.html") return &templates.html;
  return nullptr;
}

}  // namespace

absl::StatusOr<InvitationTemplates> InvitationTemplates::Load() {
  InvitationTemplates loaded;
  for (const EmbeddedTemplate& file : EmbeddedTemplates()) {
    std::string* part = PartOf(loaded.by_locale_[std::string(file.locale)], file.name);
    if (part != nullptr) *part = std::string(file.text);
  }
  for (const auto& [locale, templates] : loaded.by_locale_) {
    if (templates.subject.empty() || templates.text.empty() || templates.html.empty()) {
      return absl::InternalError(absl::StrCat("incomplete mail templates: ", locale));
    }
    auto trial = RenderAll(templates, InvitationMail{});
    if (!trial.ok()) return trial.status();
  }
  return loaded;
}

absl::StatusOr<RenderedMail> InvitationTemplates::Render(const InvitationMail& mail) const {
  const std::string_view locale = mail.locale;
  const std::string_view language = locale.substr(0, locale.find_first_of("-_"));
  for (const std::string_view wanted : {locale, language, kDefaultLocale}) {
    const auto found = by_locale_.find(wanted);
    if (found != by_locale_.end()) return RenderAll(found->second, mail);
  }
  return absl::InternalError("no mail templates");
}

}  // namespace usher::mail
