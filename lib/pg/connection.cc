#include "pg/connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace usher::pg {
namespace {

constexpr Statement kSetTimeout{"pg.set_timeout",
                                "SELECT set_config('statement_timeout', $1, true)"};
// How long a group may make those that share its transaction wait for a lock, and at all.
constexpr Statement kSetLimits{"pg.set_limits",
                               "SELECT set_config('statement_timeout', $1, true),"
                               " set_config('lock_timeout', '10ms', true)"};
constexpr std::chrono::milliseconds kBrief{250};
constexpr Statement kBegin{"pg.begin", "BEGIN"};
constexpr Statement kRollBack{"pg.roll_back", "ROLLBACK"};

Error ReadError(const PGresult* result) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text != nullptr ? text : "");
  };
  return {field(PG_DIAG_SQLSTATE), field(PG_DIAG_CONSTRAINT_NAME), field(PG_DIAG_MESSAGE_PRIMARY)};
}

void IgnoreNotice(void*, const PGresult*) {}

// PgBouncer refuses unknown start-up parameters, so there each group sets its own time-out.
std::string SessionOptions(const ConnectionOptions& options) {
  if (!options.prepare) return "";
  return absl::StrCat("-c statement_timeout=", options.session_timeout().count());
}

}  // namespace

std::chrono::milliseconds ConnectionOptions::session_timeout() const {
  return brief ? std::min(kBrief, statement_timeout) : statement_timeout;
}

void CloseConnection::operator()(pg_conn* connection) const { PQfinish(connection); }

absl::StatusOr<OpenConnection> Connect(const std::string& conninfo,
                                       const ConnectionOptions& options) {
  const std::string session_options = SessionOptions(options);
  // The conninfo comes last, so that what it says wins over our defaults.
  const char* keywords[] = {"connect_timeout", "application_name", "options", "dbname", nullptr};
  const char* values[] = {"3", "usher", session_options.c_str(), conninfo.c_str(), nullptr};
  OpenConnection session(PQconnectdbParams(keywords, values, /*expand_dbname=*/1));
  if (PQstatus(session.get()) != CONNECTION_OK) {
    return absl::UnavailableError(PQerrorMessage(session.get()));
  }
  PQsetNoticeReceiver(session.get(), &IgnoreNotice, nullptr);
  if (PQsetnonblocking(session.get(), 1) != 0 || PQenterPipelineMode(session.get()) != 1) {
    return absl::InternalError("cannot enter pipeline mode");
  }
  return session;
}

Connection::Connection(async::Lane& lane, async::Watcher& watcher, OpenConnection session,
                       ConnectionOptions options, Owner& owner, Observer& observer)
    : lane_(lane),
      session_(std::move(session)),
      options_(options),
      owner_(owner),
      observer_(observer),
      watch_(std::make_unique<async::Watch>(lane, watcher, PQsocket(session_.get()),
                                            [this] { OnReady(); })) {
  watch_->Arm(/*write=*/false);
}

Connection::~Connection() { watch_.reset(); }

size_t Connection::in_flight() const {
  size_t groups = 0;
  for (const Flight& flight : sent_) groups += flight.groups.size();
  return groups;
}

void Connection::Send(Groups groups) {
  sent_.push_back({std::move(groups), lane_.now(), {}});
  Flight& flight = sent_.back();
  const bool rolls_back = flight.groups.front()->batch.rolls_back();
  bool ok = !rolls_back || SendItem(Bind(kBegin), Kind::kControl);
  ok = ok && SendLimits(flight);
  for (const auto& group : flight.groups) {
    group->connection = this;
    ++group->attempts;
    for (const Bound& item : group->batch.items()) {
      ok = ok && SendItem(item, Kind::kItem, group.get());
    }
  }
  ok = ok && Sync();
  if (rolls_back) ok = ok && SendItem(Bind(kRollBack), Kind::kControl) && Sync();
  if (!ok) Lose(PQerrorMessage(session_.get()));
}

bool Connection::SendLimits(Flight& flight) {
  std::chrono::nanoseconds left = options_.statement_timeout;
  bool read_only = true;
  for (const auto& group : flight.groups) {
    left = std::min<std::chrono::nanoseconds>(left, group->batch.deadline() - lane_.now());
    read_only = read_only && group->batch.read_only();
  }
  const Group& first = *flight.groups.front();
  const bool shared = flight.groups.size() > 1;
  flight.brief = shared || (options_.brief && first.batch.shares() && !first.alone);
  if (flight.brief) left = std::min<std::chrono::nanoseconds>(left, kBrief);
  const bool waits = shared && !read_only;
  if (!waits && options_.prepare && left == options_.session_timeout()) return true;
  const int64_t ms =
      std::max<int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
  return SendItem(Bind(waits ? kSetLimits : kSetTimeout, absl::StrCat(ms)), Kind::kControl);
}

bool Connection::Sync() {
  ++sent_.back().syncs;
  return PQpipelineSync(session_.get()) == 1;
}

