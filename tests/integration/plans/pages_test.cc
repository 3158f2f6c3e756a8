#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/plans/plans.h"
#include "tests/support/matchers.h"

namespace usher::test {
namespace {

using directory::EntryStatus;
using model::InvitationState;
using model::Role;
using Clock = std::chrono::steady_clock;

// The answer to a second call, when what it reads is in memory; its time goes to USHER_TIMES.
template <class Ask>
auto Timed(const std::string& what, Ask ask) {
  (void)ask();
  const Clock::time_point start = Clock::now();
  auto answer = ask();
  const std::chrono::duration<double, std::milli> took = Clock::now() - start;
  WriteTime(what, took.count());
  return answer;
}

std::string In(const model::OrderBy& order) {
  return absl::StrCat(" by ", order.column, order.descending ? " desc" : "");
}

std::vector<std::pair<std::string, directory::UsersFilter>> UsersFilters() {
  std::vector<std::pair<std::string, directory::UsersFilter>> filters(1);
  filters.back().first = "all";
  const auto add = [&filters](std::string name) -> directory::UsersFilter& {
    filters.emplace_back(std::move(name), directory::UsersFilter());
    return filters.back().second;
  };
  for (int status = 1; status <= 5; ++status) {
    add(absl::StrCat("status ", status)).statuses = {static_cast<EntryStatus>(status)};
  }
  add("role 3").roles = {Role::kObserver};
  add("Super Users").roles = {Role::kSuperUser};
  add("search that all pass").search = "@example.com";
  add("search of one character").search = "a";
  add("search of two characters").search = "ei";
  add("search of three characters").search = "cis";
  auto& both = add("role 3 and two characters");
  both.roles = {Role::kObserver};
  both.search = "ei";
  return filters;
}

TEST(PagesTest, UsersAreFoundByEachFilterInEachOrder) {
  World& world = Crowd();
  for (const auto& [name, filter] : UsersFilters()) {
    for (const std::string_view column : directory::UsersColumns()) {
      for (const bool descending : {false, true}) {
        directory::UsersQuery query;
        query.organization = world.acme;
        query.filter = filter;
        query.order = {std::string(column), descending};
        const std::string what = absl::StrCat("ListUsers ", name, In(query.order));

        const auto page = Timed(what, [&] {
          const model::Call call = world.CallBy(world.ann);
          return world.Wait(world.directory.ListUsers(call, query));
        });

        ASSERT_THAT(page, IsOk()) << what;
        EXPECT_FALSE(page->entries.empty()) << what;
      }
    }
  }
}

// Who sent the most of the invitations on one large page.
model::UserId BusyInviter() {
  World& world = Crowd();
  const model::Call call = world.CallBy(world.ann);
  invitations::InvitationQuery query;
  query.organization = world.acme;
  query.page_size = 1000;
  const auto page = world.Wait(world.invitations.List(call, query));
  std::map<model::UserId, int> sent;
  for (const auto& invitation : page->invitations) ++sent[*invitation.inviter];
  const auto fewer = [](const auto& one, const auto& other) { return one.second < other.second; };
  return std::max_element(sent.begin(), sent.end(), fewer)->first;
}

std::vector<std::pair<std::string, invitations::InvitationFilter>> InvitationsFilters() {
  std::vector<std::pair<std::string, invitations::InvitationFilter>> filters(1);
  filters.back().first = "all";
  const auto add = [&filters](std::string name) -> invitations::InvitationFilter& {
    filters.emplace_back(std::move(name), invitations::InvitationFilter());
    return filters.back().second;
  };
  for (int state = 1; state <= 5; ++state) {
    add(absl::StrCat("state ", state)).states = {static_cast<InvitationState>(state)};
  }
  add("role 3").roles = {Role::kObserver};
  add("search of one character").search = "a";
  add("search of two characters").search = "ei";
  add("search of three characters").search = "cis";
  const model::UserId inviter = BusyInviter();
  add("inviter").inviter = inviter;
  auto& accepted = add("inviter and accepted");
  accepted.inviter = inviter;
  accepted.states = {InvitationState::kAccepted};
  return filters;
}

TEST(PagesTest, InvitationsAreFoundByEachFilterInEachOrder) {
  World& world = Crowd();
  for (const auto& [name, filter] : InvitationsFilters()) {
    for (const std::string_view column : invitations::InvitationsColumns()) {
      for (const bool descending : {false, true}) {
        invitations::InvitationQuery query;
        query.organization = world.acme;
        query.filter = filter;
        query.order = {std::string(column), descending};
        const std::string what = absl::StrCat("ListInvitations ", name, In(query.order));

        const auto page = Timed(what, [&] {
          const model::Call call = world.CallBy(world.ann);
          return world.Wait(world.invitations.List(call, query));
        });

        ASSERT_THAT(page, IsOk()) << what;
        EXPECT_FALSE(page->invitations.empty()) << what;
      }
    }
  }
}

}  // namespace
}  // namespace usher::test
