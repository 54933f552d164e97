"""`python -m tests.lowest`: the lowest versions that pyproject.toml allows, as constraints for pip.

Torch is left out: PyPI has older ones only with gigabytes of CUDA.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lowest() -> dict[str, str]:
    """By package, of all extras: the version after `>=`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    found = {}
    for requirement in [*project["dependencies"], *(one for extra in extras for one in extra)]:
        if bound := re.match(r"([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)", requirement):
            found[bound[1]] = bound[2]
    return {name: version for name, version in found.items() if name != "torch"}


if __name__ == "__main__":
    print("\n".join(f"{name}=={version}" for name, version in lowest().items()))
