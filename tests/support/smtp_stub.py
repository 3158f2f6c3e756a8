#!/usr/bin/python3
"""A mail server that does as it is told, on loopback, for tests of what sends mail.

    smtp_stub.py FOLDER SCRIPT [PORT]

SCRIPT is a JSON list with one object for each session in turn; the last one stays in force, and
"[]" behaves well. An object names what goes differently:

    "banner", "ehlo", "starttls", "mail", "rcpt", "data", "end"
                  the reply at that step instead of the usual one, such as "451 later". "end" is the
                  step after the final dot. "drop" closes the connection instead, "hang" never
                  answers. 421 closes the connection after the reply.
    "in_data"     "drop" closes the connection after the first line of the message.
    "delay_ms"    how long each reply takes, in milliseconds.
    "extensions"  list of what EHLO offers, such as "STARTTLS"; offered only: there is no TLS here.

Message number 7 becomes FOLDER/000007.eml, with dots unescaped, once its final dot has come, also
when the script then keeps the answer back. FOLDER/commands.log has every command line, a session
per "--" line. The port is printed as the only line of output. Ends when its input ends.
"""

import json
import pathlib
import socketserver
import sys
import threading
import time

HOST = "127.0.0.1"


class Stop(Exception):
    """Ends the session."""


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.script = self.server.next_script()
        try:
            self.answer("banner", "220 stub ready")
            while line := self.rfile.readline():
                self.server.log(line)
                self.command(line.decode("latin-1").strip())
        except (Stop, ConnectionError):
            pass

    def command(self, line):
        verb = line.split(" ")[0].split(":")[0].upper()
        if verb == "EHLO":
            names = ["stub", *self.script.get("extensions", [])]
            dashes = "".join(f"250-{name}\r\n" for name in names[:-1])
            self.answer("ehlo", f"{dashes}250 {names[-1]}")
        elif verb == "DATA":
            if self.answer("data", "354 go ahead").startswith("354"):
                self.receive()
        elif verb == "QUIT":
            self.reply("221 bye")
            raise Stop
        elif verb == "STARTTLS":
            self.answer("starttls", "454 no TLS here")
        elif verb in ("MAIL", "RCPT"):
            self.answer(verb.lower(), "250 fine")
        else:
            self.reply("502 unknown")

    def receive(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line or self.script.get("in_data") == "drop":
                raise Stop
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.keep(b"".join(lines))
        self.answer("end", "250 kept")

    def answer(self, step, usual):
        told = self.script.get(step, usual)
        if told == "drop":
            raise Stop
        if told == "hang":
            self.rfile.read()
            raise Stop
        self.reply(told)
        if told.startswith("421"):
            raise Stop
        return told

    def reply(self, text):
        time.sleep(self.script.get("delay_ms", 0) / 1000)
        self.wfile.write(f"{text}\r\n".encode())


class Stub(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder, script, port):
        super().__init__((HOST, port), Session)
        self.folder = folder
        self.script = script or [{}]
        self.sessions = 0
        self.kept = 0
        self.lock = threading.Lock()
        self.log(b"")

    def next_script(self):
        with self.lock:
            index = min(self.sessions, len(self.script) - 1)
            self.sessions += 1
        self.log(b"--\r\n")
        return self.script[index]

    def log(self, line):
        with self.lock, open(self.folder / "commands.log", "ab") as log:
            log.write(line)

    def keep(self, message):
        with self.lock:
            self.kept += 1
            path = self.folder / f"{self.kept:06}.eml"
        draft = path.with_name(f".{path.name}.draft")
        draft.write_bytes(message)
        draft.rename(path)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: smtp_stub.py FOLDER SCRIPT [PORT]")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    stub = Stub(folder, json.loads(sys.argv[2]), int((sys.argv[3:] or ["0"])[0]))
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    print(stub.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
