import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import ids  # noqa: E402
import report  # noqa: E402


def result(*rates, server=10.0, p99=2.0, codes=None, **more):
    runs = [{"rate": rate, "cpu_us": {"server": server, "postgres": 5.0, "client": 1.0},
             "ms": {"p50": 1.0, "p99": p99, "p99.9": 3.0}, "codes": codes or {"0": 100}}
            for rate in rates]
    return {"runs": runs, **more}


def row(lines, start):
    found = [line for line in lines if line.startswith(f"| {start}")]
    assert len(found) == 1, (start, lines)
    return [cell.strip() for cell in found[0].strip("|").split("|")]


class TableTest(unittest.TestCase):
    def test_shows_the_median_with_least_and_most(self):
        lines = report.table({"GetUser, 64": result(1000, 3000, 2000)})

        self.assertEqual(row(lines, "GetUser, 64")[1], "2,000 (1,000 – 3,000)")

    def test_counts_a_batch_as_its_rows(self):
        lines = report.table({"BatchCreateInvitations of 1000, 2": result(8, rows=1000)})

        self.assertEqual(row(lines, "BatchCreateInvitations")[1], "8,000")

    def test_tells_what_did_not_end_with_ok(self):
        lines = report.table({"GetUser, 64": result(10, codes={"0": 9, "14": 3})})

        self.assertEqual(row(lines, "GetUser, 64")[-1], "14: 3")


class RatiosTest(unittest.TestCase):
    def test_puts_each_ratio_beside_its_target(self):
        found = {"CreateInvitation, 64": result(5000), "pgbench of CreateInvitation": result(2000),
                 "GetUser, 64": result(600), "pgbench of GetUser": result(1000)}

        lines = report.ratios(found)

        self.assertEqual(row(lines, "CreateInvitation, 64")[1:], ["2.50", "≥ 2.0", "reached"])
        self.assertEqual(row(lines, "GetUser, 64")[1:], ["0.60", "≥ 0.75", "not reached"])

    def test_compares_runs_that_were_made_one_after_the_other(self):
        found = {"GetUser, 64": result(100, 200, 300), "pgbench of GetUser": result(100, 200, 300)}

        self.assertEqual(row(report.ratios(found), "GetUser, 64")[1], "1.00")

    def test_growth_is_in_processor_time(self):
        found = {"GetInvitation, 1,000 rows, 64": result(500, server=10),
                 "GetInvitation, all rows, 64": result(500, server=25)}

        lines = report.ratios(found)

        self.assertEqual(row(lines, "CPU of GetInvitation")[1:], ["2.00", "≤ 1.3", "not reached"])

    def test_leaves_out_what_was_not_measured(self):
        self.assertEqual(len(report.ratios({"GetUser, 64": result(1)})), 2)


class CompareTest(unittest.TestCase):
    def test_tells_a_change_from_noise(self):
        before = {"results": {"GetUser, 64": result(100, 110), "GetSelf, 64": result(100, 110)}}
        after = {"results": {"GetUser, 64": result(200, 220, server=4), "GetSelf, 64": result(105)}}

        lines = report.compare(before, after)

        self.assertEqual(row(lines, "GetUser, 64")[1:],
                         ["105", "210", "+100 %", "15", "9", "-40 %", ""])
        self.assertEqual(row(lines, "GetSelf, 64")[-1], "noise")

    def test_leaves_out_what_only_one_of_them_has(self):
        lines = report.compare({"results": {}}, {"results": {"GetUser, 64": result(1)}})

        self.assertEqual(len(lines), 2)


class IdsTest(unittest.TestCase):
    def test_a_typeid_holds_its_uuid(self):
        self.assertEqual(ids.uuid_of(ids.user(12345)), ids.uuid(ids.USER, 12345))


if __name__ == "__main__":
    unittest.main()
