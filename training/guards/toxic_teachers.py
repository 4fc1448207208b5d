"""Published toxicity models that judge by words, as teachers: they say what a data set leaves unsaid.

alt-profanity-check (MIT; linear over words) and toxic-comment-classifier (MIT; an LSTM over words) both learnt
from Wikipedia's comments, which nobody may ship weights of here but they. Alone each knows words and little of
their sense; the head takes their view of open abuse and learns the sense from sets that know it. They are
optional: `pip install --no-deps alt-profanity-check toxic-comment-classifier h5py`.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from training.extra import require

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
PACKAGES = {"alt-profanity-check": ("profanity_check",), "toxic-comment-classifier": ("toxic_classifier", "h5py")}
LONGEST = 100  # words that the LSTM reads: the last ones of a text
PUNCTUATION = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def teachers_here() -> tuple[str, ...]:
    """The names of the teachers that are installed."""
    return tuple(name for name, modules in PACKAGES.items() if all(find_spec(module) for module in modules))


def taught(texts: Sequence[str]) -> np.ndarray:
    """The teachers' mean opinion of each label, (texts, LABELS), 0..1; NaN where no teacher has one."""
    opinions = np.full((0, len(texts), len(LABELS)), np.nan)
    here = teachers_here()
    if "alt-profanity-check" in here:
        view = np.full((1, len(texts), len(LABELS)), np.nan)
        view[0, :, 0] = require("profanity_check").predict_prob(list(texts))
        opinions = np.concatenate([opinions, view])
    if "toxic-comment-classifier" in here:
        opinions = np.concatenate([opinions, _WordLstm().scores(texts)[None]])
    known = ~np.isnan(opinions)
    with np.errstate(invalid="ignore"):
        result: np.ndarray = np.nan_to_num(opinions).sum(axis=0) / known.sum(axis=0)
    return result


class _WordLstm:
    """toxic-comment-classifier without TensorFlow: its weights in torch's own layers."""

    def __init__(self) -> None:
        self._torch = torch = require("torch")
        spec = find_spec("toxic_classifier")
        assert spec is not None
        assert spec.submodule_search_locations
        folder = Path(spec.submodule_search_locations[0]) / "model"
        words = _Plain(BytesIO((folder / "tokenizer.pickle").read_bytes())).load()
        self._places = {word: place for word, place in words.word_index.items() if place < words.num_words}
        with require("h5py").File(folder / "model.weights.h5") as file:

            def read(name: str) -> Any:
                return torch.from_numpy(file[f"layers/{name}"][:])

            self._table = read("embedding/vars/0")
            self._head = [read(f"{layer}/vars/{part}") for layer in ("dense", "dense_1") for part in (0, 1)]
            self._lstm = torch.nn.LSTM(50, 50, bidirectional=True, batch_first=True)
            names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
            state = {"bias_hh_l0": torch.zeros(200), "bias_hh_l0_reverse": torch.zeros(200)}
            for way, suffix in (("forward", ""), ("backward", "_reverse")):
                for place, name in enumerate(names):
                    state[name + suffix] = read(f"bidirectional/{way}_layer/cell/vars/{place}").t()
            self._lstm.load_state_dict(state)

    def scores(self, texts: Sequence[str], batch: int = 256) -> np.ndarray:
        """Shape (texts, LABELS)."""
        torch, (wide, shift, narrow, bias) = self._torch, self._head
        parts = [np.empty((0, len(LABELS)))]
        with torch.inference_mode():
            for start in range(0, len(texts), batch):
                rows = [self._padded(text) for text in texts[start : start + batch]]
                state = self._lstm(self._table[torch.tensor(rows)])[0].amax(1)
                parts.append(torch.sigmoid(torch.relu(state @ wide + shift) @ narrow + bias).numpy())
        return np.concatenate(parts)

    def _padded(self, text: str) -> list[int]:
        found = [self._places[w] for w in text.lower().translate(PUNCTUATION).split() if w in self._places][-LONGEST:]
        return [0] * (LONGEST - len(found)) + found


class _Plain(pickle.Unpickler):
    """Reads a pickle of plain values; any class in it becomes a bare holder of its fields, so that no code runs."""

    def find_class(self, module: str, name: str) -> Any:
        """A class without behaviour for any name that is asked for."""
        fields = {"__init__": lambda self, *_: None, "__setstate__": lambda self, state: self.__dict__.update(state)}
        return type(name, (dict,), fields)
