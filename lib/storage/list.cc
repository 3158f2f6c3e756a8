#include "storage/list.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "storage/gate.h"

namespace usher::storage {
namespace {

using Key = ListOrder::Key;

// A walk is the same with all arguments: row by row along indexes. Left alone, PostgreSQL would
// plan it anew for each call, since it takes an unknown LIMIT for a tenth of the table.
constexpr pg::Statement kPlanForWalk{
    "storage.plan_for_walk",
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)",
    /*read_only=*/true};
// Compiling the many conditions takes longer than what it saves.
constexpr pg::Statement kPlanForFind{
    "storage.plan_for_find",
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('jit', 'off', true)",
    /*read_only=*/true};

// How a key travels in a cursor: out of a row, into a comparison, and what is before and after all
// of its kind.
struct KeyForms {
  std::string_view type;
  std::string_view out;
  std::string_view in;
  std::string_view least;
  std::string_view greatest;
};

KeyForms FormsOf(Key key) {
  switch (key) {
    case Key::kText:
      // No name or address is as long as this, and no character is greater.
      return {"text", "p.sort_key", "$7", "''", "repeat(chr(1114111), 300)"};
    case Key::kNumber:
      return {"int", "p.sort_key::text", "$7::int", "'-2147483648'::int", "2147483647"};
    case Key::kTime:
      return {"timestamptz", "(extract(epoch FROM p.sort_key) * 1000000)::bigint::text",
              "(timestamptz 'epoch' + $7::bigint * interval '1 microsecond')",
              "timestamptz '-infinity'", "timestamptz 'infinity'"};
  }
  return {};
}

std::string View(std::string_view view) { return std::string(view); }

// Writes one order in one direction.
class Writer {
 public:
  Writer(const ListStatements::Shape& shape, const ListOrder& order, bool descending)
      : shape_(shape),
        order_(order),
        descending_(descending),
        direction_(descending ? " DESC" : " ASC"),
        comparison_(descending ? "<" : ">"),
        forms_(FormsOf(order.key)) {}

  std::string Walk() const {
    const std::string with = order_.with.empty() ? "" : absl::StrCat("WITH ", View(order_.with));
    return absl::StrCat(with, Page(&Writer::WalkBranch));
  }

  std::string Find() const {
    return absl::StrCat("WITH ", Found(shape_), Page(&Writer::FindBranch));
  }

  // The rows of each source that pass the filters.
  static std::string Found(const ListStatements::Shape& shape) {
    std::vector<std::string> found;
    for (const ListSource* s : shape.sources) {
      found.push_back(absl::StrCat("found_", View(s->alias), " AS MATERIALIZED (SELECT ",
                                   View(s->columns), " FROM ", View(s->table), " WHERE ",
                                   View(s->always), " AND ", FilterForFind(*s), ")"));
    }
    return absl::StrCat(absl::StrJoin(found, ", "), " ");
  }

 private:
  static std::string Filter(const ListSource& source, const std::string& match) {
    return absl::StrReplaceAll(View(source.filter), {{"{match}", match}});
  }
  // The pieces are for the index; they may be those of another text too, or none.
  static std::string FilterForFind(const ListSource& source) {
    const std::string text = absl::StrCat(View(source.alias), ".search");
    return Filter(source, absl::StrCat(text,
                                       " LIKE usher.anywhere($11)"
                                       " AND (usher.needle_pieces($11) = '{}'"
                                       " OR usher.search_pieces(",
                                       text, ") @> usher.needle_pieces($11))"));
  }
  // The pattern is made once, not for every row.
  static std::string FilterForWalk(const ListSource& source) {
    return Filter(source,
                  absl::StrCat(View(source.alias), ".search LIKE (SELECT usher.anywhere($11))"));
  }

  int RankOf(const ListBranch& branch) const {
    return order_.ranks_turn && descending_ ? -branch.rank : branch.rank;
  }
  std::string_view LastId() const {
    return descending_ ? "'ffffffff-ffff-ffff-ffff-ffffffffffff'"
                       : "'00000000-0000-0000-0000-000000000000'";
  }
  std::string AfterCursor(const ListBranch& branch) const {
    const std::string here = absl::StrCat("CASE WHEN $6 = ", RankOf(branch), " THEN ");
    const std::string id = absl::StrCat(here, "$8 ELSE ", View(LastId()), "::uuid END");
    if (branch.empty) return absl::StrCat(View(branch.source->id), comparison_, id);
    const std::string_view first = descending_ ? forms_.greatest : forms_.least;
    return absl::StrCat("(", View(branch.key), ", ", View(branch.source->id), ") ", comparison_,
                        " (", here, View(forms_.in), " ELSE ", View(first), " END, ", id, ")");
  }

