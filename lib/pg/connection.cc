#include "pg/connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace usher::pg {
namespace {

constexpr Statement kSetTimeout{"pg.set_timeout",
                                "SELECT set_config('statement_timeout', $1, true)"};
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
  return absl::StrCat("-c statement_timeout=", options.statement_timeout.count());
}

}  // namespace

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

bool Connection::NeedsTimeout(const Group& group) const {
  return !options_.prepare || group.batch.deadline() - lane_.now() < options_.statement_timeout;
}

void Connection::Send(std::unique_ptr<Group> group) {
  group->connection = this;
  group->sent_at = lane_.now();
  ++group->attempts;
  sent_.push_back(std::move(group));
  const Group& sent = *sent_.back();

  const bool rolls_back = sent.batch.rolls_back();
  bool ok = !rolls_back || SendItem(Bind(kBegin), Expected::Kind::kControl);
  if (NeedsTimeout(sent)) {
    const auto left = std::min<std::chrono::nanoseconds>(sent.batch.deadline() - lane_.now(),
                                                         options_.statement_timeout);
    const int64_t ms =
        std::max<int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
    ok = ok && SendItem(Bind(kSetTimeout, absl::StrCat(ms)), Expected::Kind::kControl);
  }
  for (const Bound& item : sent.batch.items()) {
    ok = ok && SendItem(item, Expected::Kind::kItem);
  }
  ok = ok && Sync();
  if (rolls_back) ok = ok && SendItem(Bind(kRollBack), Expected::Kind::kControl) && Sync();
  if (!ok) Lose(PQerrorMessage(session_.get()));
}

bool Connection::Sync() {
  ++sent_.back()->syncs;
  return PQpipelineSync(session_.get()) == 1;
}

bool Connection::SendItem(const Bound& item, Expected::Kind kind) {
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
  const int n = static_cast<int>(count);
  if (!options_.prepare) {
    expected_.push_back({kind, &statement});
    return PQsendQueryParams(session_.get(), statement.sql, n, types.data(), values.data(),
                             lengths.data(), formats.data(), 1) == 1;
  }
  Prepared& prepared = prepared_[&statement];
  const bool prepare = !std::exchange(prepared.usable, true);
  if (prepare) ++prepared.edition;
  std::string name = statement.name;
  if (prepared.edition > 1) absl::StrAppend(&name, "#", prepared.edition);
  if (prepare) {
    expected_.push_back({Expected::Kind::kPrepare, &statement});
    if (PQsendPrepare(session_.get(), name.c_str(), statement.sql, n, types.data()) != 1) {
      return false;
    }
  }
  expected_.push_back({kind, &statement});
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
  std::vector<std::unique_ptr<Group>> done;
  ReadAnswers(done);
  const bool lost = !readable || PQstatus(session_.get()) == CONNECTION_BAD;
  if (!lost) {
    want_write_ = PQflush(session_.get()) == 1;
    watch_->Arm(want_write_);
  }
  for (auto& group : done) owner_.OnAnswered(std::move(group));
  if (lost) Lose(PQerrorMessage(session_.get()));
}

void Connection::ReadAnswers(std::vector<std::unique_ptr<Group>>& done) {
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
      if (--sent_.front()->syncs == 0) Finish(done);
    } else {
      Take(result);
    }
  }
}

void Connection::Take(pg_result* result) {
  Rows rows(result);
  Group& group = *sent_.front();
  if (expected_.empty()) return;  // An error of the session itself, such as its termination.
  const Expected expected = expected_.front();
  expected_.pop_front();
  switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      if (expected.kind == Expected::Kind::kItem) group.rows.push_back(std::move(rows));
      return;
    case PGRES_PIPELINE_ABORTED:
      if (expected.kind == Expected::Kind::kPrepare) prepared_[expected.statement].usable = false;
      return;
    default:
      // After the last answer only the commit is left, and nobody knows how that went.
      group.lost = group.rows.size() == group.batch.items().size();
      group.failed = true;
      group.error = ReadError(result);
      if (expected.kind == Expected::Kind::kPrepare ||
          IsStalePreparedStatement(group.error.sqlstate)) {
        prepared_[expected.statement].usable = false;
      }
      observer_.Failed(*expected.statement, group.error);
  }
}

void Connection::Finish(std::vector<std::unique_ptr<Group>>& done) {
  std::unique_ptr<Group> group = std::move(sent_.front());
  sent_.pop_front();
  group->connection = nullptr;
  for (const Bound& item : group->batch.items()) {
    observer_.Answered(item.statement(), lane_.now() - group->sent_at);
  }
  done.push_back(std::move(group));
}

void Connection::Lose(std::string_view reason) {
  if (!std::exchange(alive_, false)) return;
  watch_.reset();
  observer_.Disconnected(reason);
  std::deque<std::unique_ptr<Group>> lost = std::exchange(sent_, {});
  expected_.clear();
  for (auto& group : lost) {
    group->connection = nullptr;
    group->syncs = 0;
    // An error that came before the end says that the server rolled the group back.
    if (!group->failed) group->lost = true;
    group->failed = true;
    owner_.OnAnswered(std::move(group));
  }
}

}  // namespace usher::pg
