"""One contract for every kind of index."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import IndexDamaged
from retrieval.index import TicketIndex

DIM = 16


def unit(n: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def serials(n: int) -> list[int]:
    return [1000 + i for i in range(n)]


VECTORS = unit(400)


@pytest.fixture(params=["flat", "ivf", "flat mapped", "ivf mapped", "flat grown", "ivf grown"])
def index(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TicketIndex:
    kind, _, how = request.param.partition(" ")
    limit = 10_000 if kind == "flat" else 100
    first = 300 if how == "grown" else 400
    index = TicketIndex.build(serials(400)[:first], VECTORS[:first], encoder="e1", fingerprint="f1", flat_limit=limit)
    if how == "mapped":
        monkeypatch.setattr("retrieval.index.MAPPED_FROM", 0)
        index.save(tmp_path)
        index = TicketIndex.open(tmp_path, encoder="e1", fingerprint="f1")
    if how == "grown":
        index.add(serials(400)[first:], VECTORS[first:], fingerprint="f1")
    assert index.kind == kind
    return index


def test_a_ticket_is_found_by_its_own_vector(index: TicketIndex) -> None:
    for i in (0, 7, 399):
        hits = index.search(VECTORS[i], 3)
        assert hits[0].serial == 1000 + i
        assert hits[0].similarity == pytest.approx(1, abs=1e-5 if index.kind == "flat" else 0.02)
        assert hits[0].similarity >= hits[1].similarity >= hits[2].similarity


def test_a_removed_ticket_is_gone_and_the_others_stay(index: TicketIndex) -> None:
    assert index.remove([1007, 77], fingerprint="f2") == 1
    assert len(index) == 399
    assert all(hit.serial != 1007 for hit in index.search(VECTORS[7], 20))
    assert index.search(VECTORS[8], 1)[0].serial == 1008
    assert index.serials().tolist() == [s for s in serials(400) if s != 1007]
    assert index.fingerprint == "f2"


def test_adding_a_known_ticket_replaces_its_vector(index: TicketIndex) -> None:
    new = unit(1, seed=9)
    index.add([1003], new, fingerprint="f2")
    assert len(index) == 400
    assert index.search(new[0], 1)[0].serial == 1003


def test_what_is_saved_opens_the_same(index: TicketIndex, tmp_path: Path) -> None:
    index.remove([1001], fingerprint="f2")
    index.save(tmp_path / "again")
    opened = TicketIndex.open(tmp_path / "again", encoder="e1", fingerprint="f2")
    assert (len(opened), opened.kind, opened.dim) == (399, index.kind, DIM)
    assert opened.search(VECTORS[5], 5) == index.search(VECTORS[5], 5)


def test_more_asked_for_than_there_is(index: TicketIndex) -> None:
    assert len(index.search(VECTORS[0], 10_000)) <= 400
    assert index.search(VECTORS[0], 0) == []


def test_an_empty_index_finds_nothing_saves_opens_and_grows(tmp_path: Path) -> None:
    index = TicketIndex.build([], np.empty((0, DIM)), encoder="e1", fingerprint="f0")
    assert index.search(VECTORS[0], 5) == []
    index.save(tmp_path)
    opened = TicketIndex.open(tmp_path)
    assert len(opened) == 0
    opened.add([5], VECTORS[:1], fingerprint="f1")
    assert opened.search(VECTORS[0], 5)[0].serial == 5


def test_a_large_index_takes_what_is_added_beside_it_and_is_not_written_again(tmp_path: Path) -> None:
    TicketIndex.build(serials(300), VECTORS[:300], encoder="e", fingerprint="f", flat_limit=100).save(tmp_path)
    (large,) = tmp_path.glob("index-*")
    written = large.stat().st_mtime_ns
    index = TicketIndex.open(tmp_path)
    for i in (300, 301):
        index.add([1000 + i], VECTORS[i : i + 1], fingerprint=f"f{i}")
        index.save(tmp_path)
    assert [path.stat().st_mtime_ns for path in tmp_path.glob("index-*")] == [written]
    assert len(list(tmp_path.glob("added-*"))) == 1
    opened = TicketIndex.open(tmp_path, fingerprint="f301")
    assert len(opened) == 302
    assert [opened.search(VECTORS[i], 1)[0].serial for i in (5, 300, 301)] == [1005, 1300, 1301]
    assert opened.remove([1301, 1005], fingerprint="g") == 2
    opened.save(tmp_path)
    assert TicketIndex.open(tmp_path).serials().tolist() == [s for s in serials(301) if s != 1005]


def test_what_was_added_joins_a_large_index_in_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("retrieval.index.ADDED_LIMIT", 50)
    index = TicketIndex.build(serials(300), VECTORS[:300], encoder="e", fingerprint="f", flat_limit=100)
    index.add(serials(400)[300:], VECTORS[300:], fingerprint="g")
    index.save(tmp_path)
    assert not list(tmp_path.glob("added-*"))
    assert index.search(VECTORS[399], 1)[0].serial == 1399


def test_vectors_may_be_mapped_from_a_file_and_progress_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("retrieval.index.BATCH", 150)
    mapped = np.memmap(tmp_path / "vectors", np.float32, "w+", shape=VECTORS.shape)
    mapped[:] = VECTORS
    told: list[int] = []
    index = TicketIndex.build(serials(400), mapped, encoder="e", fingerprint="f", flat_limit=100, progress=told.append)
    assert told == [150, 150, 100]
    assert index.search(VECTORS[7], 1)[0].serial == 1007


def test_a_flat_index_that_outgrows_its_kind_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.FLAT_LIMIT", 350)
    index = TicketIndex.build(serials(300), VECTORS[:300], encoder="e", fingerprint="f")
    index.add(serials(400)[300:], VECTORS[300:], fingerprint="g")
    assert index.kind == "ivf"
    assert [index.search(VECTORS[i], 1)[0].serial for i in (0, 299, 300, 399)] == [1000 + i for i in (0, 299, 300, 399)]


def test_a_serial_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2 serial"):
        TicketIndex.build([5, 5], VECTORS[:2], encoder="e", fingerprint="f")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: (folder / "meta.json").unlink(), "meta.json is missing"),
        (lambda folder: (folder / "meta.json").write_text("{"), "meta.json is missing or unreadable"),
        (lambda folder: (folder / "meta.json").write_text("[]"), "meta.json is missing or unreadable"),
        (lambda folder: next(folder.glob("index-*")).unlink(), "is missing"),
        (lambda folder: next(folder.glob("index-*")).write_bytes(b"IxF2 nonsense"), "wrong checksum"),
    ],
)
def test_a_damaged_folder_says_so(damage, says: str, tmp_path: Path) -> None:
    TicketIndex.build(serials(9), VECTORS[:9], encoder="e1", fingerprint="f1").save(tmp_path)
    damage(tmp_path)
    with pytest.raises(IndexDamaged, match=says):
        TicketIndex.open(tmp_path)


@pytest.mark.parametrize("wanted", [{"encoder": "e2"}, {"fingerprint": "f2"}])
def test_an_index_of_another_encoder_or_store_is_refused(wanted: dict[str, str], tmp_path: Path) -> None:
    TicketIndex.build(serials(9), VECTORS[:9], encoder="e1", fingerprint="f1").save(tmp_path)
    with pytest.raises(IndexDamaged, match="does not match"):
        TicketIndex.open(tmp_path, **wanted)


def test_a_save_that_fails_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = TicketIndex.build(serials(9), VECTORS[:9], encoder="e1", fingerprint="f1")
    index.save(tmp_path)
    index.remove([1000], fingerprint="f2")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dumps", full_disk)
    with pytest.raises(OSError, match="No space left"):
        index.save(tmp_path)
    monkeypatch.undo()
    assert len(TicketIndex.open(tmp_path, fingerprint="f1")) == 9
    assert not list(tmp_path.glob(".*"))


def test_an_index_whose_file_is_cut_short_while_it_serves_goes_on_serving(tmp_path: Path) -> None:
    TicketIndex.build(serials(9), VECTORS[:9], encoder="e1", fingerprint="f1").save(tmp_path)
    reader = TicketIndex.open(tmp_path)
    for file in tmp_path.iterdir():
        file.write_bytes(b"not an index")
    assert reader.search(VECTORS[8], 1)[0].serial == 1008
    with pytest.raises(IndexDamaged):
        TicketIndex.open(tmp_path)


def test_an_index_that_is_mapped_outlives_its_successor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.MAPPED_FROM", 0)
    TicketIndex.build(serials(9), VECTORS[:9], encoder="e1", fingerprint="f1").save(tmp_path)
    reader = TicketIndex.open(tmp_path)
    TicketIndex.build(serials(4), VECTORS[4:8], encoder="e1", fingerprint="f2").save(tmp_path)
    assert reader.search(VECTORS[8], 1)[0].serial == 1008
    assert len(list(tmp_path.iterdir())) == 2


def test_searching_while_another_thread_adds_and_removes() -> None:
    index = TicketIndex.build(serials(200), VECTORS[:200], encoder="e", fingerprint="f")
    stop, failures = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            if index.search(VECTORS[5], 3)[0].serial != 1005:
                failures.append("lost")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for i in range(200, 300):
        index.add([1000 + i], VECTORS[i : i + 1], fingerprint=str(i))
        index.remove([900 + i], fingerprint=str(i))
    stop.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert len(index) == 200


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=40), st.sampled_from([10_000, 15]))
def test_any_run_of_adds_and_removes_leaves_exactly_what_a_set_would(
    steps: list[tuple[bool, int]], flat_limit: int
) -> None:
    index = TicketIndex.build(serials(20), VECTORS[:20], encoder="e", fingerprint="f", flat_limit=flat_limit)
    expected = set(range(20))
    for adds, i in steps:
        if adds:
            index.add([1000 + i], VECTORS[i : i + 1], fingerprint="g")
            expected.add(i)
        else:
            assert index.remove([1000 + i], fingerprint="g") == (i in expected)
            expected.discard(i)
    assert len(index) == len(expected)
    for i in range(31):
        hits = index.search(VECTORS[i], 1)
        assert (bool(hits) and hits[0].serial == 1000 + i) == (i in expected)
