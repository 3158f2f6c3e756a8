import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from lifetimes import check  # noqa: E402


class Lifetimes(unittest.TestCase):
    def test_parts_of_temporaries_are_found(self):
        for loop in ("for (const auto& row : List(query)->rows) Use(row);",
                     "for (auto& e : Page(a, std::move(b)).entries) {}",
                     "for (const auto& entry :\n     directory.List(query)->entries) {",
                     "for (const auto& x : *List(query)) Use(x);"):
            self.assertEqual(len(list(check(loop))), 1, loop)

    def test_what_lives_long_enough_is_not(self):
        for loop in ("for (const auto& row : page->rows) Use(row);",
                     "for (const auto& row : List(query)) Use(row);",
                     "for (const auto& label : method.labels()) Use(label);",
                     "for (const auto& x : {f(1), g(2)->status()}) Use(x);",
                     "for (auto& item : std::exchange(work, {})) item();",
                     "for (Due& one : *due) Deliver(one);",
                     "for (int i = 0; i < n; ++i) Use(f(i)->rows);",
                     "for (const char* s : std::vector<const char*>{a, b}) Use(s);"):
            self.assertEqual(list(check(loop)), [], loop)


if __name__ == "__main__":
    unittest.main()
