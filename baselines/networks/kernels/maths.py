"""tanh, exp, log and the normal quantile of float32, the same on every machine.

NumPy and the C library choose theirs by the processor. Each of these is within a few units of the
last place of the exact value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from baselines.networks.kernels.vector import clamp
from meta_envs.core.compiled import compiled

F = np.float32

# tanh(x) = x p(x^2) / q(x^2), the rational minimax approximation of degrees 13 and 6 that Eigen
# uses; from the bound on it is 1.
TANH_BOUND = F(7.90531110763549805)
P1, P3, P5, P7 = (
    F(4.89352455891786e-3),
    F(6.37261928875436e-4),
    F(1.48572235717979e-5),
    F(5.12229709037114e-8),
)
P9, P11, P13 = F(-8.60467152213735e-11), F(2.00018790482477e-13), F(-2.76076847742355e-16)
Q0, Q2, Q4, Q6 = (
    F(4.89352518554385e-3),
    F(2.26843463243900e-3),
    F(1.18534705686654e-4),
    F(1.19825839466702e-6),
)
HALF, ONE = F(0.5), F(1.0)


@compiled
def tanh(x: Any) -> Any:
    """The hyperbolic tangent of each number of a vector; nan stays nan."""
    x = clamp(x, -TANH_BOUND, TANH_BOUND)
    square = x * x
    above = P13 * square + P11
    above = above * square + P9
    above = above * square + P7
    above = above * square + P5
    above = above * square + P3
    above = above * square + P1
    below = Q6 * square + Q4
    below = below * square + Q2
    below = below * square + Q0
    return x * above / below


@compiled
def sigmoid(x: Any) -> Any:
    """The logistic function 1 / (1 + exp(-x)) of each number of a vector."""
    return HALF * tanh(HALF * x) + HALF


# Cephes' expf and logf: a short polynomial beside a whole power of two.
LOG2_E = F(1.44269504088896341)
LN2_HIGH, LN2_LOW = F(0.693359375), F(-2.12194440e-4)
"""Their sum is log(2); the first has so few digits that its products with small integers are
exact."""
EXP_LEAST, EXP_MOST = F(-87.3), F(88.0)
E0, E1, E2 = F(5.0000001201e-1), F(1.6666665459e-1), F(4.1665795894e-2)
E3, E4, E5 = F(8.3334519073e-3), F(1.3981999507e-3), F(1.9875691500e-4)
SQRT_HALF = F(0.707106781186547524)
L0, L1, L2 = F(3.3333331174e-1), F(-2.4999993993e-1), F(2.0000714765e-1)
L3, L4, L5 = F(-1.6668057665e-1), F(1.4249322787e-1), F(-1.2420140846e-1)
L6, L7, L8 = F(1.1676998740e-1), F(-1.1514610310e-1), F(7.0376836292e-2)
MANTISSA, EXPONENT_OF_HALF = np.int32(0x007FFFFF), np.int32(0x3F000000)


@compiled
def exp(x: Any) -> Any:
    """Euler's number to the power of a float32, which counts as -87.3 at least and 88 at most."""
    x = min(max(x, EXP_LEAST), EXP_MOST)
    power = F(np.floor(x * LOG2_E + HALF))
    rest = x - power * LN2_HIGH - power * LN2_LOW
    series = E5 * rest + E4
    series = series * rest + E3
    series = series * rest + E2
    series = series * rest + E1
    series = series * rest + E0
    series = series * rest * rest + rest + ONE
    return series * np.int32((np.int32(power) + 127) << 23).view(np.float32)


@compiled
def log(x: Any) -> Any:
    """The natural logarithm of a float32, which must be positive and not denormal."""
    bits = F(x).view(np.int32)
    power = F((bits >> 23) - 126)
    part = np.int32((bits & MANTISSA) | EXPONENT_OF_HALF).view(np.float32)  # In [0.5, 1).
    if part < SQRT_HALF:
        power -= ONE
        part += part
    part -= ONE
    square = part * part
    series = L8 * part + L7
    series = series * part + L6
    series = series * part + L5
    series = series * part + L4
    series = series * part + L3
    series = series * part + L2
    series = series * part + L1
    series = series * part + L0
    small = series * part * square + power * LN2_LOW - HALF * square
    return part + small + power * LN2_HIGH


# The normal quantile of Wichura 1988 (Algorithm AS 241, PPND7): one quotient of polynomials in the
# middle, another in the tails. His third one is for tails further out than a float32 gets.
MIDDLE, MIDDLE_SQUARE, TAIL = F(0.425), F(0.180625), F(1.6)
HALF_STEP = F(2.0**-25)
A0, A1, A2, A3 = F(3.3871327179), F(5.0434271938e1), F(1.5929113202e2), F(5.9109374720e1)
B1, B2, B3 = F(1.7895169469e1), F(7.8757757664e1), F(6.7187563600e1)
C0, C1, C2, C3 = F(1.4234372777), F(2.7568153900), F(1.3067284816), F(1.7023821103e-1)
D1, D2 = F(7.3700164250e-1), F(1.2021132975e-1)


@compiled
def normal_quantile(uniform: Any) -> Any:
    """A standard normal number from a uniform one: a float32 in [0, 1), of 24 bits.

    Each of these stands for the middle of its interval, so that none gives an infinity.
    """
    centred = uniform - HALF + HALF_STEP  # Exact, as is what is left to the nearer end.
    if abs(centred) <= MIDDLE:
        rest = MIDDLE_SQUARE - centred * centred
        above = ((A3 * rest + A2) * rest + A1) * rest + A0
        below = ((B3 * rest + B2) * rest + B1) * rest + ONE
        return centred * above / below
    rest = np.sqrt(-log(HALF - abs(centred))) - TAIL
    above = ((C3 * rest + C2) * rest + C1) * rest + C0
    below = (D2 * rest + D1) * rest + ONE
    return above / below if centred > 0 else -above / below
