"""Past tickets from a file into the store."""

import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from rich.progress import Progress

from bot.errors import ContentError
from bot.importing import ImportReport, import_tickets, read_tickets
from bot.store import Store
from guardrails.placeholders import Placeholders
from guardrails.screening import Screened
from guardrails.verdict import Action, Finding, Span, Verdict
from models.runtime import Reading
from retrieval.errors import SourceError
from retrieval.sources import BadRow, RawTicket, Role, Said, Source, open_source

READ = Reading((), (), {}, {})
EMAIL = re.compile(r"[\w.]+@\w+\.\w+")


class FakeScreen:
    """Redacts e-mail addresses, refuses answers that swear, and cannot redact a text with "BROKEN" in it."""

    policy = SimpleNamespace(version="p1")

    def __init__(self) -> None:
        self.approved: list[str] = []
        self.reread = 0

    def redact(self, text: str, memory: Placeholders | None = None, *, again: bool = False) -> Screened:
        memory = Placeholders.after(text if again else "") if memory is None else memory
        safe = "" if "BROKEN" in text else EMAIL.sub(lambda match: memory.name("EMAIL", match[0]), text)
        return Screened(Verdict(Action.ALLOW, safe), READ if safe == text else None)

    def approve(self, text: str, reading: Reading | None = None) -> Verdict:
        self.approved.append(text)
        self.reread += reading is None
        if "damn" not in text:
            return Verdict(Action.ALLOW, text)
        return Verdict(Action.REFUSE, text, (Finding("toxicity", "obscene", 1.0, action=Action.REFUSE),))

    def content_key(self, text: str) -> str:
        return f"{hash(text):x}"


def written(path: Path, *rows: dict) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def row(question: str = "where is my parcel", answer: str = "It left today.", **more: object) -> dict:
    return {"customer": question, "agent": answer, **more}


def run(path: Path, store: Store, **options) -> ImportReport:
    return import_tickets(open_source(path), store, FakeScreen(), **options)


def test_a_ticket_is_cleaned_redacted_and_kept_with_what_is_known_of_it(store: Store, tmp_path: Path) -> None:
    file = written(
        tmp_path / "t.jsonl",
        row(
            "Hello, where is my parcel? I am ann@x.com. Kind regards, Ann",
            "Hi Ann,\n\nIt left today. We write to ann@x.com.\n\nBest wishes,\nTom",
            id="A-1", created="2025-01-07T09:12:00", rating=5, intent="order_status", agent_name="Tom",
        ),
    )  # fmt: skip
    report = run(file, store)
    ((_, ticket),) = store.tickets.each()
    assert (report.kept, report.bad) == (1, 0)
    assert ticket.question == "where is my parcel? I am [EMAIL_1]."
    assert ticket.answer == "It left today. We write to [EMAIL_1]."
    assert (ticket.origin, ticket.rating, ticket.intent) == ("A-1", 5, "order_status")
    assert ticket.created is not None
    assert ticket.created.year == 2025


class Strict(FakeScreen):
    """Refuses promises of a new one, and swearing."""

    def approve(self, text: str, reading: Reading | None = None) -> Verdict:
        verdict = super().approve(text, reading)
        if (at := text.find("a new one")) < 0:
            return verdict
        spans = (Span(at, at + 9, "replacement"),)
        found = Finding("promises", "replacement", 0.9, spans, action=Action.REFUSE)
        return Verdict(Action.REFUSE, text, (found, *verdict.findings))


@pytest.mark.parametrize(
    ("answer", "kept", "shortened"),
    [
        (
            "We'll send a new one. It comes by post. Hold the reset for ten seconds.",
            "Hold the reset for ten seconds.",
            1,
        ),
        ("We'll send a new one. Hold the damn reset for ten seconds.", None, 0),
        ("We'll send a new one on Friday or so.", None, 0),
        ("We'll send a new one. Bye now.", None, 0),
    ],
)
def test_of_an_answer_that_promises_what_the_policy_refuses_the_rest_is_kept_where_it_says_enough(
    light: Store, tmp_path: Path, answer: str, kept: str | None, shortened: int
) -> None:
    rows = (row(f"the lamp flickers {word}", answer) for word in ("a lot", "again"))
    report = import_tickets(open_source(written(tmp_path / "t.jsonl", *rows)), light, Strict())
    assert {ticket.answer for _, ticket in light.tickets.each()} == {kept or answer}
    assert (report.shortened, report.refused) == (2 * shortened, 2 - 2 * shortened)
    assert ("without a promise" in report.summary()) is bool(shortened)
    assert set(light.content.approvals("p1").values()) == {"ALLOW" if kept else "REFUSE"}


