import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from includes import check  # noqa: E402


def findings(path, include):
    return [what for _, what in check(pathlib.PurePath(path), f"#include {include}\n")]


class Includes(unittest.TestCase):
    def assert_clean(self, path, *includes):
        for include in includes:
            self.assertEqual(findings(path, include), [], f"{path}: {include}")

    def assert_flagged(self, path, include, word):
        found = findings(path, include)
        self.assertTrue(any(word in what for what in found), f"{path}: {include}\n{found}")

    def test_features_stand_on_the_ground(self):
        self.assert_clean("lib/invitations/create.cc", '"model/email.h"', '"async/task.h"',
                          '"pg/pool.h"', '"storage/gate.h"', '"invitations/rows.h"', "<vector>",
                          '"absl/status/status.h"')

    def test_features_do_not_stand_on_each_other(self):
        self.assert_flagged("lib/invitations/create.cc", '"directory/rows.h"', "does not stand on")
        self.assert_flagged("lib/directory/leave.cc", '"events/append.h"', "does not stand on")
        self.assert_flagged("lib/events/append.cc", '"invitations/rows.h"', "does not stand on")

    def test_nothing_includes_upward(self):
        self.assert_flagged("lib/model/email.cc", '"pg/pool.h"', "does not stand on")
        self.assert_flagged("lib/async/lane.cc", '"model/email.h"', "does not stand on")
        self.assert_flagged("lib/pg/pool.cc", '"model/email.h"', "does not stand on")
        self.assert_flagged("lib/mail/worker.cc", '"invitations/rows.h"', "does not stand on")
        self.assert_flagged("lib/pg/pool.cc", '"server/run.h"', "does not stand on server")
        self.assert_flagged("server/run.cc", '"tests/support/database.h"', "stand on tests")
        self.assert_clean("tests/e2e/a_test.cc", '"server/run.h"', '"tests/support/database.h"')

    def test_new_library_has_to_be_placed(self):
        self.assert_flagged("lib/novel/a.cc", '"model/email.h"', "is new")

    def test_grpc_stays_in_the_server(self):
        self.assert_clean("server/run.cc", "<grpcpp/grpcpp.h>", '"usher/v1/resources.pb.h"')
        self.assert_flagged("lib/model/email.cc", '"usher/v1/resources.pb.h"', "generated headers")
        self.assert_flagged("lib/mail/worker.cc", "<grpcpp/grpcpp.h>", "gRPC")
        self.assert_flagged("lib/pg/pool.cc", "<google/protobuf/message.h>", "gRPC")

    def test_lanes_have_the_completion_queue_only(self):
        self.assert_clean("lib/async/lane.h", "<grpcpp/completion_queue.h>", "<grpcpp/alarm.h>",
                          "<grpc/support/time.h>")
        self.assert_flagged("lib/async/lane.h", "<grpcpp/server.h>", "gRPC")
        self.assert_flagged("lib/pg/pool.h", "<grpcpp/alarm.h>", "gRPC")

    def test_libpq_stays_in_pg(self):
        self.assert_clean("lib/pg/connection.cc", "<libpq-fe.h>")
        self.assert_clean("tests/support/database.cc", "<libpq-fe.h>")
        self.assert_flagged("lib/mail/worker.cc", "<libpq-fe.h>", "lib/pg")
        self.assert_flagged("server/run.cc", "<libpq-fe.h>", "lib/pg")

    def test_model_is_pure(self):
        self.assert_clean("lib/model/text.cc", "<string>", "<utf8proc.h>", "<openssl/hmac.h>")
        self.assert_flagged("lib/model/text.cc", "<curl/curl.h>", "lib/model")
        self.assert_flagged("lib/model/text.cc", "<sys/socket.h>", "lib/model")

    def test_paths_begin_at_the_include_root(self):
        self.assert_flagged("lib/pg/pool.cc", '"../async/lane.h"', "include root")
        self.assert_flagged("lib/pg/pool.cc", '"/usr/include/zlib.h"', "include root")
        self.assert_flagged("lib/pg/pool.cc", '"batch.h"', "include root")
        self.assert_flagged("lib/async/lane.cc", "<pg/pool.h>", "does not stand on")

    def test_comments_include_nothing(self):
        text = '// #include "pg/pool.h"\n/*\n#include "pg/pool.h"\n*/\n'
        self.assertEqual(list(check(pathlib.PurePath("lib/model/a.cc"), text)), [])

    def test_line_is_named(self):
        text = '#include <string>\n\n#include "pg/pool.h"\n'
        self.assertEqual([line for line, _ in check(pathlib.PurePath("lib/model/a.cc"), text)], [3])


if __name__ == "__main__":
    unittest.main()
