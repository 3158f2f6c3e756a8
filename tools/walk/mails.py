"""Reads invitations from the folder in which tests/support/smtp_catcher.py keeps mails."""

import dataclasses
import email
import email.policy
import json
import pathlib
import re
import time
import urllib.parse

LINK = re.compile(r"https?://[^\s<>\"]+[?&]token=[^\s<>\"]+")


@dataclasses.dataclass
class InvitationMail:
    file: pathlib.Path
    subject: str
    kinds: list
    token: str


def mails_to(folder, address):
    """The invitations to an address, newest first."""
    found = []
    for envelope in sorted(pathlib.Path(folder).glob("*.json"), reverse=True):
        recipients = json.loads(envelope.read_text(encoding="utf-8"))["to"]
        if address.casefold() not in (recipient.casefold() for recipient in recipients):
            continue
        mail = read_mail(envelope.with_suffix(".eml"))
        if mail.token:
            found.append(mail)
    return found


def read_mail(path):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    text = message.get_body(preferencelist=("plain",))
    link = LINK.search(text.get_content()) if text else None
    query = urllib.parse.urlsplit(link.group()).query if link else ""
    token = urllib.parse.parse_qs(query).get("token", [""])[0]
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    return InvitationMail(path, message["subject"] or "", kinds, token)


def wait_for_mail(folder, address, accepted, seconds):
    """The newest mail to the address that `accepted` says yes to, or None when time is up."""
    end = time.monotonic() + seconds
    while True:
        for mail in mails_to(folder, address):
            if accepted(mail):
                return mail
        if time.monotonic() > end:
            return None
        time.sleep(0.1)
