#!/usr/bin/python3
"""Receives mail on loopback and keeps each one as a file, for tools/run and the tests.

    smtp_catcher.py FOLDER [--port N] [--port_file FILE]
                    [--certificate FILE --key FILE [--tls starttls|required|implicit]]
                    [--user NAME --password WORD]

Mail number 7 becomes FOLDER/000007.eml, as it came over the wire, beside FOLDER/000007.json with
its envelope. A file appears complete or not at all, the .json last: who sees it may read both.
Numbers go on from what the folder holds. The port (0 chooses a free one) is printed and, with
--port_file, written to that file. SIGTERM or SIGINT ends it.

With a certificate it offers STARTTLS, takes nothing without it ("required"), or speaks TLS from the
first byte ("implicit"). With a user it takes mail of nobody else.
"""

import argparse
import asyncio
import json
import pathlib
import signal
import ssl
import sys
import time

from aiosmtpd.smtp import SMTP, AuthResult

HOST = "127.0.0.1"


def write_whole(path, content):
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.rename(path)


class Mailbox:
    """The folder of mails; an aiosmtpd handler."""

    def __init__(self, folder):
        self.folder = folder
        kept = [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdecimal()]
        self.last = max(kept, default=0)

    async def handle_DATA(self, server, session, envelope):
        self.last += 1
        name = f"{self.last:06}"
        write_whole(self.folder / f"{name}.eml", envelope.original_content)
        details = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "helo": session.host_name,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "received": time.time(),
        }
        write_whole(self.folder / f"{name}.json", json.dumps(details).encode())
        return f"250 OK kept as {name}"


def tls_context(arguments):
    if not arguments.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.certificate, arguments.key)
    return context


def server_options(arguments, context):
    options = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if context and arguments.tls != "implicit":
        options |= {"tls_context": context, "require_starttls": arguments.tls == "required"}
    if arguments.user:
        expected = (arguments.user.encode(), arguments.password.encode())
        options |= {
            "auth_required": True,
            # aiosmtpd does not count a session that began with TLS.
            "auth_require_tls": arguments.tls != "implicit",
            "authenticator": lambda server, session, envelope, mechanism, data: AuthResult(
                success=(data.login, data.password) == expected, auth_data=data, handled=False),
        }
    return options


async def serve(arguments):
    arguments.folder.mkdir(parents=True, exist_ok=True)
    mailbox = Mailbox(arguments.folder)
    context = tls_context(arguments)
    options = server_options(arguments, context)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, **options), HOST, arguments.port,
        ssl=context if arguments.tls == "implicit" else None)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    if arguments.port_file:
        write_whole(arguments.port_file, f"{port}\n".encode())

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port_file", type=pathlib.Path)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--tls", choices=["starttls", "required", "implicit"], default="starttls")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    try:
        asyncio.run(serve(parser.parse_args()))
    except OSError as error:
        sys.exit(f"smtp_catcher: {error}")


if __name__ == "__main__":
    main()
