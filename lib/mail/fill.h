#pragma once

#include <kainjow/mustache.hpp>
#include <string>

#include "mail/invitation_mail.h"
#include "mail/phrases.h"

namespace usher::mail {

// What the templates of one mail in one language are filled with.
class Filling {
 public:
  Filling(const InvitationMail& mail, const Phrases& phrases, const std::string& locale);

  // A checked template with values as they are, or escaped for HTML.
  std::string Text(const std::string& text) const;
  std::string Html(const std::string& text) const;

 private:
  kainjow::mustache::data data_;
};

}  // namespace usher::mail
