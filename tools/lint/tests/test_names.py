import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from names import check_path, check_sql, check_statement_name, check_tree, statements_of  # noqa: E402


def sql_findings(sql):
    return [what for _, what in check_sql(f'constexpr pg::Statement kA{{"a.b", R"sql({sql})sql"}};')]


def name_findings(path, name):
    return list(check_statement_name(pathlib.PurePath(path), name))


class Statements(unittest.TestCase):
    def test_named_after_its_folder(self):
        self.assertEqual(name_findings("lib/mail/worker.cc", "mail.claim_next"), [])
        self.assertEqual(name_findings("lib/pg/connection.cc", "pg.set_timeout"), [])
        self.assertIn('call it "mail.claim"', name_findings("lib/mail/a.cc", "outbox.claim")[0])

    def test_named_test_in_tests(self):
        self.assertEqual(name_findings("tests/integration/pg/pool_test.cc", "test.echo"), [])
        self.assertIn('"test.claim"', name_findings("tests/unit/mail/a_test.cc", "mail.claim")[0])

    def test_form_of_the_name(self):
        for name in ("claim", "mail.Claim", "mail.", "mail.a.b", "mail.a__b", "mail.a-b", ""):
            self.assertEqual(len(name_findings("lib/mail/a.cc", name)), 1, name)

    def test_found_however_it_is_made(self):
        for text in ('constexpr pg::Statement kA{"a.b", ""};', 'const pg::Statement kA{\n  "a.b"};',
                     'constexpr Statement kA = {"a.b", ""};', 'pg::Statement kA("a.b", "");',
                     'Use(pg::Statement{"a.b", ""});', 'auto a = pg::Statement{"a.b"};'):
            self.assertEqual([name for _, name in statements_of(text)], ["a.b"], text)

    def test_line_is_where_the_name_is(self):
        text = 'constexpr pg::Statement kA{"a.b", ""};\nconst pg::Statement kC{\n    "c.d", ""};\n'
        self.assertEqual(list(statements_of(text)), [(1, "a.b"), (3, "c.d")])

    def test_methods_of_that_name_make_none(self):
        self.assertEqual(list(statements_of('metrics.Statement("a.b", 1); m->Statement("c.d");')), [])

    def test_unique_in_the_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("claim", "settle"):
                path = root / "lib" / "mail" / f"{name}.cc"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text('constexpr pg::Statement kA{"mail.claim", "SELECT 1"};\n')

            found = [str(finding) for finding in check_tree(root)]

        self.assertEqual(found, ['lib/mail/settle.cc:1: statement "mail.claim" is also in '
                                 "lib/mail/claim.cc:1"])


class Sql(unittest.TestCase):
    def test_lists_its_columns(self):
        self.assertEqual(len(sql_findings("SELECT * FROM invitation")), 1)
        self.assertEqual(len(sql_findings("SELECT id, i.* FROM invitation i")), 1)
        self.assertEqual(len(sql_findings("UPDATE a SET b = 1 RETURNING *")), 1)
        self.assertEqual(sql_findings("SELECT count(*), 2 * 3 FROM invitation"), [])

    def test_reads_the_clock_that_tests_move(self):
        self.assertEqual(sql_findings("SELECT usher.now() + $1"), [])
        for clock in ("now()", "NOW ()", "current_timestamp", "clock_timestamp()", "CURRENT_DATE",
                      "statement_timestamp()", "localtime", "pg_catalog.now()", "'now'"):
            self.assertEqual(len(sql_findings(f"SELECT {clock}")), 1, clock)

    def test_other_words_with_now_in_them(self):
        self.assertEqual(sql_findings("SELECT known(x), snow.fall FROM knowledge"), [])

    def test_plain_literals_are_sql_too(self):
        self.assertEqual(len(list(check_sql('Run("SELECT now()");'))), 1)
        self.assertEqual(list(check_sql('Log("it is now() or never");')), [])

    def test_pieces_for_macros_are_sql_too(self):
        for piece in ('" AND expire_time <= now()"', '"$2 + now()"', '"now()::date"'):
            self.assertEqual(len(list(check_sql(f"#define USHER_PIECE {piece}\n"))), 1, piece)

    def test_comments_are_not_sql(self):
        self.assertEqual(sql_findings("SELECT 1 -- not now()\n"), [])
        self.assertEqual(list(check_sql('// "SELECT now()"\n')), [])

    def test_line_is_where_the_fault_is(self):
        text = 'int x;\nconst char* kSql = R"sql(\n  SELECT 1,\n  now())sql";\n'
        self.assertEqual([line for line, _ in check_sql(text)], [4])


class Files(unittest.TestCase):
    def test_snake_case(self):
        self.assertEqual(list(check_path(pathlib.PurePath("lib/model/page_token.h"))), [])
        self.assertEqual(len(list(check_path(pathlib.PurePath("lib/model/PageToken.h")))), 1)
        self.assertEqual(len(list(check_path(pathlib.PurePath("lib/page-token/a.h")))), 1)
        self.assertEqual(list(check_path(pathlib.PurePath("tools/lint/tests/__init__.py"))), [])

    def test_of_other_kinds_too(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("0001_Users.sql", "BadName.proto", "README.md", "Dockerfile", "good.py"):
                (root / name).write_text("\n")

            found = [finding.path for finding in check_tree(root)]

        self.assertEqual(found, ["0001_Users.sql", "BadName.proto"])


if __name__ == "__main__":
    unittest.main()
