"""Messages: in Python's words from the library, in flags from the command line."""

import pytest

from baselines.common.errors import with_flags


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("allow it with `transfer=True`", "allow it with --transfer"),
        ("leave `progress_bar=False`", "leave --no-progress-bar"),
        ("try `num_steps=5`", "try --num-steps 5"),
        ("choose another `out=`", "choose another --out"),
        ("go on with `resume=runs/a b`", "go on with --resume runs/a b"),
        ("`num_envs` must be 1, not `num_envs=2`", "--num-envs must be 1, not --num-envs 2"),
        ("Did you mean: `MetaBandit`? x=3", "Did you mean: `MetaBandit`? x=3"),
    ],
)
def test_arguments_become_flags(message, shown):
    """Broken if the command line tells somebody to type what it does not take."""
    assert with_flags(message) == shown
