"""Results as tables, ratios beside what the design wants of them, and two runs compared."""

import statistics

# (what, of what, least or most, what the quotient is of)
TARGETS = (
    ("CheckAccess, 64", "bare gRPC echo, 64", ">=", 0.85),
    ("GetInvitation, 64", "pgbench of GetInvitation", ">=", 0.75),
    ("GetUser, 64", "pgbench of GetUser", ">=", 0.75),
    ("CreateInvitation, 64", "pgbench of CreateInvitation", ">=", 2.0),
    ("CreateInvitation, 256", "pgbench of CreateInvitation", ">=", 3.0),
    ("AcceptInvitation, 64", "pgbench of AcceptInvitation", ">=", 1.5),
    ("ListUsers of 50, 64", "pgbench of ListUsers of 50", ">=", 0.6),
    ("BatchCreateInvitations of 1000, 2", "CreateInvitation, 64", ">=", 3.0),
)
P99_TARGETS = (
    ("CheckAccess, 50% of its rate", 5), ("GetInvitation, 50% of its rate", 5),
    ("CreateInvitation, 50% of its rate", 15), ("AcceptInvitation, 50% of its rate", 15),
)
MOST_GROWTH = 1.3


def middle(values):
    values = list(values)
    return statistics.median(values) if values else 0.0


def rates(result):
    """Rows a second of each run: a batch counts as its rows."""
    return [run["rate"] * result.get("rows", 1) for run in result["runs"]]


def median_of(result, group, name):
    return middle(run[group][name] for run in result["runs"] if name in run.get(group, {}))


def errors(result):
    """{code: calls} of what did not end with OK."""
    found = {}
    for run in result["runs"]:
        for code, count in run.get("codes", {}).items():
            if code != "0":
                found[code] = found.get(code, 0) + count
        for trouble in ("not_started", "not_answered"):
            if run.get(trouble):
                found[trouble] = found.get(trouble, 0) + run[trouble]
    return found


def _figure(value):
    if value == 0:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(results):
    """Lines of a Markdown table, one row a scenario."""
    lines = ["| Scenario | /s (least – most) | p50 ms | p99 ms | p99.9 ms | usherd µs | PostgreSQL µs |"
             " client µs | errors |", "|---|---|---|---|---|---|---|---|---|"]
    for name, result in results.items():
        each = rates(result)
        spread = f" ({_figure(min(each))} – {_figure(max(each))})" if len(each) > 1 else ""
        cells = [name, _figure(middle(each)) + spread]
        cells += [_figure(median_of(result, "ms", q)) for q in ("p50", "p99", "p99.9")]
        cells += [_figure(median_of(result, "cpu_us", part))
                  for part in ("server", "postgres", "client")]
        cells.append(", ".join(f"{code}: {count}" for code, count in errors(result).items()) or "–")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _verdict(value, relation, target):
    reached = value >= target if relation == ">=" else value <= target
    return "reached" if reached else "not reached"


def ratios(results):
    """Lines of a Markdown table: what was wanted, and what was found in this run."""
    lines = ["| Figure | Found | Target | |", "|---|---|---|---|"]

    def add(what, value, relation, target, unit=""):
        sign = "≥" if relation == ">=" else "≤"
        lines.append(f"| {what} | {value:.2f}{unit} | {sign} {target}{unit} | "
                     f"{_verdict(value, relation, target)} |")

    for name, ceiling, relation, target in TARGETS:
        if name in results and ceiling in results:
            # Of runs that were made one after the other, so that both met the same machine.
            pairs = zip(rates(results[name]), rates(results[ceiling]))
            add(f"{name} ÷ {ceiling}", middle(a / b for a, b in pairs if b), relation, target)
    for name, target in P99_TARGETS:
        if name in results:
            add(f"p99 of {name}", median_of(results[name], "ms", "p99"), "<=", target, " ms")
    for name in results:
        if ", 1,000 rows" in name and name.replace("1,000 rows", "all rows") in results:
            large = results[name.replace("1,000 rows", "all rows")]
            cost = [median_of(r, "cpu_us", "server") + median_of(r, "cpu_us", "postgres")
                    for r in (large, results[name])]
            if cost[1]:
                add(f"CPU of {name.split(', 1,000')[0]}: all rows ÷ 1,000", cost[0] / cost[1], "<=",
                    MOST_GROWTH)
    for name in results:
        plain = name.replace(", sharing off", "")
        if plain != name and plain in results:
            pairs = list(zip(rates(results[plain]), rates(results[name])))
            lines.append(f"| {plain} ÷ the same without sharing | "
                         f"{middle(a / b for a, b in pairs if b):.2f} | – | |")
    return lines


def compare(before, after):
    """Lines of a Markdown table: what two runs have in common. A change that is smaller than the
    spread of the repetitions of either is called noise."""
    lines = ["| Scenario | before /s | after /s | change | CPU µs before | after | change | |",
             "|---|---|---|---|---|---|---|---|"]
    for name, result in after["results"].items():
        if name not in before["results"]:
            continue
        old = before["results"][name]
        old_rates, new_rates = rates(old), rates(result)
        cpu = [sum(median_of(r, "cpu_us", part) for part in ("server", "postgres"))
               for r in (old, result)]
        overlap = min(new_rates) <= max(old_rates) and min(old_rates) <= max(new_rates)
        lines.append("| " + " | ".join((
            name, _figure(middle(old_rates)), _figure(middle(new_rates)),
            _change(middle(old_rates), middle(new_rates)), _figure(cpu[0]), _figure(cpu[1]),
            _change(*cpu), "noise" if overlap else "")) + " |")
    return lines


def _change(before, after):
    return f"{(after / before - 1) * 100:+.0f} %" if before else "–"
