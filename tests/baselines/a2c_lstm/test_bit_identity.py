"""The same seed gives the same weights, bit for bit, whatever the x86-64 processor."""

import json
import os
import subprocess
import sys

import pytest
from llvmlite.binding import get_host_cpu_features

from tests.baselines.a2c_lstm.reference import DIGESTS, TRAININGS, digest
from tests.platforms import x86_64_only

pytestmark = x86_64_only
TARGETS = {
    "x86-64": (),
    "nehalem": ("sse4.2",),
    "sandybridge": ("avx",),
    "haswell": ("avx2", "fma"),
}
"""Processors to compile for, from the plainest on, and what one must have to run the code."""
PLAIN = {
    # As little as each library can be brought to.
    "NUMBA_CPU_FEATURES": "",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX2 FMA3 AVX512F",
    "ATEN_CPU_CAPABILITY": "default",
    "OPENBLAS_CORETYPE": "Prescott",
}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_ends_where_it_ends_everywhere(name):
    """Broken if an operation's order depends on the machine, or the arithmetic was changed.

    If it was changed on purpose, `python -m tests.baselines.a2c_lstm.reference` prints the new
    digests.
    """
    assert digest(name) == DIGESTS[name]


@pytest.mark.parametrize("target", TARGETS)
def test_code_for_another_processor_does_the_same(target):
    """Broken if the compiler fuses or reorders sums, or NumPy, BLAS or torch computes a part."""
    features = get_host_cpu_features()
    if not all(features.get(feature) for feature in TARGETS[target]):
        pytest.skip(f"this processor cannot run code for {target}")
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.baselines.a2c_lstm.reference"],
        env=os.environ | PLAIN | {"NUMBA_CPU_NAME": target},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == DIGESTS
