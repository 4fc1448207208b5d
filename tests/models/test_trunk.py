import dataclasses
from pathlib import Path

import pytest

from models.errors import ModelError
from models.graph import trunk_graph
from models.trunk import Trunk


def test_weights_of_a_wrong_hash_are_refused(trunk: Trunk) -> None:
    with pytest.raises(ModelError, match="Install it again"):
        dataclasses.replace(trunk, sha256="0" * 64).tensors()


def test_a_folder_without_a_config_is_no_trunk(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable config\.json"):
        Trunk.from_folder(tmp_path, "0", "none")


def test_the_packaged_base_model_is_there() -> None:
    trunk = Trunk.from_package()
    assert (trunk.layers, trunk.hidden, trunk.heads) == (6, 384, 12)


def test_the_graph_needs_its_weights_whole(trunk: Trunk) -> None:
    with pytest.raises(ModelError):
        trunk_graph(dataclasses.replace(trunk, sha256="1" * 64), [0])
