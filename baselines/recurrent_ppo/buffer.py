"""A rollout buffer whose minibatches are made of whole sub-environments."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib.common.recurrent.buffers import RecurrentRolloutBuffer
from sb3_contrib.common.recurrent.type_aliases import RecurrentRolloutBufferSamples, RNNStates
from stable_baselines3.common.buffers import DictRolloutBuffer

SAMPLED = (
    "actions",
    "values",
    "log_probs",
    "advantages",
    "returns",
    "episode_starts",
)
"""Arrays of the buffer that go into a minibatch beside the observations."""


class WholeEpisodeBuffer(RecurrentRolloutBuffer):
    """Minibatches of whole columns: all steps of one sub-environment, shuffled every epoch.

    The stock buffer cuts the rollout at a random place and again at every multiple of the
    batch size, so that some sequences begin in the middle of an episode. Here none does as
    long as the number of steps is a multiple of the episode length.

    Samples have the stock format: one sequence an episode, padded to the longest of the
    minibatch, laid out one after the other.
    """

    def add(  # type: ignore[override]  # as the stock buffer differs from its own base
        self, *args: Any, lstm_states: RNNStates, **kwargs: Any
    ) -> None:
        """Stores one step of every sub-environment; arguments as in the stock buffer."""
        # A sequence starts with the rollout or with an episode. The second kind starts from a
        # state of zeros, so the states before the rollout's first step are all that is needed.
        if self.pos == 0:
            self.first_states = lstm_states
        super(RecurrentRolloutBuffer, self).add(*args, **kwargs)

    def note(
        self,
        step: int,
        observations: NDArray[Any],
        actions: NDArray[Any],
        rewards: NDArray[Any],
        episode_starts: NDArray[Any],
    ) -> None:
        """Stores what is known while a step is taken; `complete` adds the rest."""
        self.observations[step] = observations
        self.actions[step] = actions.reshape(self.n_envs, -1)
        self.rewards[step], self.episode_starts[step] = rewards, episode_starts

    def complete(
        self, values: NDArray[Any], log_probs: NDArray[Any], first_states: RNNStates
    ) -> None:
        """Stores what the network said at every step, both of shape (steps, num_envs).

        Args:
            values: Expected returns.
            log_probs: Of the actions taken.
            first_states: The LSTM's states before the first step.
        """
        self.values[:], self.log_probs[:] = values, log_probs
        self.first_states = first_states
        self.pos, self.full = self.buffer_size, True

    def get(  # type: ignore[override]  # likewise
        self, batch_size: int | None = None
    ) -> Generator[RecurrentRolloutBufferSamples, None, None]:
        """Yields every column once, in a fresh random order.

        Args:
            batch_size: Steps a minibatch, a multiple of the steps in a column; None gives the
                whole rollout at once.

        Raises:
            ValueError: If the batch size is no multiple of the steps in a column.
        """
        rows = {name: side_by_side(getattr(self, name)) for name in SAMPLED}
        observations = self._each(self.observations, side_by_side)
        for envs in self.shares(batch_size):
            yield self._sample(rows, observations, envs)

    def shares(self, batch_size: int | None = None) -> Iterator[NDArray[np.intp]]:
        """Yields the sub-environments of each minibatch; see `get`."""
        assert self.full, "the buffer must be full before it is sampled from"
        columns, rest = divmod(batch_size or self.buffer_size * self.n_envs, self.buffer_size)
        if rest:
            raise ValueError(
                f"batch_size must be a multiple of n_steps={self.buffer_size}, got {batch_size}"
            )
        order = np.random.permutation(self.n_envs)  # noqa: NPY002 - the one SB3 seeds
        for start in range(0, self.n_envs, columns):
            yield order[start : start + columns]

    def _each(self, observations: Any, change: Callable[[NDArray[Any]], Any]) -> Any:
        """Observations with all of their arrays changed."""
        return change(observations)

    def _sample(
        self, rows: dict[str, NDArray[Any]], observations: Any, envs: NDArray[np.intp]
    ) -> RecurrentRolloutBufferSamples:
        """A minibatch of some sub-environments; all arrays have shape (num_envs, steps, ...)."""
        starts = rows["episode_starts"][envs] > 0
        starts[:, 0] = True
        first = np.flatnonzero(starts)
        lengths = np.diff(first, append=starts.size)
        longest = int(lengths.max())
        sequence = np.repeat(np.arange(len(first)), lengths)
        slots = sequence * longest + np.arange(starts.size) - first[sequence]

        def padded(steps: NDArray[Any]) -> torch.Tensor:
            # (envs, steps, ...) -> (sequences * longest, ...)
            out = steps.reshape(-1, *steps.shape[2:])
            if len(first) * longest > len(out):
                out = np.zeros((len(first) * longest, *out.shape[1:]), out.dtype)
                out[slots] = steps.reshape(-1, *steps.shape[2:])
            return torch.from_numpy(out).to(self.device)

        columns = envs[first // self.buffer_size]
        pi, vf = ((h[:, columns], c[:, columns]) for h, c in self.first_states)
        parts = {name: padded(row[envs]) for name, row in rows.items()}
        return RecurrentRolloutBufferSamples(
            observations=self._each(observations, lambda row: padded(row[envs])),
            actions=parts["actions"],
            old_values=parts["values"],
            old_log_prob=parts["log_probs"],
            advantages=parts["advantages"],
            returns=parts["returns"],
            lstm_states=RNNStates(pi, vf),
            episode_starts=parts["episode_starts"],
            mask=padded(np.ones(starts.shape, np.float32)),
        )


class WholeEpisodeDictBuffer(  # type: ignore[misc]  # as the stock ones differ likewise
    WholeEpisodeBuffer, DictRolloutBuffer
):
    """The same for observations that are a Dict."""

    def _each(self, observations: Any, change: Callable[[NDArray[Any]], Any]) -> Any:
        return {name: change(part) for name, part in observations.items()}


def side_by_side(steps: NDArray[Any]) -> NDArray[Any]:
    """Each sub-environment's steps side by side, shape (num_envs, steps, ...).

    One copy serves all minibatches. Images stay where they are: a copy of a rollout's would
    take its memory twice.
    """
    swapped = steps.swapaxes(0, 1)
    return swapped if steps.dtype == np.uint8 else np.ascontiguousarray(swapped)
