"""Compiled arithmetic: beside NumPy's in double precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.networks.cells.gates import by_gate, by_input
from baselines.networks.kernels import maths
from baselines.networks.kernels.products import (
    BLOCK,
    add_gradient,
    in_panels,
    multiply,
    padded,
    row_length,
)
from baselines.networks.kernels.vector import fill, load, store
from meta_envs.core.compiled import compiled

F = np.float32


@compiled
def over_rows(x, out, logistic):
    """Of every number, eight at a time."""
    for row in range(len(x)):
        for column in range(0, x.shape[1], 8):
            numbers = load(8, x, row, column)
            result = maths.sigmoid(numbers) if logistic else maths.tanh(numbers)
            store(out, row, column, result)


@compiled
def one_by_one(x, exponentials, logs):
    for i in range(len(x)):
        exponentials[i] = maths.exp(x[i])
        logs[i] = maths.log(abs(x[i]))


@pytest.mark.parametrize(("logistic", "most"), [(False, 4e-7), (True, 3e-7)])
def test_tanh_and_the_logistic_function(logistic, most):
    """Broken if a coefficient or the clamp is wrong."""
    inside = np.linspace(-12, 12, 200_000)
    x = np.concatenate([inside, [0.0, 1e-30, -1e-30, 50, -50, 1e30, np.inf, -np.inf]])
    x = x.astype(F).reshape(-1, 8)
    out = np.empty_like(x)
    over_rows(x, out, logistic)
    exact = x.astype(np.float64)
    wanted = (np.tanh(exact / 2) + 1) / 2 if logistic else np.tanh(exact)
    assert np.abs(out - wanted).max() < most
    assert np.abs(out).max() <= 1


def test_tanh_leaves_nan_to_be_seen():
    """Broken if a clamp would turn a diverged training into a healthy-looking one."""
    x = np.full((1, 8), np.nan, F)
    out = np.zeros_like(x)
    over_rows(x, out, False)
    assert np.isnan(out).all()


def test_exp_and_log():
    """Within two units of the last place, from the least to the largest numbers there may be."""
    inside = np.concatenate([np.linspace(-87, 88, 100_000), 10.0 ** np.linspace(-37, 38, 10_000)])
    x = inside[inside != 0].astype(F)
    exponentials, logs = np.empty_like(x), np.empty_like(x)
    one_by_one(x, exponentials, logs)
    small = x <= 88
    wanted = np.exp(x[small].astype(np.float64))
    assert np.abs(exponentials[small] / wanted - 1).max() < 2.5e-7
    wanted = np.log(np.abs(x).astype(np.float64))
    assert (np.abs(logs - wanted) <= 2.5e-7 * np.maximum(np.abs(wanted), 0.5)).all()
    one_by_one(np.array([-1e4, 1e4], F), exponentials[:2], logs[:2])
    assert 0 < exponentials[0] < 1e-37
    assert 1e38 < exponentials[1] < np.inf


@compiled
def arithmetic(x, y, out):
    first, second = load(16, x, 0, 0), load(16, y, 0, 0)
    store(out, 0, 0, first + second)
    store(out, 1, 0, first - second)
    store(out, 2, 0, first * second)
    store(out, 3, 0, first / second)
    store(out, 4, 0, F(2) - first)
    store(out, 5, 0, first / F(3))
    store(out, 6, 0, fill(16, F(7)))


def test_vectors_compute_as_single_numbers_do():
    """To the last bit; broken if operands are swapped or an instruction is another."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 16)).astype(F)
    out = np.zeros((7, 16), F)
    arithmetic(x, y, out)
    wanted = [x + y, x - y, x * y, x / y, F(2) - x, x / F(3), np.full((1, 16), 7, F)]
    np.testing.assert_array_equal(out, np.concatenate(wanted))


@given(
    st.integers(1, 11), st.integers(1, 40), st.integers(1, 40), st.booleans(), st.integers(0, 99)
)
def test_a_product_sums_in_order(rows, terms, columns, add, seed):
    """To the last bit, also where rows are longer than they need be."""
    rng = np.random.default_rng(seed)
    left = rng.normal(size=(rows, terms + 3)).astype(F)
    right = rng.normal(size=(terms, columns)).astype(F)
    out = rng.normal(size=(rows, row_length(columns))).astype(F)
    wanted = np.zeros((rows, columns), F)
    for term in range(terms):
        wanted += left[:, term, None] * right[term]
    if add:
        wanted = out[:, :columns] + wanted
    multiply(left, in_panels(right), out, add)
    np.testing.assert_array_equal(out[:, :columns], wanted)


@given(st.integers(1, 300), st.integers(1, 11), st.sampled_from([1, 3, 40]), st.integers(0, 99))
def test_a_gradient_sums_over_rows_in_order(rows, size, panels, seed):
    """To the last bit, block after block, also of a part of the columns and of many."""
    rng = np.random.default_rng(seed)
    left = rng.normal(size=(rows, size + 2)).astype(F)
    right = rng.normal(size=(rows, row_length(16 * panels + 16))).astype(F)
    out = rng.normal(size=(size, 16 * panels)).astype(F)
    wanted = out.copy()
    for first in range(0, rows, BLOCK):
        block = np.zeros_like(out)
        for row in range(first, min(first + BLOCK, rows)):
            block += left[row, :size, None] * right[row, 16 : 16 + 16 * panels]
        wanted += block
    add_gradient(left, right, 16, out)
    np.testing.assert_array_equal(out, wanted)


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 5))
def test_weights_come_back_as_they_went(gates, units, inputs):
    """Broken if a gradient would land on another weight."""
    weight = np.arange(gates * units * inputs, dtype=F).reshape(gates * units, inputs)
    matrix = by_input(weight, gates, padded(units, 8))
    assert matrix.shape == (inputs, gates * padded(units, 8))
    np.testing.assert_array_equal(by_gate(matrix, gates, units), weight)
    np.testing.assert_array_equal(matrix[:, 0], weight[0])