bool Connection::SendItem(const Bound& item, Kind kind, Group* group) {
  const size_t count = item.arguments().size();
  std::vector<Oid> types(count);
  std::vector<const char*> values(count);
  std::vector<int> lengths(count);
  const std::vector<int> formats(count, 1);
  for (size_t i = 0; i < count; ++i) {
    const Bound::Argument& argument = item.arguments()[i];
    types[i] = argument.oid;
    values[i] = argument.length < 0 ? nullptr : item.bytes().data() + argument.offset;
    lengths[i] = std::max(argument.length, 0);
  }
  const Statement& statement = item.statement();
  auto& expected = sent_.back().expected;
  const int n = static_cast<int>(count);
  if (!options_.prepare) {
    expected.push_back({kind, &statement, group});
    return PQsendQueryParams(session_.get(), statement.sql, n, types.data(), values.data(),
                             lengths.data(), formats.data(), 1) == 1;
  }
  Prepared& prepared = prepared_[&statement];
  const bool prepare = !std::exchange(prepared.usable, true);
  if (prepare) ++prepared.edition;
  std::string name = statement.name;
  if (prepared.edition > 1) absl::StrAppend(&name, "#", prepared.edition);
  if (prepare) {
    expected.push_back({Kind::kPrepare, &statement, group});
    if (PQsendPrepare(session_.get(), name.c_str(), statement.sql, n, types.data()) != 1) {
      return false;
    }
  }
  expected.push_back({kind, &statement, group});
  return PQsendQueryPrepared(session_.get(), name.c_str(), n, values.data(), lengths.data(),
                             formats.data(), 1) == 1;
}

void Connection::Flush() {
  if (!alive_) return;
  const bool want_write = PQflush(session_.get()) == 1;
  if (want_write && !want_write_) watch_->Arm(/*write=*/true);
  want_write_ = want_write;
}

void Connection::OnReady() {
  const bool readable = PQconsumeInput(session_.get()) == 1;
  Groups done;
  ReadAnswers(done);
  const bool lost = !readable || PQstatus(session_.get()) == CONNECTION_BAD;
  if (!lost) {
    want_write_ = PQflush(session_.get()) == 1;
    watch_->Arm(want_write_);
  }
  for (auto& group : done) owner_.OnAnswered(std::move(group));
  if (lost) Lose(PQerrorMessage(session_.get()));
}

void Connection::ReadAnswers(Groups& done) {
  // Each statement's results end in one NULL; two in a row mean that nothing more is expected.
  int nulls = 0;
  while (!sent_.empty() && nulls < 2 && PQisBusy(session_.get()) == 0) {
    PGresult* result = PQgetResult(session_.get());
    if (result == nullptr) {
      ++nulls;
      continue;
    }
    nulls = 0;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      PQclear(result);
      if (--sent_.front().syncs == 0) Finish(done);
    } else {
      Take(result);
    }
  }
}

void Connection::Take(pg_result* result) {
  Rows rows(result);
  Flight& flight = sent_.front();
  if (flight.expected.empty()) return FailAtCommit(flight, ReadError(result));
  const Flight::Expected expected = flight.expected.front();
  flight.expected.pop_front();
  switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      if (expected.kind == Kind::kItem) expected.group->rows.push_back(std::move(rows));
      return;
    case PGRES_PIPELINE_ABORTED:
      if (expected.kind == Kind::kPrepare) prepared_[expected.statement].usable = false;
      return;
    default:
      const Error error = ReadError(result);
      if (expected.kind == Kind::kPrepare || IsStalePreparedStatement(error.sqlstate)) {
        prepared_[expected.statement].usable = false;
      }
      Fail(flight, error, expected.group);
      observer_.Failed(*expected.statement, error);
  }
}

void Connection::Fail(Flight& flight, const Error& error, const Group* suspect) {
  for (const auto& group : flight.groups) {
    group->failed = true;
    group->error = error;
    group->brief = flight.brief;
    group->suspect = suspect == nullptr || suspect == group.get();
  }
}

// Nobody knows how a commit went that did not say so itself.
void Connection::FailAtCommit(Flight& flight, const Error& error) {
  Fail(flight, error, /*suspect=*/nullptr);
  for (const auto& group : flight.groups) group->lost = !IsRefusal(error.sqlstate);
}

void Connection::Finish(Groups& done) {
  Flight flight = std::move(sent_.front());
  sent_.pop_front();
  for (auto& group : flight.groups) {
    group->connection = nullptr;
    for (const Bound& item : group->batch.items()) {
      observer_.Answered(item.statement(), lane_.now() - flight.sent_at);
    }
    done.push_back(std::move(group));
  }
}

void Connection::Lose(std::string_view reason) {
  if (!std::exchange(alive_, false)) return;
  watch_.reset();
  observer_.Disconnected(reason);
  std::deque<Flight> lost = std::exchange(sent_, {});
  for (Flight& flight : lost) {
    for (auto& group : flight.groups) {
      group->connection = nullptr;
      // An error that came before the end says that the server rolled the group back.
      if (!group->failed) group->lost = true;
      group->failed = true;
      owner_.OnAnswered(std::move(group));
    }
  }
}

}  // namespace usher::pg
