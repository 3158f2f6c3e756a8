#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace usher::mail {

// What an invitation mail says. Text is UTF-8 as the model keeps it.
struct InvitationMail {
  std::string organization_name;
  std::string inviter_name;  // Empty when the inviter is gone.
  std::string first_name;
  std::string display_name;
  std::string email;
  std::string role_name;
  // All sites, or the names of groups or of sites; nothing is said when none of them is left.
  bool all_sites = false;
  std::vector<std::string> site_group_names;
  std::vector<std::string> site_names;
  absl::Time expire_time;
  std::string accept_uri;
  std::string note;
  std::string locale;
};

struct RenderedMail {
  std::string subject;
  std::string text;
  std::string html;
};

// The templates of the invitation mail in all languages.
//
// A folder of templates/ is a locale and holds invitation.subject, invitation.txt and
// invitation.html; another language is another folder. Values are escaped in the HTML and stand as
// they are in the text. Immutable; Render() from any thread.
class InvitationTemplates {
 public:
  // INTERNAL when a locale lacks a part or a template does not parse.
  static absl::StatusOr<InvitationTemplates> Load();

  // In the mail's locale, else its language ("de" for "de-CH"), else English.
  absl::StatusOr<RenderedMail> Render(const InvitationMail& mail) const;

 private:
  std::map<std::string, RenderedMail, std::less<>> by_locale_;  // Templates, not yet rendered.
};

}  // namespace usher::mail
