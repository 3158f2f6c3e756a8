import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from coroutines import check  # noqa: E402


def findings(body):
    return [what for _, what in check("Task<int> Run() {\n" + body + "\n}\n")]


class BrokenForms(unittest.TestCase):
    """Each was seen to be miscompiled by GCC 12.2."""

    def assert_flagged(self, body, word):
        found = findings(body)
        self.assertTrue(any(word in what for what in found), f"{body}\n{found}")

    def test_aggregate_as_argument(self):
        self.assert_flagged('co_await Use(Args{.name = "x"});', "braces")
        self.assert_flagged('co_await Use({.name = "x"});', "braces")
        self.assert_flagged("int n = co_await Use(1, Args{a, b});", "braces")

    def test_empty_aggregate(self):
        self.assert_flagged("co_return co_await Use(Args{});", "braces")
        self.assert_flagged("co_await Use({});", "braces")

    def test_aggregate_over_several_lines(self):
        self.assert_flagged('co_await Use(Args{\n    .name = "x",\n    .size = 3,\n});', "braces")

    def test_list_as_argument(self):
        self.assert_flagged("co_await Sum({x, y});", "braces")
        self.assert_flagged("co_await Sum(std::vector<int>{x, y});", "braces")

    def test_list_to_walk_over(self):
        self.assert_flagged("for (const auto& x : {co_await A(), co_await B()}) Use(x);", "braces")
        self.assert_flagged("for (int x : std::vector<int>{co_await A()}) Use(x);", "braces")

    def test_lambda_that_captures_by_value(self):
        self.assert_flagged("co_await Apply([name] { return name; });", "captures by value")
        self.assert_flagged("co_await Apply([=]() mutable { return name; });", "captures by value")
        self.assert_flagged("co_await Apply([n = std::move(name)] { Log(n); });", "captures by value")
        self.assert_flagged("co_await Apply(std::function<int()>([&x, name] { return 1; }));",
                            "captures by value")

    def test_await_inside_an_aggregate(self):
        self.assert_flagged("auto args = Args{.name = co_await Name()};", "braces")
        self.assert_flagged("auto p = std::make_unique<Args>(Args{co_await Name()});", "braces")
        self.assert_flagged("co_return Args{co_await Name(), 2};", "braces")
        self.assert_flagged("Args args{co_await Name()};", "braces")

    def test_choice(self):
        self.assert_flagged("auto s = c ? co_await A() : co_await B();", "?:")
        self.assert_flagged("co_await Use(c ? a : b);", "?:")

    def test_builder_chain(self):
        self.assert_flagged("co_await Use(Builder{}.Set(x));", "braces")
        self.assert_flagged("co_await Use(Builder().Set(x).Set(y));", "builder chain")
        self.assert_flagged("co_await Use(1, pg::Bind(kQuery, a).Limit(3));", "builder chain")

    def test_statement_expression(self):
        self.assert_flagged("auto x = ({ auto r = co_await A(); r.value(); });",
                            "statement expression")

    def test_statement_expression_in_a_macro(self):
        found = [what for _, what in check("#define TRY(e) \\\n  ({ auto r = (e); *r; })\n")]
        self.assertIn("statement expression", found[0])

    def test_coroutine_that_is_a_capturing_lambda(self):
        self.assert_flagged("auto run = [&x]() -> Task<int> { co_return x; };", "make it a function")

    def test_conditions_that_await(self):
        self.assert_flagged("if (co_await More()) return;", "condition")
        self.assert_flagged("while (!co_await More()) {}", "condition")
        self.assert_flagged("if (a && (co_await More()).ok()) {}", "condition")

    def test_conditions_and_macros(self):
        self.assert_flagged("if (auto n = co_await Use({x, y})) return;", "braces")
        self.assert_flagged("while (auto n = co_await Use(c ? a : b)) {}", "?:")
        self.assert_flagged("if (ready) co_await Use({x, y});", "braces")
        self.assert_flagged("CO_TRY(auto rows, co_await db_.Query(Query{a}));", "braces")
        self.assert_flagged("CO_CHECK(co_await Use(Args{a}));", "braces")

    def test_line_is_where_the_fault_is(self):
        text = "Task<> Run() {\n  /* {\n */ co_await Use(a,\n      Args{b});\n}\n"
        self.assertEqual([line for line, _ in check(text)], [4])


class GoodForms(unittest.TestCase):
    def assert_clean(self, body):
        self.assertEqual(findings(body), [], body)

    def test_names_and_moves(self):
        self.assert_clean("Args args{.name = x};\n  co_await Use(std::move(args));")
        self.assert_clean("const auto list = {x, y};\n  co_await Sum(list);")
        self.assert_clean("co_await Use(x, std::string(y), Args(1, 2));")
        self.assert_clean("co_return co_await Use(std::move(args).value());")

    def test_statements_around(self):
        self.assert_clean("int n{3};\n  co_await Use(n);\n  Args args{n};")
        self.assert_clean("auto s = c ? a : b;\n  co_await Use(s);")
        self.assert_clean("if (c ? a : b) co_await Use(s);")
        self.assert_clean("for (int i{0}; i < 3; ++i) co_await Use(i);")
        self.assert_clean("if (c) {\n co_await Use(a);\n } else {\n co_await Use(b);\n }")
        self.assert_clean("switch (c) {\n case Kind::kA:\n co_await Use(a);\n break;\n }")
        self.assert_clean("try { co_await Use(a); } catch (const E&) { Log({a}); }")
        self.assert_clean("auto f = [x] { return Args{x}; };\n  co_await Apply(f);")

    def test_awaits_in_conditions(self):
        self.assert_clean("if (auto x = co_await A(); x.ok()) { Log({x}); }")
        self.assert_clean("while (const bool more = co_await More()) { Args a{1}; }")
        self.assert_clean("for (auto& row : co_await Rows()) { Use({row}); }")

    def test_bindings_and_subscripts(self):
        self.assert_clean("auto [a, b] = co_await Pair();")
        self.assert_clean("const auto& [a, b] = co_await Pair();")
        self.assert_clean("auto x = (co_await Rows())[0];")
        self.assert_clean("co_await Use(names[i], co_await Other());")
        self.assert_clean("CO_TRY((auto [a, b]), co_await Pair());")

    def test_lambdas_without_values(self):
        self.assert_clean("co_await Apply([&] { return Args{x}; });")
        self.assert_clean("co_await Apply([this, &x](int n) { return n ? x : 0; });")
        self.assert_clean("auto run = []() -> Task<int> { co_return 1; };")
        self.assert_clean("co_await Apply([] {});")

    def test_calls_of_objects_at_hand(self):
        self.assert_clean("co_await db_.Query(call.deadline, request.name().id());")
        self.assert_clean("co_await Connect(a).Until(b);")
        self.assert_clean("CO_CHECK(co_await Connect(a).Until(b));")

    def test_returning_what_awaits_nothing(self):
        self.assert_clean("co_return Args{1, 2};")
        self.assert_clean("co_await A();\n  co_return c ? Args{1} : Args{2};")

    def test_comments_and_literals(self):
        self.assert_clean('co_await Use("{?:}", \'?\', R"sql({a ? b})sql");  // {x}?')
        self.assert_clean("// co_await Use({x});")
        self.assert_clean("const int64_t n = 1'000'000;\n  co_await Use(n);")


if __name__ == "__main__":
    unittest.main()
