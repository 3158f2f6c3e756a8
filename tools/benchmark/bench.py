"""Measures usher and its ceilings in one run; see tools/bench."""

import argparse
import itertools
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import report
from calls import Calls
from data import LARGE, fill
from pgbench import Pgbench
from scenarios import CHANGES, RPCS, SHARING_OFF, closed, growth, opened
from stand import ROOT, Database, Echo, Server, load

PREPARED = 20_000        # Requests that a reading scenario goes through in turn.
MOST_CHANGES = 30_000    # Changes a second for which requests are prepared.
MOST_SCARCE = 5_000      # Likewise where each uses up a row that takes time to make.
ECHO = "bare gRPC echo, 64"


class Bench:
    """One run: its stand, and what was found."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = pathlib.Path(folder)
        self.results = {}
        self.files = {}
        self.ends = []
        programs = arguments.build / "tools" / "benchmark"
        self.loader = programs / "bench_load"
        usherd = arguments.usherd or arguments.build / "server" / "usherd"
        self.database = self._until_end(Database(f"{folder}/postgres"), Database.remove)
        self.echo = self._until_end(Echo(programs / "bench_echo", 40), Echo.stop)
        self.servers = {"usherd": self._until_end(
            Server(usherd, folder, self.database, *arguments.flag), Server.stop)}
        start = time.monotonic()
        fill(self.database, arguments.organizations, arguments.rows)
        say(f"filled in {time.monotonic() - start:.0f} s")
        self.servers[SHARING_OFF] = self._until_end(
            Server(usherd, folder, self.database, "--database_sharing=1", *arguments.flag),
            Server.stop)
        self.server = self.servers["usherd"]
        self.calls = Calls(self.server.client, arguments.organizations, arguments.rows)
        self.pgbench = Pgbench(self.database, self.server, self.calls, self.folder)

    def _until_end(self, thing, end):
        self.ends.append((end, thing))
        return thing

    def close(self):
        for end, thing in reversed(self.ends):
            end(thing)

    def run(self):
        """Every scenario once, then all again: what changes on the machine meanwhile meets all."""
        quick = self.arguments.quick
        for _ in range(self.arguments.repetitions):
            for scenario in self._chosen(itertools.chain(closed(quick), growth())):
                if scenario.rpc == "CheckAccess" and scenario.server == "usherd":
                    self._keep(ECHO, self._echo())
                self._keep(scenario.name, self._measure(scenario))
                rpc = RPCS[scenario.rpc]
                if rpc.statements and scenario.name == f"{scenario.rpc}, 64":
                    self._keep(f"pgbench of {scenario.rpc}",
                               self.pgbench.run(rpc, self.arguments.seconds))
            for scenario in self._chosen(opened(quick)):
                self._keep(scenario.name, self._measure(scenario))

    def _chosen(self, scenarios):
        return [s for s in scenarios if any(word in s.name for word in self.arguments.only)]

    def _keep(self, name, run):
        result = self.results.setdefault(name, {"runs": []})
        rpc = RPCS.get(name.rsplit(", ", 1)[0])
        if rpc and rpc.rows > 1:
            result["rows"] = rpc.rows
        result["runs"].append(run)
        ms, cpu = run.get("ms", {}), run["cpu_us"]
        errors = report.errors({"runs": [run]})
        say(f"{name:44} {run['rate']:9.0f}/s  p50 {ms.get('p50', 0):6.2f}  p99 {ms.get('p99', 0):7.2f} ms"
            f"  CPU {cpu.get('server', 0):5.0f} + {cpu.get('postgres', 0):5.0f} µs"
            + (f"  errors {errors} {run.get('first_error', '')}" if errors else ""))

    def _echo(self):
        rpc = RPCS["CheckAccess"]
        return load(self.loader, self.echo.address, rpc.method, self._file(rpc, LARGE),
                    {"server": self.echo.pid}, **self._times(), in_flight=64)

    def _measure(self, scenario):
        rpc = RPCS[scenario.rpc]
        server = self.servers[scenario.server]
        options = self._times()
        if scenario.share:
            reached = self.results.get(f"{scenario.rpc}, 64")
            options["rate"] = scenario.share * report.middle(run["rate"] for run in reached["runs"])
        else:
            options["in_flight"] = scenario.in_flight
        path = self._file(rpc, scenario.organization)
        if rpc.kind == CHANGES:
            options["once"] = True
        return load(self.loader, server.address, rpc.method, path,
                    {"server": server.pid, "postgres": self.database.pid}, **options)

    def _times(self):
        return {"seconds": self.arguments.seconds, "warm_up": min(1, self.arguments.seconds / 4)}

    def _file(self, rpc, organization):
        """A file of requests; of those that read, the same one again."""
        key = (rpc.make, organization)
        if rpc.kind != CHANGES and key in self.files:
            return self.files[key]
        path = self.folder / f"{rpc.make}.{organization}.requests"
        make = getattr(self.calls, rpc.make)
        count = self._count(rpc)
        at = organization or (0 if rpc.kind == CHANGES or rpc.at_once else LARGE)
        requests = make(at, count) if rpc.at_once else (make(at) for _ in range(count))
        self.calls.write(path, rpc.method, requests)
        self.files[key] = path
        return path

    def _count(self, rpc):
        if rpc.kind != CHANGES:
            return max(100, PREPARED // rpc.rows)
        # An end of the requests ends the measurement early. Tokens take time to make.
        most = MOST_SCARCE if rpc.at_once or rpc.scarce else MOST_CHANGES
        return max(100, round(most * sum(self._times().values()) / rpc.rows))


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    model = next((line.split(": ")[1] for line in
                  pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": os.cpu_count(), "system": platform.platform(),
            "load_before": os.getloadavg()[0]}


def commit():
    run = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return run.stdout.strip()


def measure(arguments):
    with tempfile.TemporaryDirectory(prefix="usher-bench-", dir="/var/tmp") as folder:
        os.chmod(folder, 0o711)
        where, bench = machine(), None
        try:
            bench = Bench(arguments, folder)
            say(" ".join(f"{name}={value}" for name, value in bench.database.settings.items()))
            bench.run()
            return {"machine": where, "commit": commit(), "command": arguments.command,
                    "settings": bench.database.settings,
                    "data": {"organizations": arguments.organizations, "rows": arguments.rows},
                    "memory_mib": bench.server.memory_mib(), "results": bench.results}
        finally:
            if bench:
                bench.close()


def show(found):
    heads = [f"{name}: {value}" for name, value in
             (*found["machine"].items(), *found["settings"].items(), *found["data"].items())]
    print("\n".join((", ".join(heads), "", *report.table(found["results"]), "",
                     *report.ratios(found["results"]))))


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench")
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--usherd", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--plots", type=pathlib.Path)
    parser.add_argument("--compare", nargs=2, type=pathlib.Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--flag", action="append", default=[])
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--repetitions", type=int)
    parser.add_argument("--organizations", type=int, default=1000)
    parser.add_argument("--rows", type=int)
    arguments = parser.parse_args()
    arguments.command = " ".join(["tools/bench", *sys.argv[1:]])
    arguments.seconds = arguments.seconds or (1.5 if arguments.quick else 5)
    arguments.repetitions = arguments.repetitions or (1 if arguments.quick else 3)
    arguments.rows = arguments.rows or (20_000 if arguments.quick else 100_000)
    arguments.only = arguments.only or [""]
    return arguments


def main():
    arguments = parse()
    if arguments.compare:
        before, after = (json.loads(path.read_text()) for path in arguments.compare)
        print("\n".join(report.compare(before, after)))
        return 0
    found = measure(arguments)
    show(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")
    if arguments.plots:
        import plots  # pylint: disable=import-outside-toplevel
        plots.throughput(found["results"], arguments.plots / "throughput.svg")
        plots.latency(found["results"], arguments.plots / "latency.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
