import threading
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.folder import ModelFolder
from models.runtime import Graph, Runtime
from models.stretch import PIECES
from models.tokens import LONGEST, SHAPES, WordPieces, cases, content
from models.trunk import Trunk
from tests.models import tiny

HARD = ["", " ", "\x00", "\ud800", "a\udfffb", "[SEP] where [CLS]", "é\u0301👍🏽", "\u202eorder", "<script>", "x" * 300]


@pytest.mark.parametrize("text", HARD)
def test_any_text_is_read_and_offsets_lie_within_it(runtime: Runtime, text: str) -> None:
    reading = runtime.read(text)
    assert all(0 <= start < end <= len(text) for start, end in reading.offsets)
    assert len(reading.words) == len(reading.offsets)
    assert np.isfinite(reading.embedding).all()
    assert np.isfinite(reading.outputs["intent"].logits).all()


def test_offsets_name_the_words_after_a_lone_surrogate(runtime: Runtime) -> None:
    text = "\ud83d my order"
    assert [text[start:end] for start, end in runtime.read(text).offsets] == ["my", "order"]


def test_separators_in_a_message_are_text(trunk: Trunk) -> None:
    assert {2, 3}.isdisjoint(WordPieces(trunk.tokenizer)("[SEP] [CLS] order").ids)


def test_the_embedding_has_unit_length_and_encode_gives_the_same(runtime: Runtime) -> None:
    texts = ["where is my order", "", "refund ?"]
    encoded = runtime.encode(texts)
    assert encoded.dtype == np.float32
    assert encoded.shape == (3, tiny.HIDDEN)
    for text, row in zip(texts, encoded, strict=True):
        assert np.allclose(row, runtime.read(text).embedding, atol=1e-6)
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)
    assert runtime.encode([]).shape == (0, tiny.HIDDEN)


@pytest.mark.parametrize("text", ["where is my order ?", "", "the lamp broke " * 300])
def test_shares_and_bias_sum_to_the_logits(runtime: Runtime, intent: ModelFolder, text: str) -> None:
    output = runtime.read(text).outputs["intent"]
    assert output.contributions is not None
    whole = output.contributions.sum(axis=0) + intent.tensors()["head.bias"]
    assert np.allclose(whole, output.logits, atol=1e-3)


def test_an_order_hidden_in_a_long_text_counts_as_much_as_its_own_stretch(tmp_path: Path, trunk: Trunk) -> None:
    heads = {"mean": tmp_path / "mean", "stretch": tmp_path / "stretch"}
    texts = ["where is my order ?", "the lamp broke . " * 30 + "refund refund"]
    outputs = {}
    for pooling, path in heads.items():
        folder = tiny.branch(
            path, trunk, task="injection", labels=["injection"], head={"pooling": pooling, "activation": "sigmoid"}
        )
        runtime = Runtime.from_folders({"injection": path}, tmp_path / "cache", trunk=trunk)
        outputs[pooling] = [runtime.read(text).outputs["injection"] for text in texts]
    (short, long), (short_mean, long_mean) = outputs["stretch"], outputs["mean"]
    assert np.array_equal(short.logits, short_mean.logits)
    assert long.logits > long_mean.logits
    assert long.contributions is not None
    assert int((long.contributions != 0).sum()) == PIECES
    assert long.contributions.sum() + folder.tensors()["head.bias"] == pytest.approx(long.logits, abs=1e-3)


def test_a_pooler_has_no_shares(runtime: Runtime) -> None:
    assert runtime.read("it broke").outputs["toxicity"].contributions is None


def test_a_text_scores_the_same_alone_and_among_others(runtime: Runtime) -> None:
    texts = ["where is my order", "refund", "i want to return the lamp ! " * 20]
    for alone, among in zip(map(runtime.read, texts), runtime.read_many(texts), strict=True):
        assert np.array_equal(alone.outputs["intent"].logits, among.outputs["intent"].logits)


