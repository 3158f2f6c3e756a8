#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "mail/kind.h"
#include "mail/phrases.h"
#include "mail/template_files.h"
#include "model/role.h"

namespace usher::mail {

// What a mail about an invitation says. Text is UTF-8 as the model keeps it.
struct InvitationMail {
  Kind kind = Kind::kInvitation;
  std::string organization_name;
  std::string inviter_name;  // Empty when the inviter is gone.
  // Of the recipient, who is the inviter or the person invited.
  std::string first_name;
  std::string last_name;
  std::string email;
  // Of the person invited.
  std::string invitee_name;
  std::string invitee_email;
  model::Role role = model::Role::kObserver;
  // All sites, or the names of groups or of sites; nothing is said when none of them is left.
  bool all_sites = false;
  std::vector<std::string> site_group_names;
  std::vector<std::string> site_names;
  absl::Time expire_time;
  std::string accept_uri;
  std::string note;
  std::vector<std::string> locales;  // Wanted, the best first; empty ones say nothing.
};

struct RenderedMail {
  std::string locale;
  std::string subject;
  std::string text;
  std::string html;
};

struct TemplateOptions {
  std::string folder;  // Its files come in place of the built-in ones. Empty for none.
  std::string default_locale = "en";
};

// The mails about invitations in all languages: layouts in text and HTML, `invitation` for
// invitations and reminders and `notice` for what inviters are told, and the phrases of each
// language, which the layouts are filled with.
//
// Values are escaped in the HTML and stand as they are in the text. Immutable; Render() from any
// thread.
class InvitationTemplates {
 public:
  // INVALID_ARGUMENT with file and line for a template that is broken, and for a default locale
  // that is not there. A folder's phrases replace those that they name; a language of its own has
  // all of them.
  static absl::StatusOr<InvitationTemplates> Load(const TemplateOptions& options = {});

  // In the first of the wanted locales for which there is a language, else in the default one.
  absl::StatusOr<RenderedMail> Render(const InvitationMail& mail) const;

  const std::vector<std::string>& locales() const { return locales_; }

 private:
  absl::Status Take(const TemplateFile& file);
  absl::Status CheckAll(const TemplateOptions& options);
  std::string LocaleFor(const std::vector<std::string>& wanted) const;

  std::map<std::string, std::string, std::less<>> layouts_;  // By name, such as "notice.txt".
  std::map<std::string, Phrases, std::less<>> languages_;
  std::vector<std::string> locales_;
  std::string default_locale_;
};

}  // namespace usher::mail
