#!/usr/bin/python3
"""Reads a message on standard input with Python's own parser and prints what it found as JSON.

With --lines each line of input is a message in base64, and each line of output one of JSON.
"""

import base64
import json
import sys
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.utils import parseaddr


def mailboxes(header, raw):
    """Counted by the strict parser; the name is decoded by the older one, since up to Python 3.12
    the strict one keeps the white space between encoded words of a name (bpo-35547)."""
    names = [str(make_header(decode_header(parseaddr(raw)[0])))]
    return [{"name": name, "address": one.addr_spec}
            for name, one in zip(names, header.addresses, strict=True)]


def parse(raw):
    message = BytesParser(policy=policy.strict).parsebytes(raw)
    compat = BytesParser(policy=policy.compat32).parsebytes(raw)
    lines = raw.split(b"\r\n")
    headers = [name.lower() for name in message.keys()]
    return {
        "headers": headers,
        "defects": [str(defect) for name in message.keys() for defect in message[name].defects],
        "addresses": {
            name: mailboxes(message[name], compat[name])
            for name in ("from", "reply-to", "to") if name in headers
        },
        "subject": message["subject"],
        "message_id": message["message-id"],
        "date": message["date"].datetime.isoformat(),
        "auto_submitted": message["auto-submitted"],
        "mime_version": message["mime-version"],
        "type": message.get_content_type(),
        "parts": [
            {"type": part.get_content_type(), "charset": part.get_content_charset(),
             "content": part.get_content().replace("\r\n", "\n")}
            for part in message.iter_parts()
        ],
        "bare_line_ends": sum(b"\n" in line or b"\r" in line for line in lines),
        "longest_line": max(map(len, lines)),
        "ascii": raw.isascii(),
    }


def main():
    if sys.argv[1:] == ["--lines"]:
        for line in sys.stdin:
            print(json.dumps(parse(base64.b64decode(line))), flush=True)
    else:
        json.dump(parse(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
