"""Labels that a model was not taught, known from a handful of examples: weight imprinting (Qi et al., 2018).

A new label's place is the mean of its examples, in the branch's pooled space and in the retrieval embedding's. How
likely a text is of the label goes by how much nearer it lies to that place, and in the embedding's space to the nearest
example, than to the place of any label that the model was taught. So new labels stand in one soft-max with the others.
Their scope is their own: a text that lies from them no further than their examples do from one another is in it. The
next training takes new labels in, and they are imprinted no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import ModelError
from models.folder import ModelFolder
from models.probe import Probe
from models.prototypes import Prototypes
from models.runtime import Reading
from models.vectors import unit

LEAST = 5  # examples of a new label
MOST = 20  # that are read of each
FAR, NEAR = 15.0, 5.0  # of an odds' logarithm, for a cosine of lead in the embedding's space, in the pooled one
BIAS = 0.5  # of it where nothing leads; chosen on ten intents of BANKING77 and eight for the demo, see docs/results
DEVIATION = 0.1  # of nearness among examples of one label, at least: a handful alike say little of how it differs


@dataclass(frozen=True, slots=True, repr=False)
class Imprints:
    """New labels: their `places`, and their `words` (labels, hidden) as a `Probe` has them; `examples` (texts, hidden)
    in the embedding's space, of the labels at `owners` (texts,). `usual` (labels,) is how near a label's own examples
    lie to it, each left out in turn, in the mean, and `deviation` by how much that differs."""

    labels: tuple[str, ...]
    places: Prototypes
    words: np.ndarray
    examples: np.ndarray
    owners: np.ndarray
    usual: np.ndarray
    deviation: float

    @classmethod
    def learn(cls, folder: ModelFolder, examples: Mapping[str, Sequence[Reading]], *, least: int = LEAST) -> Imprints:
        """Imprint labels on an intent model from readings of their examples, `least` each and more.

        Raises ModelError for a label that has too few, or that the model knows already.
        """
        for label, readings in examples.items():
            if label in folder.labels:
                raise ModelError(f"The model {folder.version} knows the label {label!r} already.")
            if len(readings) < least:
                raise ModelError(f"The label {label!r} has {len(readings)} examples; {least} at least are needed.")
        probe = Probe.of(folder)
        groups = [np.stack([reading.embedding for reading in readings]) for readings in examples.values()]
        pooled = [[unit(r.outputs[folder.task].pooled) for r in readings] for readings in examples.values()]
        own = [_left_out(group) for group in groups]
        return cls(
            tuple(examples),
            Prototypes(_means(pooled), _means(groups)),
            np.linalg.norm(probe.weights, axis=1).mean()
            * _means([[r.states.mean(axis=0) - probe.centre for r in readings] for readings in examples.values()]),
            np.concatenate(groups),
            np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
            np.array([found.mean() for found in own]),
            max(float(np.concatenate([found - found.mean() for found in own]).std()), DEVIATION),
        )

    def odds(self, pooled: np.ndarray, embedding: np.ndarray, known: Prototypes) -> np.ndarray:
        """The logarithms (new labels,) of the odds that one text is of each new label rather than of any of those
        that the model was taught, whose places are `known`."""
        near, far = (cosines.max() for cosines in known.cosines(pooled, embedding))
        lead = self.nearness(embedding) - far, self.places.cosines(pooled, embedding)[0] - near
        result: np.ndarray = FAR * lead[0] + NEAR * lead[1] + BIAS
        return result

    def nearness(self, embedding: np.ndarray) -> np.ndarray:
        """How near one text lies to each new label (new labels,): the mean of its cosines to the label's place and to
        the nearest of its examples."""
        each = self.examples @ embedding
        nearest = np.array([each[self.owners == place].max() for place in range(len(self.labels))])
        result: np.ndarray = (self.places.embedding @ embedding + nearest) / 2
        return result

    def belongs(self, embedding: np.ndarray) -> np.ndarray:
        """How far each new label's scope covers one text, 0..1, shape (new labels,): whole up to one deviation further
        than its examples usually lie, and not at all from two on."""
        beyond = (self.usual - self.nearness(embedding)) / max(self.deviation, 1e-6)
        result: np.ndarray = np.clip(2 - beyond, 0, 1)
        return result


def _left_out(group: np.ndarray) -> np.ndarray:
    """How near each text of a label (texts, hidden) lies to the others."""
    rest = [np.delete(group, place, axis=0) for place in range(len(group))]
    return np.array([(unit(r.mean(axis=0)) @ one + (r @ one).max()) / 2 for r, one in zip(rest, group, strict=True)])


def _means(groups: Sequence[Sequence[np.ndarray] | np.ndarray]) -> np.ndarray:
    return unit(np.stack([np.mean(group, axis=0) for group in groups]))
