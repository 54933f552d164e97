"""Tests of distributions by closed formulas, each with a stated chance of a false alarm.

All bounds hold for any number of samples, none relies on a limit theorem. Each question asked
here gets a wrong "no" from fewer than `ALARM` of all seeds, one in a million. The seeds are
fixed besides, so that a failure is a change in the code.
"""

import math

import numpy as np

ALARM = 1e-6


def follows(sample, cdf=lambda x: x):
    """Kolmogorov-Smirnov: whether a sample follows a continuous distribution.

    The bound on the distance is that of Dvoretzky, Kiefer and Wolfowitz with Massart's constant:
    P(distance > d) <= 2 exp(-2 n d^2).

    Args:
        sample: Independent numbers.
        cdf: The distribution function; uniform on [0, 1] unless given.
    """
    values = np.sort(cdf(np.asarray(sample, float)))
    n = len(values)
    above = np.arange(1, n + 1) / n - values
    below = values - np.arange(n) / n
    distance = max(above.max(), below.max())
    return distance <= math.sqrt(math.log(2 / ALARM) / (2 * n))


def happens(count, n, probability, tests=1):
    """Whether an event that happened `count` times in `n` has this probability.

    Chernoff's bound: P(at least k of n) <= exp(-n KL(k / n, p)), and the same for at most k. It
    also holds for independent events of different probability and mean p (Hoeffding 1956).

    Args:
        count: How often it happened.
        n: How often it could have happened.
        probability: How likely it is each time, on average.
        tests: How many such questions are asked together, all of which must be right.
    """
    return n * divergence(count / n, probability) <= math.log(2 * tests / ALARM)


def divergence(p, q):
    """Kullback-Leibler divergence between two coins."""
    pairs = [(a, b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0]
    return sum(a * math.log(a / b) if b > 0 else math.inf for a, b in pairs)


def independent(first, second, cells=4):
    """Whether pairs of independent uniform numbers fill every cell of a square alike."""
    first, second = np.asarray(first), np.asarray(second)
    cell = (first * cells).astype(int) * cells + (second * cells).astype(int)
    counts = np.bincount(cell.ravel(), minlength=cells**2)
    return all(happens(count, cell.size, 1 / cells**2, cells**2) for count in counts)


def mean_is(sample, expected, low, high):
    """Whether numbers in [low, high] have this mean, by the empirical Bernstein bound.

    Maurer and Pontil 2009: the error of the mean is at most
    sqrt(2 v log(4 / a) / n) + 7 (high - low) log(4 / a) / (3 (n - 1)), v the sample's variance.
    """
    sample = np.asarray(sample, float)
    n, log = sample.size, math.log(4 / ALARM)
    assert sample.min() >= low and sample.max() <= high
    error = math.sqrt(2 * sample.var(ddof=1) * log / n) + 7 * (high - low) * log / (3 * (n - 1))
    return abs(sample.mean() - expected) <= error


def has_unit_variance(sample):
    """Whether independent normal numbers of mean 0 have variance 1.

    Laurent and Massart 2000: a chi-square number with n degrees of freedom is above
    n + 2 sqrt(n x) + 2 x, or below n - 2 sqrt(n x), with probability exp(-x) at most.
    """
    n, x = len(sample), math.log(2 / ALARM)
    excess = np.square(sample).sum() - n
    return -2 * math.sqrt(n * x) <= excess <= 2 * math.sqrt(n * x) + 2 * x


def normal_cdf(x):
    """Distribution function of the standard normal distribution."""
    return 0.5 * (1 + np.vectorize(math.erf)(np.asarray(x) / math.sqrt(2)))
