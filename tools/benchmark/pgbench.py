"""The ceiling under an RPC: pgbench with the very statements that usherd sends for it.

They are taken from PostgreSQL's log while usherd answers one call, with their arguments; then ids
and addresses of that call become pgbench variables.
"""

import re
import resource
import subprocess
import time

import ids
from data import FIRST_SMALL, LARGE
from stand import BIN, cpu_seconds

UUID = re.compile(r"'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'")
ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [^\[\n]*\[\d+\] ", re.MULTILINE)
EXECUTED = re.compile(r"LOG:  duration: .* ms  execute (\S+): (.*)\n", re.DOTALL)
VALUE = re.compile(r"\$\d+ = (NULL|'(?:[^']|'')*')")
CLIENTS = (8, 16)
READY_TO_ACCEPT = 60_000


class Pgbench:
    """Runs scripts against the database of a server."""

    def __init__(self, database, server, calls, folder):
        self.database = database
        self.server = server
        self.calls = calls
        self.folder = folder
        self.scripts = {}
        self.clients = {}
        self.round = 0

    def run(self, rpc, seconds):
        """One measurement, with the number of clients that was best before the first."""
        if rpc.make not in self.scripts:
            self.scripts[rpc.make] = self._script(rpc)
            rates = {clients: self._run(rpc, clients, max(1, seconds / 2))["rate"]
                     for clients in CLIENTS}
            self.clients[rpc.make] = max(rates, key=rates.get)
        return self._run(rpc, self.clients[rpc.make], seconds)

    def _run(self, rpc, clients, seconds):
        limit = ["-T", str(max(1, round(seconds)))]
        if rpc.at_once:
            self.round += 1
            limit = ["-t", str(self._make_acceptable(seconds) // clients)]
        variables = {"k": 0, "clients": clients, "base": self._base()}
        own, servers = _children_cpu(), cpu_seconds(self.database.pid)
        output = subprocess.run(
            [f"{BIN}/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", *limit,
             *(f"-D{name}={value}" for name, value in variables.items()),
             "-f", self.scripts[rpc.make], self.database.conninfo],
            check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        if "tps = " not in output:
            raise RuntimeError(output)
        own, servers = _children_cpu() - own, cpu_seconds(self.database.pid) - servers
        done = int(re.search(r"actually processed: (\d+)", output)[1])
        failed = int(re.search(r"failed transactions: (\d+)", output)[1])
        return {"rate": float(re.search(r"tps = (\S+)", output)[1]), "clients": clients,
                "cpu_us": {"postgres": servers * 1e6 / done, "client": own * 1e6 / done},
                "codes": {"failed": failed} if failed else {}}

    def _script(self, rpc):
        make = {"create": self._create, "accept": self._accept}.get(rpc.make, self._read)
        statements, variables, settings = make(rpc)
        lines = [self._with_variables(sql, values, variables) for sql, values in statements]
        if len(lines) > 1:
            lines = ["\\startpipeline", *lines, "\\endpipeline"]
        path = self.folder / f"{rpc.make}.sql"
        settings.append("\\set n random(1, 9000000000000000)")
        path.write_text("\n".join((*settings, *lines)) + "\n")
        return path

    def _read(self, rpc):
        """Any of the rows of the large organization."""
        request = getattr(self.calls, rpc.make)(LARGE)
        rows = self.calls.sizes[LARGE]
        found = self._captured(rpc, request)
        variables = {}
        if "user_id" in request:
            variables[ids.uuid_of(request["user_id"])] = ids.uuid_sql(ids.USER, ":i::bigint")
        if "invitation_id" in request:
            variables[ids.uuid_of(request["invitation_id"])] = ids.uuid_sql(
                ids.INVITATION, f"({LARGE * ids.PER_ORGANIZATION} + :i::bigint)")
        known = ids.uuid_of(request.get("organization_id", ids.organization(LARGE)))
        variables[known] = f"'{known}'"
        if "site_id" in request:
            site = ids.uuid_of(request["site_id"])
            variables[site] = f"'{site}'"
        return found, variables, [f"\\set i random(1, {rows})"]

    def _create(self, rpc):
        request = self.calls.create(0)
        email = request["invitation"]["email"]
        organization = ids.uuid_of(request["organization_id"])
        last = FIRST_SMALL + self.calls.organizations - 1
        variables = {organization: ids.uuid_sql(ids.ORGANIZATION, ":o::bigint"),
                     email: "'p' || :n || '@example.net'"}
        return (self._captured(rpc, request), variables,
                [f"\\set o random({FIRST_SMALL}, {last})"])

    def _accept(self, rpc):
        token, email = next(iter(self.calls.tokens(0, 1)))
        preview = self.server.call("InvitationService.PreviewInvitation", {"token": token}).preview
        found = self._captured(rpc, {"token": token, "accepter": {"email": email}})
        variables = {
            ids.uuid_of(preview.organization_id): ids.uuid_sql(
                ids.ORGANIZATION, ":o::bigint"),
            ids.uuid_of(preview.invitation_id): ids.uuid_sql(ids.INVITATION, ":i::bigint"),
            email: "'ready' || :i || '@example.net'"}
        return found, variables, [
            "\\set r :k * :clients + :client_id", "\\set k :k + 1", "\\set i :base + :r",
            f"\\set o {FIRST_SMALL} + :r % {self.calls.organizations}"]

    def _captured(self, rpc, request):
        """[(SQL, its arguments as literals)] of the RPC's statements, as usherd sends them."""
        self._log_statements("0")
        log = self.database.folder / "log"
        start = log.stat().st_size
        self.server.call(rpc.method, request)
        self._log_statements("-1")
        entries = [*ENTRY.split(log.read_bytes()[start:].decode()), ""]
        found = []
        for entry, after in zip(entries, entries[1:]):
            executed = EXECUTED.fullmatch(entry)
            # Not those by which usherd looks for new events and mails meanwhile.
            if executed and executed[1].startswith(rpc.statements):
                detail = after if after.startswith("DETAIL:  parameters: ") else ""
                found.append((executed[2], [value[1] for value in VALUE.finditer(detail)]))
        return found

    def _log_statements(self, least):
        self.database.query(f"ALTER SYSTEM SET log_min_duration_statement = {least}")
        self.database.query("SELECT pg_reload_conf()")
        # Whoever connects after the reload is told of it as late as those who were there.
        while self.database.query("SHOW log_min_duration_statement")[0] != least:
            time.sleep(0.02)

    def _with_variables(self, sql, values, variables):
        types = self.database.query(
            f"PREPARE probe AS {sql}; SELECT unnest(parameter_types)::text FROM "
            "pg_prepared_statements WHERE name = 'probe'")
        for number in range(len(values), 0, -1):
            value = values[number - 1]
            expression = variables.get(value.strip("'"), value)
            if UUID.fullmatch(value) and value.strip("'") not in variables:
                expression = f"md5('{number} ' || :n)"  # One that usherd had made anew.
            sql = sql.replace(f"${number}", f"({expression})::{types[number - 1]}")
        return sql + ";"

    def _make_acceptable(self, seconds):
        """New invitations, as many as may be accepted in the time; returns their number."""
        count = min(READY_TO_ACCEPT, round(seconds * 8000))
        organization = f"{FIRST_SMALL} + r % {self.calls.organizations}"
        number = f"({self._base()} + r)"
        self.database.query(f"""
            INSERT INTO usher.invitations (
              organization_id, id, email, email_key, first_name, last_name, role, site_access,
              expire_time, delivery, create_time, update_time)
            SELECT {ids.uuid_sql(ids.ORGANIZATION, organization)},
                   {ids.uuid_sql(ids.INVITATION, f'{number}::bigint')},
                   'ready' || {number} || '@example.net', 'ready' || {number} || '@example.net',
                   'Ready', 'Person', 3, 1, now() + interval '7 days', 1, now(), now()
            FROM generate_series(0, {count + 64}) r""")
        return count

    def _base(self):
        """The number before those of this round's invitations."""
        return (1 << 44) + (self.round << 24)


def _children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
