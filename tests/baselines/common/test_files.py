"""What is written for other programs to read."""

import json

import numpy as np
import pytest

from baselines.common.files import json_text, write_results


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def test_what_json_cannot_say_is_null(tmp_path):
    """`json` writes NaN and Infinity, which other readers refuse."""
    value = {"a": float("nan"), "b": [1.5, (float("inf"), -np.inf)], "c": {"d": np.float64("nan")}}
    expected = {"a": None, "b": [1.5, [None, None]], "c": {"d": None}}
    assert json.loads(json_text(value), parse_constant=refuse) == expected
    write_results(tmp_path / "scores.json", value)
    assert json.loads((tmp_path / "scores.json").read_text(), parse_constant=refuse) == expected


def test_json_is_written_whole_or_not_at_all(tmp_path):
    """Broken if scores that cannot be written cost those of before."""
    write_results(tmp_path / "scores.json", [1])
    with pytest.raises(TypeError):
        write_results(tmp_path / "scores.json", [object()])
    assert json.loads((tmp_path / "scores.json").read_text()) == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["scores.json"]