def test_run_again_it_adds_nothing(store: Store, tmp_path: Path) -> None:
    file = written(tmp_path / "t.jsonl", row(), row("the lamp flickers ann@x.com", "Try another bulb."))
    assert run(file, store).kept == 2
    before = store.tickets.fingerprint()
    again = run(file, store)
    assert (again.kept, again.duplicates) == (0, 2)
    assert store.tickets.fingerprint() == before


@pytest.mark.parametrize(
    ("question", "answer", "kept"),
    [
        ("Where is my PARCEL?!", "It left today", 1),
        ("where is my parcel 12345", "It left today.", 1),
        ("where is my parcel", "It left on day 2.", 2),
        ("where is my lamp", "It left today.", 2),
    ],
)
def test_near_copies_are_kept_once(light: Store, tmp_path: Path, question: str, answer: str, kept: int) -> None:
    file = written(tmp_path / "t.jsonl", row(), row(question, answer))
    report = run(file, light)
    assert (report.kept, report.duplicates) == (kept, 2 - kept)


def test_bad_rows_are_named_by_file_and_line_and_skipped(light: Store, tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    good, no_answer = json.dumps(row()), json.dumps(row(answer=""))
    file.write_text("\n".join([good, "{secret", '["secret"]', no_answer, json.dumps(row("BROKEN secret"))]))
    report = run(file, light)
    assert report.kept == 1
    assert [str(bad) for bad in report.skipped] == [
        "t.jsonl:2: not JSON",
        "t.jsonl:3: not a JSON object",
        "t.jsonl:4: no answer",
        "t.jsonl:5: personal data could not be taken out of it",
    ]
    assert "secret" not in report.summary() + json.dumps(report.to_dict())
    assert "4 bad rows skipped" in report.summary()


def test_strict_imports_nothing_when_a_row_is_bad(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(json.dumps(row()) + "\n{secret")
    with pytest.raises(ContentError, match=r"t\.jsonl:2: not JSON. Nothing was imported") as caught:
        run(file, store, strict=True)
    assert "secret" not in str(caught.value)
    assert store.tickets.count() == 0


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SourceError("broken off"), MemoryError()])
def test_an_interrupted_import_leaves_the_store_as_it_was_and_can_be_run_again(
    store: Store, tmp_path: Path, stop: BaseException
) -> None:
    run(written(tmp_path / "old.jsonl", row("an older one")), store)
    before = store.tickets.fingerprint()
    file = written(tmp_path / "t.jsonl", *(row(f"question {word}", "answer here ok") for word in words(1200)))
    whole = open_source(file)

    def breaks_off() -> Iterator[RawTicket | BadRow]:
        for number, ticket in enumerate(whole):
            if number == 1100:
                raise stop
            yield ticket

    with pytest.raises(type(stop)):
        import_tickets(Source(file, "jsonl", breaks_off), store, FakeScreen())
    assert store.tickets.fingerprint() == before
    assert store.content.approvals("p1").keys() == {FakeScreen().content_key("It left today.")}
    assert run(file, store).kept == 1200
    assert store.tickets.count() == 1201


