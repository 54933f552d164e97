"""Which frameworks are here: what needs another is skipped, or in CI's job for them an error."""

import importlib.util
import os

import pytest


def need(*modules):
    """Skips the test if a module is not installed; fails it where nothing may be skipped.

    `make test-examples` sets REQUIRE_EXAMPLES: there everything is installed, or should be.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            message = f"{module} is not installed: `make test-examples` installs it"
            if os.environ.get("REQUIRE_EXAMPLES"):
                pytest.fail(message)
            pytest.skip(message)
