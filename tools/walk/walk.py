#!/usr/bin/python3
"""Walks usher's main job by real gRPC calls, printing each step: what tools/run shows.

Organization, sites and groups; then for each line of a CSV file: invite, read the mail, preview,
accept; then the directory and some access checks. What an earlier walk made (--state) is used
again, and people who are in already count as fine.

Sites and groups that the lines name are made first. Group Europe holds Berlin and Lyon; any other
group holds all sites.

Exit code: 0 every step held; 1 a step did not hold or a line was bad; 2 the walk could not begin.
"""

import argparse
import pathlib
import sys

from client import Client, Refused
from people import BadFile, read_people
from report import Report, State
from steps import Walk

READY_SECONDS = 60


def print_examples(address, state, entries):
    founder = state.founder
    member = entries[0].user_id if entries else founder
    print(f"""
Try it (tools/setup test fetches grpcurl; tools/setup bin says where to):

  grpcurl -plaintext {address} list
  grpcurl -plaintext {address} describe usher.v1.InvitationService
  grpcurl -plaintext -H 'usher-caller: {founder}' \\
    -d '{{"organization_id": "{state.organization}"}}' \\
    {address} usher.v1.UserDirectory/ListUsers
  grpcurl -plaintext -H 'usher-caller: {founder}' \\
    -d '{{"organization_id": "{state.organization}", "invitation": {{"email": "zoe@example.com",
         "first_name": "Zoe", "role": "ROLE_OBSERVER", "site_access": {{"all_sites": true}}}}}}' \\
    {address} usher.v1.InvitationService/CreateInvitation
  grpcurl -plaintext -H 'usher-caller: service' \\
    -d '{{"organization_id": "{state.organization}", "user_id": "{member}",
         "permission": "members.write"}}' \\
    {address} usher.v1.UserDirectory/CheckAccess
""", flush=True)


def take(walk, report, people, bad_lines):
    for line, reason in bad_lines:
        report.fault(f"line {line}: {reason}")
    walk.make_organization()
    walk.make_places(people)
    for person in people:
        walk.bring_in(person)
    entries = walk.list_users()
    walk.check_access(entries)
    return entries


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--proto", required=True, type=pathlib.Path, help="the folder proto/")
    parser.add_argument("--mails", required=True, type=pathlib.Path, help="the catcher's folder")
    parser.add_argument("--state", required=True, type=pathlib.Path, help="file to keep ids in")
    parser.add_argument("people", type=pathlib.Path, help="CSV file")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    report = Report()
    client = Client(arguments.address, arguments.proto)
    try:
        people, bad_lines = read_people(arguments.people,
                                        client.enum("usher.v1.Role").values_by_name)
    except BadFile as error:
        print(f"walk: {error}", file=sys.stderr)
        return 2
    if not client.wait_until_serving(READY_SECONDS):
        print(f"walk: {arguments.address} is not SERVING", file=sys.stderr)
        return 1
    state = State(arguments.state)
    try:
        entries = take(Walk(client, state, arguments.mails, report), report, people, bad_lines)
        print_examples(arguments.address, state, entries)
    except Refused as refusal:
        report.fault(str(refusal))
        if refusal.reason == "ORGANIZATION_EXISTS":
            report.fault(f"{arguments.state} does not know its ids: tools/run --fresh starts over")
    print("Every step held." if report.held else "Some steps did NOT hold: see FAULT above.")
    return 0 if report.held else 1


if __name__ == "__main__":
    sys.exit(main())
