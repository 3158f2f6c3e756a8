#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "async/task.h"
#include "model/caller.h"
#include "pg/pool.h"

// Keeps the answer of a change for repeats of its call, in a WITH query of the change's statement:
//
//   ), answer AS (
//     SELECT … what the caller gets, one row or many …
//   ), kept AS ()sql" USHER_KEEP_ANSWER("$9", "position IS NOT NULL") R"sql()
//   TABLE answer
//
// `call` is the parameter after the statement's own; storage::Change binds it. `done` tells of the
// rows of `answer` whether the change was made: a refusal is not kept.
#define USHER_KEEP_ANSWER(call, done)                                                        \
  "INSERT INTO usher.requests AS r (caller, request_id, content, form, answer, create_time)" \
  " SELECT (" call "::text[])[1], (" call "::text[])[2], (" call                             \
  "::text[])[3]"                                                                             \
  ", (" call                                                                                 \
  "::text[])[4], array_agg(record_send(answer)), usher.now() FROM answer"                    \
  " WHERE " call " IS NOT NULL AND (" done                                                   \
  ") HAVING count(*) > 0"                                                                    \
  " ON CONFLICT ON CONSTRAINT requests_pkey DO UPDATE SET content = CASE WHEN r.create_time" \
  " <= usher.now() - interval '24 hours' THEN excluded.content END, form = excluded.form,"   \
  " answer = excluded.answer, create_time = excluded.create_time"

namespace usher::storage {

// Makes a change: the rows of each statement of `batch`, whose last one has USHER_KEEP_ANSWER.
//
// With a change id (AIP-155) it is made once. The answer is written by the change's own statement,
// so there is none without the other, and nothing secret is kept: tokens are derived from rows.
// A repeat of the same caller within 24 hours gets the kept rows, as the only element: read
// back(), and what earlier statements say only to explain why back() tells of no change. Of two at
// once one is made, and both get its answer. INVALID_ARGUMENT REQUEST_ID_REUSED: the id stands for
// something else; ABORTED CONFLICT: the answer was kept by another release, in another form.
//
// With validate_only everything runs and is rolled back.
async::Task<absl::StatusOr<std::vector<pg::Rows>>> Change(pg::Pool& db, const model::Call& call,
                                                          pg::Batch batch);

}  // namespace usher::storage
