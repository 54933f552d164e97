"""While an agent computes it keeps to one thread, and gives back what it found."""

import torch
from threadpoolctl import threadpool_info

from baselines.common.threads import one_thread


def blas_threads():
    """Threads of each BLAS that is loaded."""
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_one_thread_inside_and_as_many_as_before_outside():
    torch.set_num_threads(2)
    try:
        before = blas_threads()
        with one_thread():
            assert torch.get_num_threads() == 1
            assert set(blas_threads()) <= {1}
        assert torch.get_num_threads() == 2
        assert blas_threads() == before
    finally:
        torch.set_num_threads(1)
