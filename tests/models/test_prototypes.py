"""What a folder holds beside its layers, and what is said when it does not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.folder import ModelFolder
from models.probe import Probe
from models.prototypes import Prototypes


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (Prototypes.of, "holds no out-of-scope prototypes .*oos.pooled is missing.*train the model again"),
        (Probe.of, "holds no probe of words .*probe.weights is missing.*train the model again"),
    ],
)
def test_a_folder_without_it_is_named_with_the_way_out(
    tmp_path: Path, read: Callable[[ModelFolder], object], message: str
) -> None:
    manifest = {"kind": "branch", "task": "intent", "labels": ["refund"], "head": {}}
    folder = ModelFolder.write(tmp_path / "model", manifest, {"head.weight": np.zeros((1, 4), np.float32)})
    with pytest.raises(ModelError, match=message):
        read(folder)
