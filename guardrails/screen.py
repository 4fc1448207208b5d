"""The screen: one text in, one verdict out. Puts the guards together; keeps nothing between texts.

normalise -> length -> what is redacted (personal data, secrets) -> one model pass over the safe text, by the
branches that guards ask for -> the other guards -> policy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from guardrails.errors import SettingError
from guardrails.gibberish import GibberishGuard
from guardrails.grounding import GroundingGuard
from guardrails.guard import Direction, Guard
from guardrails.invisible import InvisibleGuard
from guardrails.language import LanguageGuard
from guardrails.learned import LearnedGuard
from guardrails.leftover import PlaceholderGuard
from guardrails.length import CHARACTERS, TOKENS, LengthGuard
from guardrails.markup import MarkupGuard
from guardrails.model import ModelHead
from guardrails.pii import LEAN, ORDER, REGIONS, TAGGED, PiiGuard, Tagger
from guardrails.placeholders import Placeholders
from guardrails.policy import Policy
from guardrails.rules import RuleGuard
from guardrails.screening import REDACTING, Screened, Screening
from guardrails.secrets import SecretsGuard
from guardrails.stream import Stream
from guardrails.topics import TopicsGuard
from guardrails.verdict import Verdict

if TYPE_CHECKING:
    from models.runtime import Reading, Runtime


LEARNED = ("toxicity", "bias", "injection")

PII = "pii"

BRANCHES = (*LEARNED, PII)
"""The tasks of the models that guards ask; each is also the name of its guard."""


class Unavailable(Exception):
    """There is no model to read a text with, or not the branch that a guard asks."""


class Screen:
    """Guards of both directions under one policy. Safe to share between threads."""

    def __init__(
        self, guards: Mapping[Direction, Sequence[Guard]], policy: Policy, read: Callable[[str], Reading], limit: int,
        lists: str = "",
    ) -> None:  # fmt: skip
        policy.check(guards["in"], guards["out"])
        self.policy = policy
        self._guards = guards
        self._read = read
        self._limit = limit
        self._lists = lists  # the operator's, as a text; see `content_key`

    @classmethod
    def build(
        cls,
        policy: Policy | None = None,
        runtime: Runtime | None = None,
        *,
        languages: Iterable[str] = ("en",),
        regions: Sequence[str] = REGIONS,
        order: str | None = ORDER,
        account: str | None = None,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
        hosts: Iterable[str] = (),
        kinds: Iterable[str] = TAGGED,
        banned: Iterable[str] = (),
        competitors: Iterable[str] = (),
        limit: int = CHARACTERS,
        tokens: int = TOKENS,
        by_rules: Collection[str] = (),
    ) -> Screen:
        """Build all guards; those that learn (`BRANCHES`) ask their branches of `runtime`.

        Without a runtime all guards measure by rules alone. With one, a guard whose branch it lacks fails closed: no
        text passes that it was to read. Only the guards named in `by_rules` then measure by rules alone.

        `allow` are values that are not personal (the shop's own e-mail, phone), `deny` words that always
        are, `hosts` the sites that links in answers may lead to, `order` and `account` the patterns of the
        shop's own numbers, which stay readable; `kinds` are what counts of what the personal-data model tags;
        `banned` topics and `competitors` are words that are looked for whole; `limit` and `tokens` bound a text in
        characters and word pieces.
        Raises PolicyError when a guard has no row in the policy or a row no guard, SettingError for a language, region,
        kind or guard that there is not, or a pattern that does not compile.
        """
        if unknown := sorted(set(by_rules) - set(BRANCHES)):
            raise SettingError(f"{unknown[0]!r} is no guard that learns; those are {', '.join(BRANCHES)}")
        allow, deny, hosts, banned, competitors = told = [tuple(w) for w in (allow, deny, hosts, banned, competitors)]
        lists = repr([*map(sorted, told)]) if any(told) else ""
        toxicity, bias, injection = (LearnedGuard.build(task, _head(runtime, task, by_rules)) for task in LEARNED)
        both = (
            LengthGuard(limit, tokens),
            PiiGuard.build(regions, order, account, allow, deny, tag=_tagger(runtime, by_rules), kinds=kinds),
            SecretsGuard(),
            toxicity,
        )
        inbound = (
            *both,
            injection,
            RuleGuard.build("selfharm"),
            RuleGuard.build("threat"),
            GibberishGuard.build(),
            TopicsGuard.build(banned, competitors),
            LanguageGuard.build(languages),
            InvisibleGuard(),
            MarkupGuard(),
        )
        outbound = (
            *both,
            bias,
            PlaceholderGuard(regions),
            InvisibleGuard(),
            TopicsGuard.build(banned, competitors, requests=False),
            RuleGuard.build("promises"),
            RuleGuard.build("leak"),
            MarkupGuard.outbound(hosts),
            GroundingGuard(),
        )
        guards: dict[Direction, Sequence[Guard]] = {"in": inbound, "out": outbound}
        read: Callable[[str], Reading] = _unavailable
        if runtime is not None:
            read = runtime.read
        return cls(guards, policy or Policy.load(), read, limit, lists)

    @classmethod
    def default(cls, cache: Path | None = None) -> Screen:
        """Build with the default policy and the heads that ship with Handrail.

        `cache` is where their graph is kept (default: .handrail/cache under the working folder). Raises ModelError,
        which names the folder, where one of the heads is missing or damaged; `Screen.build()` goes by rules alone.
        """
        import models
        from models.runtime import Runtime

        shipped = Path(models.__file__).with_name("shipped")
        heads = {task: shipped / task for task in BRANCHES}
        return cls.build(runtime=Runtime.from_folders(heads, cache or Path(".handrail/cache")))

    def under(self, policy: Policy) -> Screen:
        """Return a screen with the same guards that decides by another policy. Raises PolicyError as `build`."""
        return Screen(self._guards, policy, self._read, self._limit, self._lists)

    def screen(
        self,
        text: str,
        direction: Direction = "in",
        evidence: Sequence[str] = (),
        memory: Placeholders | None = None,
        before: Sequence[str] = (),
    ) -> Screened:
        """Screen one text. Never raises for what the text holds, and no exception carries it.

        `evidence` is what a draft rests on (empty: not held against anything); `memory` the conversation's
        placeholders, which learn the values found; `before` what the customer wrote last, redacted, oldest first:
        a value that began there is taken out here, and there (see `Screened.before`).
        """
        return self._screening(text, direction, self._guards[direction], evidence, memory, before).run()

    def stream(
        self, direction: Direction = "out", evidence: Sequence[str] = (), memory: Placeholders | None = None
    ) -> Stream:
        """Return a stream for one text that arrives in pieces, screened as `screen` would."""
        memory = Placeholders.fresh() if memory is None else memory
        return Stream(lambda window: self.screen(window, direction, evidence, memory), self._limit)

    def redact(self, text: str, memory: Placeholders | None = None, *, again: bool = False) -> Screened:
        """Return what `screen` makes of an inbound text, unjudged: personal data taken out.

        Its text is empty where that could not be done in full. Other guards are not asked: past tickets have nobody to
        refuse. `again`: placeholders in the text are ours, from an earlier time, and stay.
        """
        redacting = [guard for guard in self._guards["in"] if guard.name == "length" or guard.name in REDACTING]
        if again and memory is None:
            memory = Placeholders.after(text)
        return self._screening(text, "in", redacting, (), memory, again=again).run()

    def _screening(
        self,
        text: str,
        direction: Direction,
        guards: Sequence[Guard],
        evidence: Sequence[str],
        memory: Placeholders | None,
        before: Sequence[str] = (),
        reading: Reading | None = None,
        again: bool = False,
    ) -> Screening:
        return Screening(
            text,
            direction,
            tuple(evidence),
            guards=guards,
            policy=self.policy,
            read=self._read,
            memory=Placeholders.fresh() if memory is None else memory,
            limit=self._limit,
            before=tuple(before),
            reading=reading,
            again=again,
        )

    def approve(self, text: str, reading: Reading | None = None) -> Verdict:
        """Screen content once, when it is written or imported, as the text of an answer.

        The content is its own evidence; `reading` is that of the text, where `redact` has made one. Keep the verdict
        with `content_key(text)`, and screen again when that changes.
        """
        return self._screening(text, "out", self._guards["out"], (), None, reading=reading).run().verdict

    def content_key(self, text: str) -> str:
        """Return the key under which a verdict on `text` holds: it changes with the text, the policy and the operator's
        lists, such as the hosts that links may lead to."""
        return sha256(f"{self.policy.version}{self._lists}\0{text}".encode("utf-8", "replace")).hexdigest()


def _head(runtime: Runtime | None, task: str, by_rules: Collection[str]) -> ModelHead | None:
    if runtime is None or task in by_rules:
        return None
    if task not in runtime.folders:
        return ModelHead(task, (), _unavailable)
    from models.scoring import probabilities

    folder = runtime.folders[task]
    return ModelHead(task, tuple(folder.labels), partial(_scored, probabilities, folder))


def _tagger(runtime: Runtime | None, by_rules: Collection[str]) -> Tagger | None:
    if runtime is None or PII in by_rules:
        return None
    if PII not in runtime.folders:
        return _unavailable
    from models.tagging import tagged

    labels = runtime.folders[PII].labels
    return lambda text, reading: tagged(text, reading, PII, labels, LEAN)


def _scored(probabilities: Callable[..., dict[str, float]], folder: object, reading: Reading) -> dict[str, float]:
    return probabilities(reading, folder)


def _unavailable(*_: object) -> NoReturn:
    raise Unavailable