  // The first rows of `from`, and whether they pass.
  std::string Branch(const ListBranch& branch, const std::string& from,
                     const std::string& passes) const {
    const ListSource& s = *branch.source;
    const std::string rank = absl::StrCat(RankOf(branch));
    const std::string key =
        branch.empty ? absl::StrCat("NULL::", View(forms_.type)) : View(branch.key);
    return absl::StrCat("(SELECT ", rank, "::smallint AS rank, ", key, " AS sort_key, ", View(s.id),
                        " AS id, '", View(s.alias), "' AS source, ", passes, " AS passes FROM ",
                        from, " AND ", View(branch.condition), " AND $6 <= ", rank, " AND ",
                        AfterCursor(branch), " ORDER BY ", View(branch.key), direction_, ", ",
                        View(s.id), direction_, " LIMIT $5)");
  }
  std::string WalkBranch(const ListBranch& branch) const {
    const ListSource& s = *branch.source;
    const std::string from = absl::StrReplaceAll(
        branch.walk_from.empty() ? View(s.table) : View(branch.walk_from),
        {{"{comparison}", comparison_}, {"{direction}", direction_}, {"{id}", View(LastId())}});
    return Branch(branch, absl::StrCat(from, " WHERE ", View(s.always)), FilterForWalk(s));
  }
  std::string FindBranch(const ListBranch& branch) const {
    const ListSource& s = *branch.source;
    const std::string from = absl::StrCat("found_", View(s.alias), " ", View(s.alias),
                                          View(branch.find_from), " WHERE true");
    return Branch(branch, from, "true");
  }

  std::string Page(std::string (Writer::*write)(const ListBranch&) const) const {
    std::vector<std::string> branches;
    for (const ListBranch& branch : order_.branches) branches.push_back((this->*write)(branch));
    const std::string order =
        absl::StrCat(" ORDER BY rank, sort_key", direction_, ", id", direction_);
    return absl::StrCat("SELECT p.rank, coalesce(", View(forms_.out), ", ''), p.id, ",
                        View(shape_.columns), " FROM (SELECT rank, sort_key, id, source FROM (",
                        "SELECT rank, sort_key, id, source, passes FROM (",
                        absl::StrJoin(branches, " UNION ALL "), ") rows", order, " LIMIT $5)",
                        " looked_at WHERE passes", order, " LIMIT $4) p ", View(shape_.joins),
                        " WHERE " USHER_CALLER_ROLE " = ANY ($3) ORDER BY p.rank, p.sort_key",
                        direction_, ", p.id", direction_);
  }

  const ListStatements::Shape& shape_;
  const ListOrder& order_;
  const bool descending_;
  const char* direction_;
  const char* comparison_;
  const KeyForms forms_;
};

std::string CountSql(const ListStatements::Shape& shape) {
  std::vector<std::string> counts;
  for (const ListSource* source : shape.sources) {
    counts.push_back(absl::StrCat("(SELECT count(*) FROM found_", View(source->alias), ")"));
  }
  return absl::StrCat("WITH ", Writer::Found(shape),
                      "SELECT CASE WHEN " USHER_CALLER_ROLE " = ANY ($3) THEN ",
                      absl::StrJoin(counts, " + "), " ELSE 0 END::int");
}

}  // namespace

ListStatements::ListStatements(const Shape& shape, const std::vector<ListOrder>& orders) {
  const std::string name(shape.name);
  for (const ListOrder& order : orders) {
    for (const bool descending : {false, true}) {
      const Writer writer(shape, order, descending);
      const std::string by =
          absl::StrCat("_by_", View(order.column), descending ? "_descending" : "");
      pairs_.push_back({{View(order.column), descending},
                        Make(absl::StrCat(name, by), writer.Walk()),
                        Make(absl::StrCat(name, "_found", by), writer.Find())});
    }
  }
  count_ = Make(absl::StrCat(name, "_count"), CountSql(shape));
}

const ListStatements::Made* ListStatements::Make(std::string name, std::string sql) {
  Made& made = made_.emplace_back(Made{std::move(name), std::move(sql), {}});
  made.statement = {made.name.c_str(), made.sql.c_str(), /*read_only=*/true};
  return &made;
}

const ListStatements::Pair& ListStatements::Of(const model::OrderBy& order) const {
  for (const Pair& pair : pairs_) {
    if (pair.order.column == order.column && pair.order.descending == order.descending) return pair;
  }
  return pairs_.front();
}

const pg::Statement& ListStatements::Walk(const model::OrderBy& order) const {
  return Of(order).walk->statement;
}

const pg::Statement& ListStatements::Find(const model::OrderBy& order) const {
  return Of(order).find->statement;
}

std::vector<std::string_view> ListStatements::Columns() const {
  std::vector<std::string_view> columns;
  for (const Pair& pair : pairs_) {
    if (!pair.order.descending) columns.push_back(pair.order.column);
  }
  return columns;
}

std::vector<const pg::Statement*> ListStatements::All() const {
  std::vector<const pg::Statement*> all;
  for (const Made& made : made_) all.push_back(&made.statement);
  return all;
}

model::ListCursor StartOf(const std::optional<model::ListCursor>& after) {
  if (after) return *after;
  model::ListCursor first;
  first.rank = std::numeric_limits<int16_t>::min();
  return first;
}

model::ListCursor StartOf(const std::optional<model::ListCursor>& after,
                          const model::OrderBy& order, const std::vector<model::Role>& roles) {
  if (after || order.column != "role" || roles.empty()) return StartOf(after);
  const auto [least, greatest] = std::minmax_element(roles.begin(), roles.end());
  model::ListCursor first;
  first.key = absl::StrCat(static_cast<int>(order.descending ? *greatest : *least));
  if (order.descending) first.id.fill(0xff);
  return first;
}

pg::Bound PlanForWalk() { return pg::Bind(kPlanForWalk); }
pg::Bound PlanForFind() { return pg::Bind(kPlanForFind); }

}  // namespace usher::storage
