#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mail/deliveries.h"
#include "mail/suppressions.h"
#include "tests/support/world.h"

namespace usher::test {

// What the tests of mails share: those of the world's invitations, which a service sends.
class MailsTest : public testing::Test {
 protected:
  using Outcome = mail::SmtpResult::Outcome;

  static mail::Sender TheSender() {
    mail::Sender sender;
    sender.from = {"Usher", "invitations@example.com"};
    sender.accept_uri_template = "https://app.example.com/accept?token={token}";
    return sender;
  }
  model::Call Mailer(const std::string& change_id = "") {
    model::Call call = world_.CallBy();
    call.change_id = change_id;
    return call;
  }
  std::vector<mail::ClaimedDelivery> Claim(const model::Call& call,
                                           mail::DeliveryClaim claim = {}) {
    auto claimed = world_.Wait(deliveries_.Claim(call, std::move(claim)));
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    return claimed.ok() ? *std::move(claimed) : std::vector<mail::ClaimedDelivery>();
  }
  std::vector<mail::ClaimedDelivery> Claim() {
    const model::Call call = Mailer();
    return Claim(call);
  }
  absl::StatusOr<mail::DeliveryStatus> Settle(const mail::ClaimedDelivery& claimed, Outcome outcome,
                                              int code) {
    const model::Call call = Mailer();
    mail::DeliverySettlement settlement;
    settlement.id = claimed.lease.id;
    settlement.owner = claimed.owner;
    settlement.outcome = outcome;
    settlement.code = code;
    return world_.Wait(deliveries_.Settle(call, std::move(settlement)));
  }
  absl::StatusOr<mail::DeliveryStatus> Report(const mail::ClaimedDelivery& claimed,
                                              mail::Report what) {
    const model::Call call = Mailer();
    mail::DeliveryReport report;
    report.id = claimed.lease.id;
    report.report = what;
    report.code = 550;
    report.detail = "mailbox is gone";
    return world_.Wait(deliveries_.Report(call, std::move(report)));
  }
  std::vector<mail::Suppression> Suppressed(mail::SuppressionQuery query = {}) {
    const model::Call call = Mailer();
    auto page = world_.Wait(suppressions_.List(call, std::move(query)));
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->suppressions : std::vector<mail::Suppression>();
  }
  invitations::Invitation Invite(const std::string& email) {
    return world_.Invite(world_.Draft(email))->invitation;
  }
  absl::StatusOr<invitations::CanceledInvitation> Cancel(model::InvitationId id) {
    const model::Call call = world_.CallBy(world_.ann);
    invitations::Cancellation cancellation{world_.acme, id, std::nullopt, std::nullopt};
    return world_.Wait(world_.invitations.Cancel(call, std::move(cancellation)));
  }
  // Sends whatever is due: its kinds and recipients, in the order of claiming.
  std::vector<std::string> SendAll() {
    std::vector<std::string> sent;
    for (const auto& claimed : Claim()) {
      EXPECT_TRUE(Settle(claimed, Outcome::kSent, 250).ok());
      sent.push_back(
          absl::StrCat(static_cast<int>(claimed.lease.mail.kind), " to ", claimed.mail.recipient));
    }
    return sent;
  }
  // The types of events, in their order.
  std::string Events(const std::string& types) {
    return world_.database.Value(
        "SELECT coalesce(string_agg(type, ',' ORDER BY sequence), '')"
        " FROM usher.events WHERE type LIKE '" +
        types + "'");
  }

  World world_;
  mail::Composer composer_{world_.keys, mail::InvitationTemplates::Load().value(), TheSender()};
  mail::Deliveries deliveries_{world_.db, composer_};
  mail::Suppressions suppressions_{world_.db};
};

}  // namespace usher::test
