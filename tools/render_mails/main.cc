// render_mails FOLDER [TEMPLATE_DIR]: writes every mail in every language to files, for whoever
// changes a template. See tools/render-mails.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mail/invitation_mail.h"
#include "mail/message.h"
#include "model/person_name.h"

namespace usher {
namespace {

mail::InvitationMail Usual() {
  mail::InvitationMail mail;
  mail.organization_name = "Acme Networks";
  mail.inviter_name = "Ann Lee";
  mail.first_name = "Vic";
  mail.last_name = "Young";
  mail.email = "vic@example.com";
  mail.invitee_name = "Vic Young";
  mail.invitee_email = mail.email;
  mail.role = model::Role::kNetworkAdmin;
  mail.all_sites = true;
  mail.expire_time =
      absl::FromCivil(absl::CivilSecond(2026, 3, 17, 23, 50, 0), absl::UTCTimeZone());
  mail.accept_uri =
      "https://app.example.com/invitations/accept?token="
      "ush_0199gq2m1ze1rbrm3c4mz2wqk70199gq2m1ze1rbrm3c4mz2wqk7_kQ3v8m2tY5r1w9e4q7u0i3o6p9a2s5d8";
  return mail;
}

// Everything that makes a mail long.
mail::InvitationMail Long() {
  mail::InvitationMail mail = Usual();
  mail.organization_name = "R&D + Ops #1 – Donaudampfschifffahrtselektrizitätenhauptbetriebswerk";
  mail.inviter_name = "Anna-Maria \"Ann\" O'Neil-Featherstonehaugh";
  mail.first_name = "Maximiliane";
  mail.last_name = "Wolfeschlegelsteinhausenbergerdorff";
  mail.email = "maximiliane.wolfeschlegelsteinhausenbergerdorff@very-long-domain.example.com";
  mail.role = model::Role::kSuperObserver;
  mail.all_sites = false;
  for (int i = 1; i <= 30; ++i) mail.site_names.push_back(absl::StrCat("Site ", i, " 東京"));
  mail.note = "See you on Monday at nine.\n\nBring the <b>R&D</b> badge, and a laptop.";
  return mail;
}

mail::InvitationMail WithoutInviter() {
  mail::InvitationMail mail = Usual();
  mail.inviter_name = "";
  mail.last_name = "";
  mail.all_sites = false;
  mail.site_group_names = {"North", "South"};
  return mail;
}

mail::InvitationMail Reminder() {
  mail::InvitationMail mail = Usual();
  mail.kind = mail::Kind::kReminder;
  return mail;
}

// To the inviter.
mail::InvitationMail Notice(mail::Kind kind, mail::InvitationMail mail) {
  mail.kind = kind;
  mail.invitee_name = model::DisplayName(mail.first_name, mail.last_name);
  mail.invitee_email = mail.email;
  mail.first_name = "Ann";
  mail.last_name = "Lee";
  mail.email = "ann@example.com";
  return mail;
}

void Write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  std::printf("%s\n", path.c_str());
}

std::string AsMessage(const mail::InvitationMail& mail, const mail::RenderedMail& rendered) {
  mail::Message message;
  message.from = {"usher", "invitations@example.com"};
  message.to = {model::DisplayName(mail.first_name, mail.last_name), mail.email};
  message.subject = rendered.subject;
  message.text = rendered.text;
  message.html = rendered.html;
  message.message_id = "dlv_01h455vb4pex5vsknk084sn02q.1@example.com";
  message.date = mail.expire_time - absl::Hours(168);
  return mail::Render(message).value_or("");
}

int RenderAll(const std::filesystem::path& folder, const mail::TemplateOptions& options) {
  const auto templates = mail::InvitationTemplates::Load(options);
  if (!templates.ok()) {
    std::fprintf(stderr, "render_mails: %s\n", std::string(templates.status().message()).c_str());
    return 1;
  }
  std::filesystem::create_directories(folder);
  const std::vector<std::pair<std::string, mail::InvitationMail>> mails = {
      {"invitation", Usual()},
      {"invitation-long", Long()},
      {"invitation-bare", WithoutInviter()},
      {"reminder", Reminder()},
      {"accepted", Notice(mail::Kind::kAccepted, Usual())},
      {"declined", Notice(mail::Kind::kDeclined, Long())}};
  for (const std::string& locale : templates->locales()) {
    for (auto [name, mail] : mails) {
      mail.locales = {locale};
      const auto rendered = templates->Render(mail);
      if (!rendered.ok()) return 1;
      const std::string stem = absl::StrCat(name, ".", locale);
      Write(folder / (stem + ".html"), rendered->html);
      Write(folder / (stem + ".txt"), absl::StrCat(rendered->subject, "\n\n", rendered->text));
      Write(folder / (stem + ".eml"), AsMessage(mail, *rendered));
    }
  }
  return 0;
}

}  // namespace
}  // namespace usher

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: render_mails FOLDER [TEMPLATE_DIR]\n");
    return 2;
  }
  usher::mail::TemplateOptions options;
  if (argc == 3) options.folder = argv[2];
  return usher::RenderAll(argv[1], options);
}
