#include "tests/integration/invitations/inviting.h"

namespace usher::test {
namespace {

// What the database itself refuses, should a statement ever be wrong.
class LifeCycleTest : public InvitingTest {
 protected:
  // "done", or the name of the constraint that refused.
  std::string Try(const std::string& change, const invitations::Invitation& invitation) const {
    const std::string update =
        absl::StrCat("UPDATE usher.invitations SET ", change, " WHERE id = '",
                     model::FormatUuid(invitation.id.uuid()), "'");
    return world.database.Value(absl::StrCat(
        "CREATE FUNCTION pg_temp.try() RETURNS text LANGUAGE plpgsql AS $f$ DECLARE name text; "
        "BEGIN ",
        update, "; RETURN 'done'; EXCEPTION WHEN check_violation THEN ",
        "GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME; RETURN name; END $f$; ",
        "SELECT pg_temp.try()"));
  }
  invitations::Invitation Invited(const std::string& email) {
    return world.Invite(world.Draft(email))->invitation;
  }
};

TEST_F(LifeCycleTest, TheDatabaseKeepsWhatIsFinal) {
  const auto accepted = Invited("a@example.com");
  ASSERT_THAT(world.Accept(world.TokenOf(accepted), World::Person("a@example.com")), IsOk());
  const auto canceled = Invited("b@example.com");
  ASSERT_THAT(Cancel(canceled.id), IsOk());
  const auto pending = Invited("c@example.com");

  EXPECT_EQ(Try("state = 1, open = true", accepted), "invitations_transition_check");
  EXPECT_EQ(Try("state = 4", accepted), "invitations_transition_check");
  EXPECT_EQ(Try("state = 2", canceled), "invitations_transition_check");
  EXPECT_EQ(Try("generation = 0", pending), "invitations_transition_check");
  EXPECT_EQ(Try("state = 2", pending), "invitations_accept_time_check");
  EXPECT_EQ(Try("note = 'x'", accepted), "done");
}

}  // namespace
}  // namespace usher::test