def test_a_wrong_encoding_says_where_and_what_to_do(light: Store, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes("question,answer\nwhere is the café,It is shut\n".encode("cp1252"))
    with pytest.raises(SourceError, match=r"t\.csv is not utf-8: byte 32 cannot be decoded.*--encoding"):
        run(file, light)
    assert light.tickets.count() == 0
    assert import_tickets(open_source(file, encoding="cp1252"), light, FakeScreen()).kept == 1


def test_tickets_that_are_still_open_are_counted_and_left_out(light: Store, tmp_path: Path) -> None:
    report = run(written(tmp_path / "t.jsonl", row(), row("other question", resolved=False)), light, strict=True)
    assert (report.kept, report.unresolved) == (1, 1)


def test_answers_are_screened_once_and_the_verdict_is_kept(light: Store, tmp_path: Path) -> None:
    report = run(written(tmp_path / "t.jsonl", row(), row("other", "The damn thing is late.")), light)
    assert report.refused == 1
    assert report.to_dict()["reasons"] == {"toxicity: obscene": 1}
    assert "1 answers will not be sent, the outbound policy refuses them (toxicity: obscene 1)" in report.summary()
    assert sorted(light.content.approvals("p1").values()) == ["ALLOW", "REFUSE"]


def test_what_many_agents_pasted_is_screened_once(light: Store, tmp_path: Path) -> None:
    screen = FakeScreen()
    file = written(tmp_path / "t.jsonl", *(row(f"question {word}") for word in words(7)))
    assert import_tickets(open_source(file), light, screen).kept == 7
    assert screen.approved == ["It left today."]


def test_an_answer_with_nothing_to_take_out_is_read_once(light: Store, tmp_path: Path) -> None:
    screen = FakeScreen()
    answers = ("It left today.", "We write to ann@x.com.")
    file = written(tmp_path / "t.jsonl", *(row(f"question {place}", answer) for place, answer in enumerate(answers)))
    import_tickets(open_source(file), light, screen)
    assert (len(screen.approved), screen.reread) == (2, 1)


def test_an_import_shows_how_far_it_is(light: Store, tmp_path: Path) -> None:
    with Progress(console=Console(file=io.StringIO())) as bars:
        run(written(tmp_path / "t.jsonl", row(), row("a lamp that flickers")), light, progress=bars)
    (task,) = bars.tasks
    assert (task.completed, task.total, task.finished) == (2, 2, True)


def test_nothing_that_a_customer_wrote_stands_in_a_repr() -> None:
    said = Said(Role.CUSTOMER, "my secret")
    assert "secret" not in repr(said) + repr(RawTicket(1, (said,)))


def test_memory_stays_flat(light: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What remains of a row is two short keys, not its text (three copies of 2.5 kB here, 11 MB in all)."""
    monkeypatch.setattr("bot.importing.BATCH", 50)
    long = "word " * 500
    one = RawTicket(1, (Said(Role.CUSTOMER, ""), Said(Role.AGENT, "")))

    def rows() -> Iterator[RawTicket]:
        for word in words(1500):
            yield replace(one, said=(Said(Role.CUSTOMER, f"{word} {long}"), Said(Role.AGENT, f"Yes {word}.")))

    tracemalloc.start()
    try:
        report = import_tickets(Source(Path("big.csv"), "csv", rows), light, FakeScreen())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.kept == 1500
    assert peak < 5e6


def words(count: int) -> Iterator[str]:
    """Different words without digits."""
    for number in range(count):
        yield "".join(chr(97 + int(digit)) for digit in str(number))


def test_a_file_that_is_only_read_gives_the_tickets_an_import_would_keep(store: Store, tmp_path: Path) -> None:
    file = written(
        tmp_path / "t.jsonl", row("I am ann@x.com, where is it?"), row(), row(), row("BROKEN"), {"agent": "x"}
    )
    tickets, report = read_tickets(open_source(file), FakeScreen())
    assert [ticket.question for ticket in tickets] == ["I am [EMAIL_1], where is it?", "where is my parcel"]
    assert (report.kept, report.duplicates, report.bad) == (2, 1, 2)
    run(file, store)
    assert [ticket.question for _, ticket in store.tickets.each()] == [ticket.question for ticket in tickets]


@pytest.mark.parametrize(
    ("id", "kept"),
    [
        ("A-1", "A-1"),
        ("35436", "35436"),
        ("#17", "#17"),
        ("5f2c9a1e-1111-4222-8333-abcdefabcdef", "5f2c9a1e-1111-4222-8333-abcdefabcdef"),
        ("ann@x.com", None),
        ("<20260101.abc@mail.x.com>", None),
        ("07700900417", None),
        ("4929 1234 5678 9015", None),
        ("Thaddeus Quillfeather", None),
        ("QQ123456C", None),
    ],
)
def test_an_id_that_may_be_personal_is_kept_as_a_digest(
    light: Store, tmp_path: Path, id: str, kept: str | None
) -> None:
    file = written(tmp_path / "t.jsonl", row(id=id))
    run(file, light, secret="of the installation")
    ((_, ticket),) = light.tickets.each()
    assert ticket.origin == kept or (kept is None and re.fullmatch("[0-9a-f]{16}", ticket.origin))


def test_an_id_has_one_digest_that_only_who_holds_the_secret_can_find(light: Store, tmp_path: Path) -> None:
    def origins(secret: str) -> list[str]:
        tickets = [row(f"where is my {thing}", id="ann@x.com") for thing in ("lamp", "rug")]
        run(written(tmp_path / "t.jsonl", *tickets), light, secret=secret)
        found = [ticket.origin for _, ticket in light.tickets.each()]
        light.tickets.remove([ticket.id for _, ticket in light.tickets.each()])
        return found

    first = origins("one")
    assert len(set(first)) == 1
    assert origins("one") == first
    assert set(origins("another")).isdisjoint(first)
    assert origins("") == ["", ""]


def test_an_import_of_tickets_with_digests_run_again_adds_nothing(store: Store, tmp_path: Path) -> None:
    file = written(tmp_path / "t.jsonl", row(id="ann@x.com"))
    assert [run(file, store, secret="one").kept for _ in range(2)] == [1, 0]


def test_an_intent_of_a_ticket_that_is_personal_is_not_kept(light: Store, tmp_path: Path) -> None:
    intents = ("for ann@x.com", "QQ123456C", "order_status", "Lost parcel / step 2")
    run(written(tmp_path / "t.jsonl", *(row(f"why {name}", intent=name) for name in intents)), light)
    assert [ticket.intent for _, ticket in light.tickets.each()] == [None, None, *intents[2:]]
