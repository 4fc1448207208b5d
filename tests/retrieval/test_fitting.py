"""What is learnt from a company's own material."""

from pathlib import Path

from retrieval.passage import Ticket
from retrieval.retriever import Retriever

TOPICS = {"lamp": "flickers dims glows", "sofa": "sags creaks stains", "rug": "sheds curls smells"}


def shop(store_of, copies: int = 12):
    """Tickets of three intents whose questions share words within an intent."""
    store = store_of()
    for number in range(copies * len(TOPICS)):
        topic = list(TOPICS)[number % len(TOPICS)]
        word = TOPICS[topic].split()[number % 3]
        store.rows[number + 1] = Ticket(f"t{number}", f"my {topic} {word} {number}", f"answer {number}", intent=topic)
    return store


def test_scores_are_fitted_to_labelled_utterances_and_kept(encoder, store_of, tmp_path: Path) -> None:
    store = shop(store_of)
    retriever = Retriever.build(store, encoder, version="e")
    examples = [(f"the {topic} {word}", topic) for topic, words in TOPICS.items() for word in words.split()] * 4
    examples += [("my question is another", topic) for topic in TOPICS] * 5
    learnt = retriever.learn(encoder, examples)
    assert learnt.pairs >= 50
    right, wrong = (
        max(p.score for p in retriever.search(encoder.encode([text])[0], text))
        for text in ("the lamp flickers", "do you sell gift cards")
    )
    assert right > wrong
    retriever.save(tmp_path)
    again = Retriever.open(tmp_path, store, version="e")
    assert again.search(encoder.encode(["lamp"])[0], "lamp") == retriever.search(encoder.encode(["lamp"])[0], "lamp")


def test_without_examples_the_prior_stays_and_the_gate_is_shut(encoder, store_of) -> None:
    learnt = Retriever.build(shop(store_of), encoder, version="e").learn(encoder)
    assert (learnt.pairs, learnt.fused) == (0, False)


class Deaf:
    """An encoder that hears how long a text is, and no codes."""

    def encode(self, texts, batch: int = 64):
        import numpy as np

        vectors = np.array([[1.0, len(text) % 7 / 50] for text in texts], dtype=np.float32).reshape(-1, 2)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)


def test_the_gate_opens_where_codes_decide_and_stays_open_when_opened_again(store_of, tmp_path: Path) -> None:
    store, number = store_of(), 0
    for code in range(40):
        for way in ("it says error", "screen shows", "what means"):
            number += 1
            store.rows[number] = Ticket(f"t{number}", f"{way} ce-{code}-x", f"do step {number}", intent=f"code{code}")
    retriever = Retriever.build(store, Deaf(), version="e")
    assert retriever.learn(Deaf()).fused
    retriever.save(tmp_path)
    for one in (retriever, Retriever.open(tmp_path, store, version="e")):
        best = one.search(Deaf().encode(["help ce-7-x"])[0], "help ce-7-x")[0]
        assert "ce-7-x" in best.question
