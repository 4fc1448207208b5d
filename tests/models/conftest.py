from pathlib import Path

import pytest

from models.folder import ModelFolder
from models.runtime import Runtime
from models.trunk import Trunk
from tests.models import tiny


@pytest.fixture(scope="session")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Trunk:
    return tiny.trunk(tmp_path_factory.mktemp("trunk"))


CALIBRATION = {
    "temperature": 0.5,
    "oos": {"weights": [0.2, 0.1, 3.0, 2.0], "bias": -3.0, "threshold": 0.6, "false_rejects": 0.05},
}
SIGMOID = {"pooling": "first", "activation": "sigmoid"}


@pytest.fixture(scope="session")
def intent(tmp_path_factory: pytest.TempPathFactory, trunk: Trunk) -> ModelFolder:
    return tiny.branch(tmp_path_factory.mktemp("models") / "intent", trunk, calibration=CALIBRATION)


@pytest.fixture(scope="session")
def toxicity(tmp_path_factory: pytest.TempPathFactory, trunk: Trunk) -> ModelFolder:
    path = tmp_path_factory.mktemp("models") / "toxicity"
    return tiny.branch(path, trunk, task="toxicity", labels=["toxicity", "threat"], head=SIGMOID)


@pytest.fixture(scope="session")
def runtime(
    tmp_path_factory: pytest.TempPathFactory, trunk: Trunk, intent: ModelFolder, toxicity: ModelFolder
) -> Runtime:
    folders: dict[str, Path] = {"intent": intent.path, "toxicity": toxicity.path}
    return Runtime.from_folders(folders, tmp_path_factory.mktemp("cache"), threads=2, trunk=trunk)
