#pragma once

#include <kainjow/mustache.hpp>
#include <string>
#include <string_view>

#include "mail/invitation_mail.h"
#include "mail/phrases.h"

namespace usher::mail {

// As what layouts may contain the layout "head.html".
inline constexpr std::string_view kHead = "head";

// What the templates of one mail in one language are filled with.
class Filling {
 public:
  Filling(const InvitationMail& mail, const Phrases& phrases, const std::string& locale,
          const std::string& head);

  // A checked template with values as they are, or escaped for HTML.
  std::string Text(const std::string& text) const;
  std::string Html(const std::string& text) const;

 private:
  kainjow::mustache::data data_;
};

}  // namespace usher::mail
