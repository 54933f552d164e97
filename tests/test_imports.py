"""The import graph, read from the source: one way, no cycle, nothing private of another package."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from baselines.registry import TRAINABLE

ROOT = Path(__file__).parent.parent
LAYERS = {
    "meta_envs": [
        *("core", "rendering", "tasks", "wrappers"),
        *("policies", "optimal", "family_checker"),
    ],
    "baselines": [
        "common",
        ("classic", "networks"),
        ("a2c_lstm", "recurrent_ppo"),
        "registry",
        "evaluation",
        ("training", "analysis", "inside", "statistics"),
        "reporting",
        ("experiments", "benchmarks"),
        "cli",
    ],
}
"""From what imports nothing of ours to what imports all; those in a tuple know nothing of each
other. `meta_envs.registration` names tasks by strings: it stands right above the core."""
ABOVE_ALL = {"meta_envs": {"__init__"}, "baselines": {"__init__", "__main__"}}
"""The public doors, which name what is in any layer."""
RANKS = {
    f"{top}.{name}": rank
    for top, layers in LAYERS.items()
    for rank, names in enumerate(layers)
    for name in ([names] if isinstance(names, str) else names)
} | {"meta_envs.registration": 0.5}
# An agent that trains is a package and a row of the registry, and nothing here.
RANKS |= {row.agent.rpartition(":")[0]: RANKS["baselines.a2c_lstm"] for row in TRAINABLE.values()}

PROTECTED = {
    "baselines.recurrent_ppo.algorithm": {
        *("_stats_window_size", "_update_info_buffer"),
        *("_current_progress_remaining", "_update_learning_rate"),
    },
    "baselines.common.vec_env": {
        *("_options", "_seeds", "_reset_options", "_reset_seeds", "_get_indices"),
    },
    "meta_envs.wrappers.vector.meta_episode": {"_add_info"},
}
"""What base classes of Stable-Baselines3 and Gymnasium have for their subclasses, under a leading
underscore."""

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for top in LAYERS
    for path in sorted((ROOT / top).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def package(module):
    """The room a module is in: "baselines.training" for "baselines.training.train"."""
    return ".".join(module.split(".")[:2])


def resolve(name):
    """The module of ours that a dotted name is in, None if it is of others."""
    while name:
        for found in (name, f"{name}.__init__"):
            if found in MODULES:
                return found
        name = name.rpartition(".")[0]
    return None


def imports(module):
    """What a module imports, also inside functions, as dotted names."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def edges():
    """Every (importing, imported) pair of modules of ours."""
    for module in MODULES:
        for name in imports(module):
            target = resolve(name)
            if target is not None and target != module:
                yield module, target


def test_every_module_has_its_place():
    """A new package must be put into the order before it is imported from."""
    for module in MODULES:
        top, _, rest = module.partition(".")
        assert package(module) in RANKS or rest in ABOVE_ALL[top], module


@pytest.mark.parametrize("top", LAYERS)
def test_imports_go_one_way(top):
    """Broken if a lower layer needs a higher one, or two of the same height each other."""
    for module, target in edges():
        if not module.startswith(top) or module.split(".")[1] in ABOVE_ALL[top]:
            continue
        here, there = package(module), package(target)
        if here.split(".")[0] != there.split(".")[0]:
            # The agents know the environments; these know no agent, and no package's inside.
            assert there.startswith("meta_envs"), f"{module} imports {target}"
        elif here != there and not (top == "baselines" and target == "baselines.__init__"):
            assert RANKS[there] < RANKS[here], f"{module} imports {target}"


def test_no_module_imports_itself_in_a_circle():
    """A `__init__` that gathers names for others counts as one of the modules."""
    graph = {module: set() for module in MODULES}
    for module, target in edges():
        graph[module].add(target)
    TopologicalSorter(graph).prepare()


NAMED_TUPLES = {"_asdict", "_fields", "_replace"}
"""Of every NamedTuple, and documented: the underscore keeps them apart from its fields."""


def private(name):
    return name.startswith("_") and not name.endswith("__") and name not in NAMED_TUPLES


def defined(module):
    """Names that a module defines: functions, classes, variables and attributes."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


@pytest.mark.parametrize("module", MODULES)
def test_nothing_private_of_another_package_is_used(module):
    """Neither of ours nor of anybody's: what begins with an underscore may change any day."""
    mine = {n for other in MODULES if package(other) == package(module) for n in defined(other)}
    mine |= PROTECTED.get(module, set())
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom):
            same = package(node.module) == package(module)
            names = [*node.module.split("."), *(alias.name for alias in node.names)]
            assert same or not any(map(private, names)), f"{module} imports {names}"
        elif isinstance(node, ast.Attribute) and private(node.attr):
            assert node.attr in mine, f"{module} uses {ast.unparse(node)}"
