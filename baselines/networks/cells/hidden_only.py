"""Cells whose state is their output alone, called as all cells are."""

from __future__ import annotations

from typing import Any

from torch import Tensor


class HiddenOnly:
    """Before a module of torch with one state, such as `nn.GRU`: lets it take and give a tuple."""

    state_names = ("hidden",)

    def forward(self, inputs: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor]]:
        """Runs over a sequence; see `Cell`."""
        module: Any = super()
        output, last = module.forward(inputs, state[0])
        return output, (last,)
