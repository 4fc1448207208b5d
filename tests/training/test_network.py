"""The branch as a torch network, by itself."""

import pytest

torch = pytest.importorskip("torch")


@pytest.mark.train
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_dropout_drops_its_share_and_keeps_the_mean(dtype: "torch.dtype") -> None:
    from training.network import Dropout

    torch.manual_seed(0)
    dropped = Dropout(0.1)(torch.ones(301, 333, dtype=dtype)).float()
    assert (dropped == 0).float().mean().item() == pytest.approx(0.1, abs=0.005)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.01)
    assert dropped.unique().numel() == 2


@pytest.mark.train
def test_dropout_leaves_a_network_that_serves_alone() -> None:
    from training.network import Dropout

    state = torch.ones(3, 5)
    assert Dropout(0.5).eval()(state) is state
    assert Dropout(0.0)(state) is state
