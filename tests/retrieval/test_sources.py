"""Every format of past tickets, good rows and bad ones."""

import json
import mailbox
import tracemalloc
from email.message import EmailMessage
from pathlib import Path

import pytest

from retrieval.errors import SourceError
from retrieval.extraction import extract
from retrieval.passage import Ticket
from retrieval.sources import BadRow, RawTicket, Role, Said, open_source
from retrieval.sources.fields import read_rating, read_resolved, read_time


def told(path: Path, **options) -> list[tuple[str, str] | str]:
    """Question and answer of each row, or what is wrong with it."""
    rows: list[tuple[str, str] | str] = []
    for raw in open_source(path, **options):
        found = str(raw) if isinstance(raw, BadRow) else extract(raw, "id")
        rows.append((found.question, found.answer) if isinstance(found, Ticket) else found)
    return rows


PAIR = ("where is my café order", "It left today, promised.")
TABLE = f'ticket_id,question,answer\n1,{PAIR[0]},"{PAIR[1]}"\n'


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_the_encoding_is_found_out(self, tmp_path: Path, encoding: str) -> None:
        (tmp_path / "t.csv").write_bytes(TABLE.encode(encoding))
        assert told(tmp_path / "t.csv") == [PAIR]

    def test_a_named_encoding_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_bytes(TABLE.encode("cp1252"))
        assert told(tmp_path / "t.csv", encoding="cp1252") == [PAIR]

    def test_a_wrong_encoding_names_file_byte_and_way_out_also_deep_in_the_file(self, tmp_path: Path) -> None:
        good = b"question,answer\n" + b"where is it,It left today\n" * 60_000
        (tmp_path / "t.csv").write_bytes(good + b"caf\xe9,It is shut\n")
        with pytest.raises(SourceError, match=rf"t\.csv is not utf-8: byte {len(good) + 3:,} .*--encoding"):
            told(tmp_path / "t.csv")

    def test_an_unknown_encoding_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text(TABLE)
        with pytest.raises(SourceError, match="no encoding 'klingon'"):
            told(tmp_path / "t.csv", encoding="klingon")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found_out(self, tmp_path: Path, delimiter: str) -> None:
        (tmp_path / "t.csv").write_text(
            delimiter.join(("question", "answer")) + "\n" + delimiter.join(("why so", "because it is"))
        )
        assert told(tmp_path / "t.csv") == [("why so", "because it is")]

    def test_a_first_row_that_names_no_columns_is_not_quoted(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("7,I am ann@x.com,because it is\n")
        with pytest.raises(SourceError, match=r"Its first line must name the columns\.") as caught:
            told(tmp_path / "t.csv")
        assert "ann@" not in str(caught.value)

    def test_columns_are_mapped(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("Body,Reply,Stars\nwhy so,because it is,4\n")
        options = {"mapping": {"question": "body", "answer": "Reply", "rating": "Stars"}}
        assert told(tmp_path / "t.csv", **options) == [("why so", "because it is")]
        (raw,) = open_source(tmp_path / "t.csv", **options)
        assert isinstance(raw, RawTicket)
        assert raw.rating == 4

    @pytest.mark.parametrize(
        ("mapping", "says"),
        [
            ({}, r"no column for the answer. It has: Body, Reply.*--map answer=COLUMN"),
            ({"answer": "replies"}, "no column 'replies'. It has: Body, Reply"),
            ({"reply": "Reply"}, "no field 'reply' to map. Fields: question, answer"),
        ],
    )
    def test_a_column_that_there_is_not_is_named(self, tmp_path: Path, mapping: dict[str, str], says: str) -> None:
        (tmp_path / "t.csv").write_text("Body,Reply\n")
        if not mapping:
            (tmp_path / "t.csv").write_text("Body,Reply\n".replace("Reply", "Reply_"))
            says = says.replace("Reply", "Reply_")
        with pytest.raises(SourceError, match=says):
            told(tmp_path / "t.csv", mapping=mapping)

    def test_bad_rows_carry_their_line_also_after_a_quoted_line_end(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text('question,answer\n"one\ntwo",because it is\nonly one\n\nwhy so,\n,because\n')
        assert told(tmp_path / "t.csv") == [
            ("one\ntwo", "because it is"),
            "t.csv:4: 1 columns where the header has 2",
            "no answer of an agent",
            "no question of a customer before the answer",
        ]

    def test_an_empty_file_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("")
        with pytest.raises(SourceError, match="is empty"):
            told(tmp_path / "t.csv")

    def test_a_large_file_takes_little_memory(self, tmp_path: Path) -> None:
        with (tmp_path / "t.csv").open("w") as file:
            file.write("question,answer\n")
            file.writelines(f"where is parcel {i}?,It left {'today ' * 50}\n" for i in range(20_000))
        source = open_source(tmp_path / "t.csv")
        tracemalloc.start()
        try:
            assert sum(1 for _ in source) == 20_000
            assert tracemalloc.get_traced_memory()[1] < 6e6
        finally:
            tracemalloc.stop()


TURNS = [
    {"role": "customer", "text": "Hi, the lamp flickers", "at": "2026-01-02T10:00:00Z"},
    {"role": "agent", "text": "Which lamp is it?"},
    {"role": "user", "text": "The Hove one"},
    {"role": "support", "text": "Please set the dimmer to 2. Tom"},
    {"role": "customer", "text": "great, thanks"},
    {"role": "agent", "text": "You're welcome!"},
]
RESOLVED = ("the lamp flickers\nThe Hove one", "Please set the dimmer to 2.")


class TestConversations:
    @pytest.mark.parametrize("shape", ["array", "lines", "indented"])
    def test_the_question_and_what_resolves_it_are_taken_out(self, tmp_path: Path, shape: str) -> None:
        one = {"id": "c1", "turns": TURNS, "agent_name": "Tom"}
        text = {
            "array": json.dumps([one, one]),
            "lines": f"{json.dumps(one)}\n{json.dumps(one)}\n",
            "indented": json.dumps([one, one], indent=2),
        }[shape]
        (tmp_path / "c.json").write_text(text)
        source = open_source(tmp_path / "c.json")
        assert source.format == "conversations"
        assert told(tmp_path / "c.json") == [RESOLVED, RESOLVED]

    @pytest.mark.parametrize(
        ("item", "reason"),
        [
            ({"turns": []}, "no turns"),
            ({"turns": [{"role": "customer"}]}, "turn 1 has no text"),
            ({"turns": [{"role": "walrus", "text": "a"}]}, "turn 1 has no known role"),
            ({"dialogContent": [{}]}, "dialogContent or agentURL"),
            ({"turns": [{"role": "agent", "text": "Hello, anybody there today?"}]}, "no question of a customer"),
            ({"turns": [{"role": "customer", "text": "hello"}]}, "no answer of an agent"),
        ],
    )
    def test_a_bad_conversation_is_named(self, tmp_path: Path, item: dict, reason: str) -> None:
        (tmp_path / "c.json").write_text(json.dumps([item, {"turns": TURNS}]))
        bad, good = told(tmp_path / "c.json", format="conversations")
        assert reason in str(bad)
        assert good[0] == RESOLVED[0]

    def test_an_array_that_breaks_off_says_from_which_line(self, tmp_path: Path) -> None:
        (tmp_path / "c.json").write_text(json.dumps([{"turns": TURNS}] * 2, indent=1)[:-30])
        with pytest.raises(SourceError, match="broken JSON from line"):
            told(tmp_path / "c.json")

    def test_tweets_keep_the_names_of_accounts_that_several_customers_address(self, tmp_path: Path) -> None:
        def tweets(client: str, text: str) -> dict:
            return {
                "dialogContent": [{"client": client, "datetime": "2020-04-01T17:31:32.000Z", "message": text}],
                "agentURL": {"tweet_ID": "7", "url_utterance": f"@{client} Here is how: https://x.com/a ^AB"},
            }

        (tmp_path / "c.json").write_text(
            json.dumps([tweets("ann", "@Photos crashes, ask @carl"), tweets("bob", "it crashes @Photos")])
        )
        assert told(tmp_path / "c.json") == [
            ("Photos crashes, ask", "Here is how: https://x.com/a"),
            ("it crashes Photos", "Here is how: https://x.com/a"),
        ]

    def test_a_question_back_is_not_the_answer_unless_there_is_no_other(self) -> None:
        asked = (Said(Role.CUSTOMER, "it broke"), Said(Role.AGENT, "Which one is it that broke?"))
        found = extract(RawTicket(1, asked), "id")
        assert isinstance(found, Ticket)
        assert found.answer == "Which one is it that broke?"


def test_json_lines_may_hold_fields_of_their_own_and_lists_of_turns(tmp_path: Path) -> None:
    lines = [
        {"customer": "why so", "agent": "because it is"},
        {"customer": "why so", "agent": "because it is", "resolved": False, "intent": "reason"},
        {"turns": TURNS, "agent_name": "Tom"},
        {"other": 1},
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    rows = list(open_source(tmp_path / "t.jsonl", "jsonl"))
    assert [getattr(row, "resolved", None) for row in rows] == [True, False, True, None]
    assert str(rows[3]) == "t.jsonl:4: no question or no answer"


ZENDESK = {
    "id": 35436, "subject": "Help, my lamp", "status": "solved", "created_at": "2026-01-02T10:00:00Z", "requester_id": 1,  # noqa: E501
    "satisfaction_rating": {"score": "good"},
    "comments": [
        {"author_id": 1, "body": "It flickers", "public": True},
        {"author_id": 2, "body": "psst: a known fault", "public": False},
        {"author_id": 2, "plain_body": "Please set the dimmer to 2.", "public": True},
    ],
}  # fmt: skip


@pytest.mark.parametrize("shape", ["array", "lines", "object"])
def test_zendesk_tickets_give_their_public_comments(tmp_path: Path, shape: str) -> None:
    tickets = [ZENDESK, {**ZENDESK, "comments": None}, {**ZENDESK, "status": "open"}]
    text = {
        "array": json.dumps(tickets),
        "lines": "\n".join(map(json.dumps, tickets)),
        "object": json.dumps({"tickets": tickets, "count": 3}),
    }[shape]
    (tmp_path / "z.json").write_text(text)
    source = open_source(tmp_path / "z.json")
    assert source.format == "zendesk"
    good, bad, unsolved = source
    assert isinstance(good, RawTicket)
    assert (good.origin, good.rating, good.resolved) == ("35436", 5, True)
    assert told(tmp_path / "z.json")[0] == ("Help, my lamp\nIt flickers", "Please set the dimmer to 2.")
    assert "no comments" in str(bad)
    assert isinstance(unsolved, RawTicket)
    assert not unsolved.resolved


def mail(
    sender: str, subject: str, body: str, at: str, own: str, answers: str = "", html: bool = False
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Date"] = sender, "x@y.com", subject, at
    message["Message-ID"] = own
    if answers:
        message["In-Reply-To"] = answers
    message.set_content(body, subtype="html" if html else "plain")
    return message


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    box = mailbox.mbox(tmp_path / "m.mbox")
    ann, shop = "Ann <ann@mail.com>", "Tom <help@shop.com>"
    quoted = "Please set the dimmer to 2.\n\nKind regards,\nTom\n\nOn Tue, 6 Jan 2026 at 10:00, Ann <ann@mail.com> wrote:\n> It flickers\n"  # noqa: E501
    box.add(mail(shop, "Re: My lamp", quoted, "Tue, 6 Jan 2026 11:00:00 +0000", "<2@s>", "<1@m>"))
    box.add(
        mail(
            ann, "My lamp", "<p>It flickers</p><style>p{}</style>", "Tue, 6 Jan 2026 10:00:00 +0000", "<1@m>", html=True
        )
    )
    box.add(mail(ann, "Re: My lamp", "Thanks!\n\n> Please set", "Tue, 6 Jan 2026 12:00:00 +0000", "<3@m>", "<2@s>"))
    box.add(mail("bob@mail.com", "Hello", "Nobody answers", "Wed, 7 Jan 2026 12:00:00 +0000", "<9@m>"))
    box.close()
    return tmp_path / "m.mbox"


@pytest.mark.parametrize("agents", [(), ("help@shop.com",), ("@shop.com",), ("shop.com",)])
def test_a_mailbox_gives_a_ticket_a_thread_without_quotes(mbox: Path, agents: tuple[str, ...]) -> None:
    assert told(mbox, agents=agents) == [
        ("My lamp\nIt flickers", "Please set the dimmer to 2."),
        "no answer of an agent",
    ]


def test_a_file_that_is_no_mailbox_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.mbox").write_text("hello")
    with pytest.raises(SourceError, match="is no mbox"):
        told(tmp_path / "m.mbox")


def test_a_missing_file_and_an_unknown_format_say_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        open_source(tmp_path / "none.csv")
    (tmp_path / "t.txt").write_text("hello")
    with pytest.raises(SourceError, match=r"cannot be told.*--format"):
        open_source(tmp_path / "t.txt")
    with pytest.raises(SourceError, match="no format 'xls'"):
        open_source(tmp_path / "t.txt", "xls")


@pytest.mark.parametrize(
    ("value", "year"),
    [("2025-01-07T09:12:00", 2025), ("2025-01-07", 2025), ("Tue, 7 Jan 2025 09:12:00 +0100", 2025), (1736241120, 2025), ("soon", None), (None, None), ("nan", None), ("1e30", None)],  # noqa: E501
)  # fmt: skip
def test_times_are_read_loosely(value: object, year: int | None) -> None:
    time = read_time(value)
    assert (time.year if time else None) == year
    assert time is None or time.tzinfo is not None


def test_ratings_and_states_are_read_loosely() -> None:
    assert [read_rating(v) for v in ("5", 4.0, "good", "bad", "offered", 9, None, "")] == [
        5,
        4,
        5,
        1,
        None,
        None,
        None,
        None,
    ]
    assert [read_resolved(v) for v in (True, "solved", None, "closed", False, "open", "No")] == [True] * 4 + [False] * 3
