"""What a run stands on: a durable PostgreSQL, usherd and the bare gRPC server, each with an end."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "walk"))

from client import SERVICE, Client  # noqa: E402

BIN = "/usr/lib/postgresql/15/bin"
TICKS = os.sysconf("SC_CLK_TCK")
# As somebody would run it who cares for what is in it. What decides over durability is PostgreSQL's
# default, and printed with the results.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "15min",
            "effective_cache_size": "4GB", "random_page_cost": "1.1"}
SHOWN = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method",
         *SETTINGS)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """What a process and its children have used, ended children included."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    total = 0
    for each in (str(pid), *children):
        try:
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


class Database:
    """A cluster of its own with durable commits."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.conninfo = self._tool("start").strip()
        for name, value in SETTINGS.items():
            self.query(f"ALTER SYSTEM SET {name} = '{value}'")
        self._tool("stop")
        self._tool("start")
        self.pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        self.settings = {name: self.query(f"SHOW {name}")[0] for name in SHOWN}

    def _tool(self, action):
        return subprocess.check_output([ROOT / "tools" / "postgres", action, self.folder], text=True)

    def query(self, sql):
        return subprocess.run([f"{BIN}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.conninfo,
                               "-c", sql], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.splitlines()

    def remove(self):
        self._tool("remove")


class Server:
    """A running usherd."""

    def __init__(self, binary, folder, database, *flags):
        keys = pathlib.Path(folder) / "keys"
        if not keys.exists():
            keys.write_bytes(subprocess.check_output([binary, "generate-token-key"]))
        self.address = f"127.0.0.1:{free_port()}"
        self.log = open(pathlib.Path(folder) / "usherd.log", "ab")
        self.process = subprocess.Popen(
            [binary, "serve", "--auth=insecure", "--migrate", f"--token_key_file={keys}",
             f"--listen={self.address}", f"--metrics_listen=127.0.0.1:{free_port()}",
             f"--database={database.conninfo}", "--drain_delay=0s", "--log_level=error",
             "--mail_external=true", *flags], stderr=self.log)
        self.pid = self.process.pid
        self.client = Client(self.address, ROOT / "proto")
        if not self.client.wait_until_serving(30):
            self.stop()
            raise RuntimeError(f"usherd does not serve, see {self.log.name}")

    def call(self, method, request, seconds=60):
        return self.client.call(method, request, SERVICE, seconds=seconds)

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Echo:
    """The bare gRPC server."""

    def __init__(self, binary, response_size):
        self.address = f"127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [binary, f"--listen={self.address}", f"--response_size={response_size}"],
            stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.process.stdout.readline()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def load(binary, target, method, requests, watch, **options):
    """What bench_load found."""
    service, name = method.split(".")
    flags = []
    for key, value in options.items():
        flags += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    for key, pid in watch.items():
        flags += ["--watch", f"{key}={pid}"]
    output = subprocess.check_output(
        [binary, "--target", target, "--method", f"/usher.v1.{service}/{name}",
         "--requests", requests, "--metadata=usher-caller=service", *flags], text=True)
    return json.loads(output)
