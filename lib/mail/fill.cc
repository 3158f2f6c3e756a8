#include "mail/fill.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "model/person_name.h"

namespace usher::mail {
namespace {

namespace mustache = kainjow::mustache;

// A mail is no place for a thousand sites.
constexpr size_t kMostNames = 20;

std::string AsItIs(const std::string& text) { return text; }

// Not &apos; as the library writes: HTML 4 readers show that as it is.
std::string EscapeHtml(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

template <class Escape>
std::string Render(const std::string& text, const mustache::data& data, Escape escape) {
  mustache::mustache parsed(text);
  parsed.set_custom_escape(escape);
  return parsed.render(data);
}

std::string RoleName(model::Role role, const Phrases& phrases) {
  constexpr std::array kPhrases = {"role_super_user",    "role_network_admin", "role_observer",
                                   "role_helpdesk",      "role_reporting",     "role_dc_edge_admin",
                                   "role_super_observer"};
  return phrases.at(kPhrases[static_cast<size_t>(role) - 1]);
}

std::string Expiry(absl::Time time, const Phrases& phrases) {
  const absl::CivilSecond utc = absl::ToCivilSecond(time, absl::UTCTimeZone());
  mustache::data data;
  data.set("day", absl::StrCat(utc.day()));
  data.set("first_day", utc.day() == 1);
  data.set("month", phrases.months()[static_cast<size_t>(utc.month()) - 1]);
  data.set("month_number", absl::StrCat(utc.month()));
  data.set("year", absl::StrCat(utc.year()));
  data.set("time", absl::FormatTime("%H:%M", time, absl::UTCTimeZone()));
  return Render(phrases.at("expires"), data, AsItIs);
}

// The last one is not cut: "and 1 more" would be longer than many a name, and a plural in most
// languages.
std::string Names(std::vector<std::string> names, const Phrases& phrases) {
  mustache::data data;
  const bool cut = names.size() > kMostNames + 1;
  if (cut) {
    data.set("more", absl::StrCat(names.size() - kMostNames));
    names.resize(kMostNames);
  }
  std::string text = absl::StrJoin(names, phrases.at("separator"));
  if (cut) absl::StrAppend(&text, " ", Render(phrases.at("and_more"), data, AsItIs));
  return text;
}

mustache::data Note(const std::string& note) {
  const std::vector<std::string> lines = absl::StrSplit(note, '\n');
  mustache::data items(mustache::data::type::list);
  for (size_t i = 0; i < lines.size(); ++i) {
    mustache::data item;
    item.set("text", lines[i]);
    item.set("last", i + 1 == lines.size());
    items.push_back(item);
  }
  mustache::data data;
  data.set("lines", items);
  return data;
}

// An empty text would still count as true.
void SetIfAny(mustache::data& data, const char* name, const std::string& text) {
  if (!text.empty()) data.set(name, text);
}

}  // namespace

Filling::Filling(const InvitationMail& mail, const Phrases& phrases, const std::string& locale,
                 const std::string& head) {
  for (const std::string_view name : Phrases::Names()) {
    const std::string& phrase = phrases.For(mail.kind, name);
    data_.set(std::string(name), mustache::partial([&phrase] { return phrase; }));
  }
  data_.set(std::string(kHead), mustache::partial([&head] { return head; }));
  data_.set("language", locale);
  data_.set("organization", mail.organization_name);
  data_.set("first_name", mail.first_name);
  data_.set("display_name", model::DisplayName(mail.first_name, mail.last_name));
  data_.set("email", mail.email);
  data_.set("invitee", mail.invitee_name);
  data_.set("invitee_email", mail.invitee_email);
  data_.set("role", RoleName(mail.role, phrases));
  data_.set("expires", Expiry(mail.expire_time, phrases));
  data_.set("accept_uri", mail.accept_uri);
  data_.set("all_sites", mail.all_sites);
  SetIfAny(data_, "last_name", mail.last_name);
  SetIfAny(data_, "inviter", mail.inviter_name);
  SetIfAny(data_, "site_groups", Names(mail.site_group_names, phrases));
  SetIfAny(data_, "sites", Names(mail.site_names, phrases));
  if (!mail.note.empty()) data_.set("note", Note(mail.note));
}

std::string Filling::Text(const std::string& text) const { return Render(text, data_, AsItIs); }

std::string Filling::Html(const std::string& text) const { return Render(text, data_, EscapeHtml); }

}  // namespace usher::mail
