"""What is promised, bit for bit, on some machines only."""

import platform

import pytest

x86_64_only = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="promised for x86-64 only"
)
"""Marks tests of digests. An Arm processor may fuse a product and a sum, and a C library other than
that of the digests may round a sine or a logarithm the other way."""
