import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from models.errors import ModelError
from models.folder import ModelFolder, kept
from models.trunk import Trunk
from tests.models import tiny


def copy(folder: ModelFolder, to: Path) -> Path:
    return Path(shutil.copytree(folder.path, to / "model"))


def test_what_is_written_is_read_back(tmp_path: Path, intent: ModelFolder) -> None:
    loaded = ModelFolder.load(intent.path)
    assert (loaded.task, loaded.labels, loaded.depth) == ("intent", tiny.LABELS, 1)
    assert loaded.version == intent.version
    assert len(loaded.version) == 12
    assert loaded.tensors()["head.weight"].dtype == np.float32


def test_weights_are_stored_as_half_floats(intent: ModelFolder) -> None:
    weight = intent.tensors()["head.weight"]
    assert np.array_equal(weight, weight.astype(np.float16).astype(np.float32))


def test_matrices_of_layers_are_stored_in_a_byte_a_weight_and_close_to_what_they_were(
    tmp_path: Path, intent: ModelFolder
) -> None:
    name = "encoder.layer.1.intermediate.dense.weight"
    written = np.random.default_rng(3).normal(size=(8, 300)).astype(np.float32)
    folder = ModelFolder.write(tmp_path / "model", {**intent.manifest}, {name: written})
    read = folder.tensors()[name]
    assert (folder.path / "weights.safetensors").stat().st_size < 1.2 * written.size
    assert np.abs(read - written).max() <= np.abs(written).max() / 127 / 2 + 1e-6


def test_writing_what_was_read_changes_no_weight(tmp_path: Path, intent: ModelFolder) -> None:
    again = ModelFolder.write(tmp_path / "again", {**intent.manifest}, intent.tensors())
    for name, tensor in intent.tensors().items():
        assert np.array_equal(again.tensors()[name], tensor)


def test_of_a_change_to_a_matrix_less_than_half_a_step_is_lost(intent: ModelFolder) -> None:
    tensors = intent.tensors()
    name = next(name for name in tensors if name.endswith("query.weight"))
    row = tensors[name][0]
    step, place = np.abs(row).max() / 127, int(np.abs(row).argmin())
    for share, found in ((0.3, 0), (0.7, 1)):
        changed = tensors[name].copy()
        changed[0, place] += share * step
        assert kept({name: changed})[name][0, place] == pytest.approx(row[place] + found * step, abs=1e-6)


def test_a_folder_of_half_floats_is_read_as_before(tmp_path: Path, intent: ModelFolder) -> None:
    halves = {name: tensor.astype(np.float16) for name, tensor in intent.tensors().items()}
    manifest = {**intent.manifest}
    folder = ModelFolder.write(tmp_path / "old", manifest, files={"weights.safetensors": save(halves)})
    for name, tensor in halves.items():
        assert np.array_equal(folder.tensors()[name], tensor.astype(np.float32))


def test_a_changed_file_is_refused(tmp_path: Path, intent: ModelFolder) -> None:
    path = copy(intent, tmp_path)
    weights = path / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match=r"weights\.safetensors has sha256"):
        ModelFolder.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"surprise": 1}, "unknown keys: surprise"),
        ({"format": 99}, "not of format"),
        ({"kind": "pickle"}, "has kind 'pickle'"),
        ({"labels": None}, "lacks labels"),
        ({"files": {"../weights.safetensors": "0"}}, "outside its folder"),
        ({"files": {"gone.safetensors": "0"}}, "Cannot read the model file"),
    ],
)
def test_a_manifest_that_is_not_right_is_refused(
    tmp_path: Path, intent: ModelFolder, change: dict[str, object], message: str
) -> None:
    path = copy(intent, tmp_path)
    manifest = json.loads((path / "manifest.json").read_text()) | change
    manifest = {name: value for name, value in manifest.items() if value is not None}
    (path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=message):
        ModelFolder.load(path)


def test_a_folder_without_a_manifest_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a model folder"):
        ModelFolder.load(tmp_path)


def test_writing_again_replaces_and_leaves_nothing_behind(tmp_path: Path, trunk: Trunk) -> None:
    first = tiny.branch(tmp_path / "model", trunk)
    second = tiny.branch(tmp_path / "model", trunk, seed=1)
    assert first.version != second.version
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_disk_that_is_full_leaves_the_old_model(
    tmp_path: Path, trunk: Trunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tiny.branch(tmp_path / "model", trunk)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.folder.os.fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        tiny.branch(tmp_path / "model", trunk, seed=1)
    assert ModelFolder.load(tmp_path / "model").version == old.version
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
