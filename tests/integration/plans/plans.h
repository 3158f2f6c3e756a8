#pragma once

#include <cstdint>
#include <string>

#include "pg/batch.h"
#include "tests/support/world.h"

// How statements are planned where there are many rows.
namespace usher::test {

// Acme has USHER_TEST_PEOPLE members and invitations (fill.sql), a hundred others a tenth as many
// together. Made once for the program.
World& Crowd();

struct Explained {
  const pg::Statement* statement;
  std::string settings;   // SQL that comes first.
  std::string options;    // Of EXPLAIN.
  std::string types;      // Of the parameters; empty where they are plain.
  std::string arguments;  // SQL.
  std::string what = "";  // What they are, for the times.
};
std::string Explain(const Explained& explained);

// Adds a line to the file USHER_TIMES, if that is set.
void WriteTime(const std::string& what, double milliseconds);

// Fails the test if a table that grows with an organization is read from end to end.
void ExpectNoScan(const std::string& plan, const std::string& what);

// The most rows that any step of a plan gave or threw away when it ran.
int64_t MostRows(const std::string& plan);

}  // namespace usher::test
