"""Environments named on a command line, and their arguments."""

import re

import pytest

from baselines.common.environments import parse_env_kwargs
from baselines.common.errors import InputError

BAD = ("", "{", "[]", "null", "3", "{x: 1}", "[" * 99_999, '{"a":' * 99_999)
TOO_LONG = '{"num_trials": ' + "9" * 5_000 + "}"


@pytest.mark.parametrize("text", [*BAD, TOO_LONG], ids=range(len(BAD) + 1))
def test_what_is_no_json_object_is_refused_in_a_line(text):
    """Broken if JSON that Python cannot read ends in a traceback, or is repeated whole."""
    with pytest.raises(InputError, match=r"^`env_kwargs` must be a JSON object such as") as caught:
        parse_env_kwargs(text)
    assert len(str(caught.value)) < 400 and not re.search(r"\n", str(caught.value))
