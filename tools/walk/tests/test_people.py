import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from people import COLUMNS, BadFile, read_people  # noqa: E402

ROLES = ["ROLE_UNSPECIFIED", "ROLE_OBSERVER", "ROLE_NETWORK_ADMIN"]


def read(*lines, header=",".join(COLUMNS)):
    return read_bytes("\n".join([header, *lines]).encode())


def read_bytes(content):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "people.csv"
        path.write_bytes(content)
        return read_people(path, ROLES)


class People(unittest.TestCase):
    def test_reads_what_people_write(self):
        people, bad_lines = read('ann@example.com, Ann ,"Archer, Jr.",network admin,all', "",
                                 "ben@example.com,Ben,,Observer,sites:Berlin; Lyon",
                                 "eve@example.com,Eve,E,Observer,groups:Europe")

        self.assertEqual(bad_lines, [])
        ann, ben, eve = people
        self.assertEqual((ann.line, ann.first_name, ann.last_name), (2, "Ann", "Archer, Jr."))
        self.assertEqual((ann.role, ann.all_sites), ("ROLE_NETWORK_ADMIN", True))
        self.assertEqual((ben.line, ben.sites, ben.all_sites), (4, ["Berlin", "Lyon"], False))
        self.assertEqual((eve.groups, eve.sites), (["Europe"], []))

    def test_names_bad_lines_and_goes_on(self):
        people, bad_lines = read("ann@example.com,Ann", "a@example.com,A,A,King,all",
                                 "a@example.com,A,A,Unspecified,all",
                                 "a@example.com,A,A,Observer,sites:", '"forgotten,A,A,Observer,all',
                                 "ben@example.com,Ben,B,Observer,all")

        self.assertEqual([line for line, _ in bad_lines], [2, 3, 4, 5, 6])
        self.assertEqual([person.line for person in people], [7])

    def test_bad_bytes_spoil_one_line(self):
        people, bad_lines = read_bytes(
            ",".join(COLUMNS).encode() + b"\r\n\xff,A,A,Observer,all\r\na@b.example,A,A,Observer,all")

        self.assertEqual([line for line, _ in bad_lines], [2])
        self.assertEqual([person.line for person in people], [3])

    def test_byte_order_mark_is_no_part_of_the_header(self):
        people, _ = read("a@example.com,A,A,Observer,all", header="\ufeff" + ",".join(COLUMNS))

        self.assertEqual(len(people), 1)

    def test_refuses_what_is_no_such_file(self):
        for content in (b"", b"name,role\n", b"\xff\xfe\n"):
            with self.assertRaises(BadFile):
                read_bytes(content)
        with self.assertRaises(BadFile):
            read_people(pathlib.Path("/nowhere/people.csv"), ROLES)


if __name__ == "__main__":
    unittest.main()
