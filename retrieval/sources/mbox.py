"""Tickets in a mailbox: threads of e-mails, joined by In-Reply-To and References, without what they quote."""

import mailbox
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parseaddr
from pathlib import Path

from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

from retrieval.errors import SourceError
from retrieval.sources.fields import read_time
from retrieval.sources.html import text_of_html
from retrieval.sources.raw import BadRow, RawTicket, Role, Said

LANGUAGES = ["en", "de", "fr", "es", "it", "nl"]
LONGEST = 200_000  # bytes of one e-mail that are read
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def mbox_tickets(path: Path, agents: Sequence[str] = ()) -> Iterator[RawTicket | BadRow]:
    """Each thread of `path` as a ticket; its `line` is the number of its first e-mail in the mailbox, from 1.

    `agents` are the addresses (a@shop.com) or domains (shop.com) that answer for the company; without any, whoever
    began a thread is its customer and the others answer. Memory holds the ids of all e-mails and one thread.
    """
    if not path.is_file():
        raise SourceError(f"{path} cannot be read: there is no such file. Check the path.")
    with path.open("rb") as file:
        if not file.read(5) == b"From ":
            raise SourceError(f"{path} is no mbox: its first line must begin with 'From '.")
    box = mailbox.mbox(path, create=False)
    try:
        answering = {agent.lower().lstrip("@") for agent in agents}
        for keys in _threads(box).values():
            try:
                yield _ticket_of(box, keys, answering)
            except Exception as error:  # an e-mail may be broken in any way; the next one need not be
                yield BadRow(path.name, int(keys[0]) + 1, f"an e-mail that cannot be read ({type(error).__name__})")
    finally:
        box.close()


def _threads(box: mailbox.mbox) -> dict[str, list[str]]:
    """The e-mails of each thread by their key, under the id of the one that began it."""
    began: dict[str, str] = {}  # message id -> id of the thread
    threads: dict[str, list[str]] = {}
    for key in box.keys():  # noqa: SIM118  a mailbox is no mapping: iterating over it reads the e-mails
        head = BytesHeaderParser(policy=policy.compat32).parsebytes(box.get_bytes(key))
        own = str(head.get("Message-ID", "")).strip() or f"<{key}>"
        earlier = f"{head.get('References', '')} {head.get('In-Reply-To', '')}".split()
        thread = next((began[name] for name in earlier if name in began), earlier[0] if earlier else own)
        for name in (own, *earlier):
            began.setdefault(name, thread)
        threads.setdefault(thread, []).append(key)
    return threads


def _ticket_of(box: mailbox.mbox, keys: Sequence[str], agents: set[str]) -> RawTicket:
    mails = [_read(box.get_bytes(key)) for key in keys]
    mails.sort(key=lambda mail: read_time(mail["Date"]) or _EARLIEST)
    senders = [parseaddr(str(mail["From"]))[1].lower() for mail in mails]
    first = next((sender for sender in senders if not _answers(sender, agents)), "")
    said = []
    for mail, sender in zip(mails, senders, strict=True):
        is_agent = _answers(sender, agents) if agents else sender != first
        text = _own_words(_body(mail))
        if mail is mails[0] and not is_agent:
            text = f"{_subject(mail)}\n{text}".strip()
        said.append(Said(Role.AGENT if is_agent else Role.CUSTOMER, text, read_time(mail["Date"])))
    return RawTicket(
        int(keys[0]) + 1, tuple(said), origin=str(mails[0]["Message-ID"] or "").strip(), created=said[0].at
    )


def _read(raw: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(raw[:LONGEST])


def _answers(sender: str, agents: set[str]) -> bool:
    return sender in agents or sender.rpartition("@")[2] in agents


def _subject(mail: EmailMessage) -> str:
    subject = str(mail["Subject"] or "").strip()
    while subject[:3].lower() in ("re:", "fw:", "aw:"):
        subject = subject[3:].strip()
    return subject


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError, AttributeError):  # an unknown or a wrong charset
        raw = part.get_payload(decode=True)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    return text_of_html(text) if part.get_content_subtype() == "html" else text


def _own_words(body: str) -> str:
    """What the sender wrote, without the earlier e-mails under it and without lines quoted between."""
    latest = EmailReplyParser(languages=list(LANGUAGES)).parse_reply(body) or ""
    return "\n".join(line for line in latest.splitlines() if not line.lstrip().startswith(">")).strip()
