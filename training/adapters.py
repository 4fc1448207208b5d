"""LoRA and AdaLoRA by peft: the layers learn a change of low rank alone, which is merged into their weights at the
end, so that what serves is the same graph."""

from __future__ import annotations

import torch
from torch import Tensor

from models.errors import HandrailError
from training.extra import require
from training.network import PARTS, Branch

RANK = 16
LINEAR = [name for name in PARTS if not name.endswith("norm")]
ORTHOGONAL = 0.5  # weighs how far AdaLoRA's factors are from orthogonal (Zhang et al., 2023)


class AdapterError(HandrailError):
    """There is no such adapter."""


class Adapter:
    """Puts low-rank factors beside each linear layer of `network`, whose other weights stand still but for the head's.

    `kind` is "lora" (Hu et al., 2022) or "adalora", which begins with half as many ranks again and, over `steps` steps,
    gives them to the layers that need them. Raises MissingExtra without peft, AdapterError for another kind.
    """

    def __init__(self, network: Branch, kind: str, steps: int) -> None:
        peft, self.network = require("peft"), network
        shared = {"lora_alpha": 2 * RANK, "lora_dropout": 0.0, "target_modules": LINEAR}
        if kind == "lora":
            self.tuner = peft.LoraModel(network, peft.LoraConfig(r=RANK, **shared), "default")
        elif kind == "adalora":
            config = peft.AdaLoraConfig(
                init_r=RANK * 3 // 2, target_r=RANK, total_step=steps, tinit=steps // 10, tfinal=steps // 3, deltaT=10,
                **shared,
            )  # fmt: skip
            self.tuner = peft.AdaLoraModel(network, config, "default")
        else:
            raise AdapterError(f"{kind!r} is no adapter; there are 'lora' and 'adalora'.")
        self.adaptive = kind == "adalora"
        network.head.requires_grad_(True)

    def penalty(self) -> Tensor:
        """What is added to the loss, a scalar: how far AdaLoRA's factors are from orthogonal."""
        if not self.adaptive:
            return torch.zeros(())
        factors = [
            part if ".lora_A." in name else part.T
            for name, part in self.network.named_parameters()
            if ".lora_A." in name or ".lora_B." in name
        ]
        return ORTHOGONAL * torch.stack([(part @ part.T - torch.eye(len(part))).norm() for part in factors]).mean()

    def stepped(self, step: int) -> None:
        """Called after each step, while the gradients are there."""
        if self.adaptive:
            self.tuner.update_and_allocate(step)

    def merge(self) -> None:
        """Add the change to the weights; the network is then as it was built."""
        self.tuner.merge_and_unload()
