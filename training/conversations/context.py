"""What each sign of the topic weighs when a message is read in its light (`bot.context`), fitted to conversations.

The bot holds the stories; of each message that it weighs, the signs of all that it may mean are kept, with what it
does mean. The weights are those under which that is likeliest, drawn a little towards those that serve. How well they
read is told of stories that took no part in the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.context import WEIGHTS, Signs
from bot.engine import Bot
from bot.turn import Turn
from training.conversations.evaluate import CHANNEL, OUT_OF_SCOPE
from training.conversations.stories import read_stories
from training.dataset import DataError, Examples
from training.extra import require
from training.intents.changes import LINE, changes
from training.share import Share

FOLDS = 5
CHANGES = 400
PULL = 0.02  # of the squared way from the serving weights, beside the mean loss of a message


@dataclass(frozen=True, slots=True)
class Weighed:
    """A message that was weighed: `signs` (meanings, signs) of all that it may mean, `right` (meanings,) which of them
    it means; `story` is where it stands."""

    story: str
    signs: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, slots=True)
class ContextFit:
    """Weights fitted to conversations; how many messages those that serve read rightly, and how many weights that were
    fitted to other stories do."""

    weights: Signs
    serving: Share
    fitted: Share

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {
            "weights": self.weights._asdict(), "serving": self.serving.to_dict(), "fitted": self.fitted.to_dict(),
        }  # fmt: skip

    def rows(self) -> list[tuple[str, str, str]]:
        """The weights and how well they read, as the rows of a table: what, as it serves, as fitted."""
        both = zip(Signs._fields, WEIGHTS, self.weights, strict=True)
        weights = [(name.replace("_", " "), f"{now:.2f}", f"{then:.2f}") for name, now, then in both]
        return [*weights, ("messages read rightly", str(self.serving), str(self.fitted))]


def fit_context(
    bot: Bot,
    files: Iterable[Path],
    pairs: Examples | None = None,
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> ContextFit:
    """Fit the weights to the stories of files or folders, and to those of `pairs` that stand with the question before
    them, with `CHANGES` of topic made of the others. `progress` is told of each conversation. Raises ContentError for
    a bad file, DataError where messages of fewer than two conversations are weighed, MissingExtra without the [train]
    extra."""
    require("torch")
    found: list[Weighed] = []
    for name, exchanges in _conversations(files, pairs):
        chat = bot.start(f"story-{name}"[:80], channel=CHANNEL).id
        for text, right in exchanges:
            turn = bot.respond(chat, text)
            if right and turn.weighed and (weighed := _weighed(bot, name, turn, right)):
                found.append(weighed)
        progress(1)
    if not found:
        raise DataError("No message of these conversations is weighed: none is a short one after an answer.")
    names = sorted({weighed.story for weighed in found})
    if len(names) < 2:
        raise DataError(f"Only {names[0]!r} has a message that is weighed; two conversations are the least.")
    order = np.random.default_rng(0).permutation(len(names))
    fold = {names[at]: number % FOLDS for number, at in enumerate(order)}
    hits = 0
    for held in range(FOLDS):
        rest = [weighed for weighed in found if fold[weighed.story] != held]
        weights = _fitted(rest)
        hits += sum(_reads(weights, weighed) for weighed in found if fold[weighed.story] == held)
    serving = Share(sum(_reads(WEIGHTS, weighed) for weighed in found), len(found))
    return ContextFit(_fitted(found), serving, Share(hits, len(found)))


def _conversations(
    files: Iterable[Path], pairs: Examples | None
) -> Iterable[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    for name, story in read_stories(files).items():
        yield name, [(exchange.customer, exchange.intent or ()) for exchange in story.turns]
    if pairs is None:
        return
    standing = pairs.take([place for place, text in enumerate(pairs.texts) if LINE in text])
    standing += changes(pairs, CHANGES)
    for number, (text, label) in enumerate(zip(standing.texts, standing.labels, strict=True)):
        said, _, before = text.partition(LINE)
        yield f"pair {number}", [(before, ()), (said, (label,))]


def _weighed(bot: Bot, story: str, turn: Turn, right: Sequence[str]) -> Weighed | None:
    """None where what it means is among nothing that was weighed."""
    serving = bot.serving
    assert turn.reading is not None
    context = serving.listener.context(turn, turn.reading)
    together = serving.understand(serving.read(serving.listener.asked(turn)))
    signs = context.signs(serving.understand(turn.reading), together)
    meant = {"" if label == OUT_OF_SCOPE else label for label in right}
    weighed = Weighed(story, np.array([*signs.values()], dtype=np.float64), np.array([name in meant for name in signs]))
    return weighed if weighed.right.any() else None


def _reads(weights: Signs, weighed: Weighed) -> bool:
    return bool(weighed.right[(weighed.signs @ np.array(weights)).argmax()])


def _fitted(found: Sequence[Weighed]) -> Signs:
    """The weights of the greatest likelihood, by L-BFGS."""
    torch = require("torch")
    start = torch.tensor(WEIGHTS, dtype=torch.float64)
    weights = start.clone().requires_grad_()
    cases = [(torch.from_numpy(w.signs), torch.from_numpy(w.right)) for w in found]
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimizer.zero_grad()
        chances = [(signs @ weights).log_softmax(0)[right].logsumexp(0) for signs, right in cases]
        total = PULL * ((weights - start) ** 2).sum() - torch.stack(chances).mean()
        total.backward()
        return total

    optimizer.step(loss)
    return Signs(*weights.detach().tolist())
