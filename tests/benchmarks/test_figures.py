"""The arithmetic of the reports, on figures that can be checked by hand."""

import json
import os

import numpy as np
import pytest

from benchmarks.figures import Latency, resident_mb
from benchmarks.home import demo_messages, messages_of, throwaway_home
from benchmarks.naive import Comparison, Side
from benchmarks.retrieval import measure, near
from benchmarks.simulated import simulate
from bot.errors import ContentError
from bot.settings import Settings


@pytest.mark.parametrize(
    ("times", "p50", "p95", "p99"),
    [
        ([7.0], 7.0, 7.0, 7.0),
        (range(1, 101), 50, 95, 99),
        ([1.0] * 98 + [50.0, 90.0], 1.0, 1.0, 50.0),
    ],
)
def test_percentiles_are_times_that_were_really_seen(times, p50, p95, p99):
    assert Latency.of(times) == Latency(p50, p95, p99)


def test_nothing_measured_is_an_error_and_no_figure():
    with pytest.raises(ValueError, match="nothing was measured"):
        Latency.of([])


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="this system does not tell")
def test_memory_is_told_in_megabytes_and_unknown_for_no_process():
    here = resident_mb()
    assert here is not None
    assert 10 < here < 100_000
    assert resident_mb("no-such-process") is None


def test_messages_are_the_test_split_in_an_order_that_stays():
    messages = demo_messages()
    assert len(messages) > 250
    assert messages == demo_messages()
    assert messages != demo_messages(seed=1)
    assert sorted(messages) == sorted(demo_messages(seed=1))


def test_texts_of_a_file_are_taken_once_each_and_must_be_two(tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("one\n\ntwo\none\n", "utf-8")
    assert sorted(messages_of(file)) == ["one", "two"]
    file.write_text("one\n", "utf-8")
    with pytest.raises(ContentError, match="holds 1 texts"):
        messages_of(file)
    with pytest.raises(ContentError, match="cannot be read"):
        messages_of(tmp_path / "missing.txt")


def test_a_throwaway_home_shares_the_cache_and_leaves_nothing(tmp_path):
    settings = Settings(home=tmp_path / "home", database_url="sqlite:///elsewhere.db")
    with throwaway_home(settings) as inside:
        assert inside.database.endswith("handrail.db")
        assert str(inside.home) in inside.database
        (inside.cache / "graph").write_text("kept")
        (inside.home / "other").write_text("gone")
        home = inside.home
    assert not home.exists()
    assert (settings.cache / "graph").read_text() == "kept"


def test_made_vectors_lie_as_near_to_real_ones_as_asked():
    random = np.random.default_rng(0)
    base = np.eye(8, dtype=np.float32)
    made = near(base, 50, random, likeness=(0.7, 0.9))
    assert made.dtype == np.float32
    assert np.linalg.norm(made, axis=1) == pytest.approx(1, abs=1e-5)
    assert (((made @ base.T).max(axis=1) > 0.69) & ((made @ base.T).max(axis=1) < 0.91)).all()


def test_an_exact_index_recalls_all_at_every_size():
    told = []

    def step(what, total):
        told.append(what)
        return lambda done: None

    queries = near(np.eye(16, dtype=np.float32), 5, np.random.default_rng(1))
    report = measure(np.eye(16, dtype=np.float32), queries, sizes=(4, 50), step=step)
    assert [(size.size, size.kind, size.recall) for size in report.sizes] == [(4, "flat", 1.0), (50, "flat", 1.0)]
    assert all(size.bytes_each > 64 and size.added_ms > 0 and size.removed_ms > 0 for size in report.sizes)
    assert len(report.rows()[0]) == 11
    assert "Building an index of 50" in told
    assert report.to_dict()["p50_ms"] == report.sizes[-1].p50_ms
    json.dumps(report.to_dict())


def test_a_comparison_divides_the_assembled_by_ours_and_says_what_is_random():
    found = Comparison(10, ours=Side(5.0, 8.0, 10.0, 200.0), assembled=Side(250.0, 280.0, 300.0, None))
    assert (found.faster, found.faster_p99) == (50.0, 30.0)
    assert found.to_dict()["faster"] == 50.0
    assert "50 times faster at p50, 30 at p99" in str(found)
    assert "random weights" in str(found)


def test_an_index_that_is_simulated_finds_about_what_one_that_is_built_finds():
    real = np.random.default_rng(0).normal(size=(400, 32)).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    built = measure(real[40:], real[:40], [30_000]).sizes[0]
    said: list[str] = []
    found = simulate(real[40:], real[:40], 30_000, step=lambda what, total: lambda done: said.append(what))
    assert found.recall == pytest.approx(built.recall, abs=0.05)
    assert found.bytes_each == pytest.approx(built.bytes_each, abs=10)
    assert (found.cells, found.probes) == (693, 128)
    assert {"Learning 693 cells", "Looking at 30,000 vectors", "Filling the cells"} == set(said)