def test_a_branch_runs_when_it_is_first_asked_for_and_once(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    run = Graph.__call__

    def noted(graph: Graph, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        given = run(graph, known)
        ran.append(sorted(given))
        return given

    monkeypatch.setattr(Graph, "__call__", noted)
    reading = runtime.read("where is my order")
    assert ran == [["state.1", "words"]]
    assert reading.outputs["intent"] is reading.outputs["intent"]
    assert ran[1:] == [["contributions", "logits", "pooled"]]
    assert np.array_equal(reading.query, reading.embedding)
    assert ran[2:] == [["embedding"]]
    assert set(reading.whole().outputs) == {"intent", "toxicity"}
    assert len(ran) == 4


def test_windows_overlap_and_cover_a_long_text(trunk: Trunk) -> None:
    tokens = WordPieces(trunk.tokenizer, window=10, overlap=4)("order " * 35)
    covered = {piece for start, end in tokens.windows for piece in range(start, end)}
    assert covered == set(range(35))
    assert tokens.complete
    assert all(later[0] < earlier[1] for earlier, later in zip(tokens.windows, tokens.windows[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "distinct"), [("order " * 40, 1), ("order " * 20 + "ORDER " * 20, 4), ("order lamp broke " * 10, 2)]
)
def test_what_a_window_shares_with_another_is_all_that_its_reading_depends_on(
    trunk: Trunk, text: str, distinct: int
) -> None:
    pieces = WordPieces(trunk.tokenizer, window=10, overlap=4)
    tokens = pieces(text)
    read = {}
    for window in tokens.windows:
        shown = slice(*window)
        shapes = cases(text, tokens.offsets[shown], tokens.words[shown])
        given = pieces.framed(tokens, window).tobytes(), shapes.tobytes()
        assert read.setdefault(content(text, tokens, window), given) == given
    assert len(read) == distinct < len(tokens.windows)


def test_a_window_that_is_repeated_is_read_once_and_counts_as_often(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    run = Graph.__call__
    monkeypatch.setattr(Graph, "__call__", lambda graph, known: ran.append(graph) or run(graph, known))
    reading = runtime.read("order " * 1_000)
    assert len(ran) == 2  # the windows in the middle, and the last
    assert len(reading.states) == len(reading.offsets) == 1_000
    assert len(reading.outputs["intent"].contributions) == 1_000


def test_of_a_long_text_the_worst_window_counts_for_guards(runtime: Runtime) -> None:
    text = "where is my order " * 60 + "it broke ! " * 60
    whole = runtime.read(text).outputs["toxicity"].logits
    assert (whole >= runtime.read("where is my order " * 60).outputs["toxicity"].logits - 0.3).all()


def test_a_branch_that_tags_says_something_of_every_piece_also_of_a_long_text(
    tmp_path: Path, trunk: Trunk, intent: ModelFolder
) -> None:
    folder = tiny.branch(tmp_path / "pii", trunk, task="pii", head={"pooling": "none", "activation": "softmax"})
    runtime = Runtime.from_folders({"intent": intent.path, "pii": folder.path}, tmp_path, trunk=trunk)
    for text in ("Where is my ORDER ?", "", "the lamp broke " * 300):
        reading = runtime.read(text)
        assert reading.tags["pii"].shape == (len(reading.offsets), len(tiny.LABELS))
        assert set(reading.outputs) == {"intent"}
    lower, upper = runtime.read("where"), runtime.read("WHERE")
    assert not np.allclose(lower.tags["pii"], upper.tags["pii"])
    assert np.allclose(lower.outputs["intent"].logits, upper.outputs["intent"].logits)


def test_how_a_word_is_written_is_told_for_each_of_its_pieces(trunk: Trunk) -> None:
    text = "Order order ORDER oRder 42 ? orders I"
    tokens = WordPieces(trunk.tokenizer)(text)
    shapes = cases(text, tokens.offsets, tokens.words)
    by_word = {word: int(shapes[0, place + 1]) for place, word in enumerate(tokens.words)}
    assert list(by_word.values()) == [2, 1, 3, 4, 5, 0, 1, 2]
    assert shapes[0, 0] == shapes[0, -1] == 0


def test_a_word_that_begins_a_line_is_told_from_others(trunk: Trunk) -> None:
    text = "Order order\n Order\r\norder 42\n42"
    tokens = WordPieces(trunk.tokenizer)(text)
    shapes = cases(text, tokens.offsets, tokens.words)
    by_word = {word: int(shapes[0, place + 1]) for place, word in enumerate(tokens.words)}
    assert list(by_word.values()) == [2, 1, 2 + SHAPES, 1 + SHAPES, 5, 5 + SHAPES]


def test_a_branch_that_knows_no_lines_reads_them_like_any_other_place(tmp_path: Path, trunk: Trunk) -> None:
    told = tiny.branch(tmp_path / "told", trunk, task="pii", head={"pooling": "none", "activation": "softmax"})
    shapes = told.tensors()["cases.weight"][:SHAPES]
    folder = ModelFolder.write(tmp_path / "pii", dict(told.manifest), told.tensors() | {"cases.weight": shapes})
    runtime = Runtime.from_folders({"pii": folder.path}, tmp_path, trunk=trunk)
    one, two = (runtime.read(text).tags["pii"] for text in ("my order", "my\norder"))
    assert np.allclose(one, two)


@pytest.mark.parametrize(("length", "complete"), [(100, True), (LONGEST + 1, False), (1_000_000, False)])
def test_a_text_too_long_to_read_says_so(runtime: Runtime, length: int, complete: bool) -> None:
    assert runtime.read(("order " * (length // 6 + 1))[:length]).complete is complete


def test_a_branch_as_deep_as_the_encoder_runs_on_its_own(tmp_path: Path, trunk: Trunk) -> None:
    deep = tiny.branch(tmp_path / "deep", trunk, depth=tiny.LAYERS)
    reading = Runtime.from_folders({"intent": deep.path}, tmp_path / "cache", trunk=trunk).read("my order")
    assert reading.outputs["intent"].logits.shape == (3,)


def test_without_branches_there_is_the_embedding(tmp_path: Path, trunk: Trunk) -> None:
    reading = Runtime.from_folders({}, tmp_path, trunk=trunk).read("my order")
    assert reading.embedding.shape == (tiny.HIDDEN,)
    assert not reading.outputs


def test_the_graph_is_kept_by_its_hash_and_read_again(tmp_path: Path, trunk: Trunk, intent: ModelFolder) -> None:
    steps: list[tuple[int, int]] = []

    def load() -> Runtime:
        folders = {"intent": intent.path}
        return Runtime.from_folders(folders, tmp_path, trunk=trunk, progress=lambda *step: steps.append(step))

    first, second = load(), load()
    assert first.version == second.version
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert len(list(tmp_path.iterdir())) == 3  # the trunk, the base's own layers, the branch


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, trunk: Trunk) -> None:
    (tmp_path / "file").touch()
    assert Runtime.from_folders({}, tmp_path / "file" / "cache", trunk=trunk).read("order").offsets


def test_a_damaged_graph_in_the_cache_is_told(tmp_path: Path, trunk: Trunk) -> None:
    Runtime.from_folders({}, tmp_path, trunk=trunk)
    next(tmp_path.iterdir()).write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="Empty the model cache"):
        Runtime.from_folders({}, tmp_path, trunk=trunk)


def test_a_model_for_another_task_or_base_is_refused(tmp_path: Path, trunk: Trunk, intent: ModelFolder) -> None:
    with pytest.raises(ModelError, match="for 'intent', not for 'toxicity'"):
        Runtime.from_folders({"toxicity": intent.path}, tmp_path, trunk=trunk)
    other = tiny.branch(tmp_path / "other", trunk, base_sha256="0" * 64)
    with pytest.raises(ModelError, match="another base model"):
        Runtime.from_folders({"intent": other.path}, tmp_path, trunk=trunk)


def test_threads_share_a_runtime(runtime: Runtime) -> None:
    expected = runtime.read("where is my order").outputs["intent"].logits
    found: list[np.ndarray] = []

    def work() -> None:
        found.extend(runtime.read("where is my order").outputs["intent"].logits for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(np.array_equal(logits, expected) for logits in found)


def test_nothing_of_a_text_shows_in_a_repr(runtime: Runtime) -> None:
    reading = runtime.read("where is my order")
    assert "offsets" not in repr(reading)
    assert "logits" not in repr(reading.outputs["intent"])
