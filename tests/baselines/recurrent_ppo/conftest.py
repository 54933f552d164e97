"""What the tests of RecurrentPPO share."""

import pytest

from baselines.common.threads import one_thread


@pytest.fixture(autouse=True)
def single_threaded():
    with one_thread():
        yield
