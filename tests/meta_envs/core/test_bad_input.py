"""Bad input gets an error that names the argument and says what it must be."""

import gymnasium as gym
import numpy as np
import pytest

from meta_envs.core import MetaEnv, MetaVectorEnv
from tests.meta_envs.cases import Case, every_id, every_representative

NAN = float("nan")
BANDIT, UNIFORM = "MetaBandit-v0", "MetaBanditDependentUniform-v0"
INFORMATIVE, RESTLESS = "MetaBanditInformative-v0", "MetaBanditRestless-v0"
TWO_STEP, RISKY = "MetaTwoStep-v0", "MetaRiskyChoice-v0"
GRIDWORLD, DARK_ROOM, KEY_TO_DOOR = (
    "MetaGridworld-v0",
    "MetaDarkRoom-v0",
    "MetaDarkKeyToDoor-v0",
)
GRIDS = (GRIDWORLD, DARK_ROOM, KEY_TO_DOOR)
MDP = "MetaTabularMDP-v0"
HARLOWS = "MetaHarlow-v0", "MetaHarlowSymbolic-v0"
MAZES = MAZE, MAZE_GRID = "MetaIMaze-v0", "MetaIMazeGrid-v0"

BAD_ARGUMENTS = [
    *((BANDIT, "num_arms", bad) for bad in (0, 1, -2, 2.5, 2.0, "2", None, True, NAN)),
    *((BANDIT, "num_arms", bad) for bad in (np.timedelta64(3, "D"), np.zeros((3, 9)), [1] * 9_999)),
    *(
        (id, "num_trials", bad)
        for id in (BANDIT, UNIFORM, INFORMATIVE, RESTLESS, TWO_STEP, MDP)
        for bad in (0, -1, 1.5, "5", None, True)
    ),
    *((RESTLESS, "volatility", bad) for bad in ("medium", "", None, 3, ["low"])),
    *(
        (RESTLESS, name, bad)
        for name in ("low_sigma", "high_sigma")
        for bad in (-0.1, NAN, float("inf"), 1e308, 10**400, "0.1", None, True, [0.1])
    ),
    *(
        (UNIFORM, "p1_values", bad)
        for bad in (
            [],
            [1.1],
            [-0.1],
            [0.5, NAN],
            0.5,
            "0.5",
            ["0.5"],
            [[0.5]],
            [[0.1], 0.2],
            [None],
        )
    ),
    *((INFORMATIVE, "reward_input", bad) for bad in ("number", None, 1)),
    *(
        (TWO_STEP, name, bad)
        for name in ("common_probability", "reward_probability", "reversal_probability")
        for bad in (-0.1, 1.1, NAN, float("inf"), "0.7", None, True, [0.7])
    ),
    *((TWO_STEP, name, 0.4) for name in ("common_probability", "reward_probability")),
    *((TWO_STEP, "fixation", bad) for bad in (0, 1, "yes", None)),
    *(
        (RISKY, name, bad)
        for name in ("safe_payoff", "risky_payoff")
        for bad in (-0.1, 1e7, NAN, float("inf"), "1", None, True, [1])
    ),
    *((RISKY, "risky_probabilities", bad) for bad in ([], [1.1], [-0.1, 0.5], 0.5, [NAN], ["0"])),
    *((RISKY, "num_forced_pairs", bad) for bad in (-1, 2.5, "5", None, True)),
    *((RISKY, "num_free_trials", bad) for bad in (0, -1, 2.5, "5", None, True)),
    *(
        (id, name, bad)
        for id in GRIDS
        for name in ("size", "num_trials", "trial_length")
        for bad in (0, -1, 2.5, "5", None, True)
    ),
    (GRIDWORLD, "size", 2),
    (DARK_ROOM, "size", 1),
    (KEY_TO_DOOR, "size", 1),
    *((DARK_ROOM, "pays", bad) for bad in ("always", None, 1, ["once"])),
    *(
        (MDP, name, bad)
        for name in ("num_states", "num_actions", "horizon")
        for bad in (0, -1, 2.5, "2", None, True, NAN)
    ),
    (MDP, "num_actions", 1),
    *(
        (id, "map", bad)
        for id in MAZES
        for bad in (
            3,
            ["###"],
            "",
            "#",
            "#####\n#S.G#\n#####",
            "#####\n#S G \n#####",
            "#### \n#S G#\n#####",
            "####\n#S #\n####",
            "####\n#G #\n####",
            "#####\n#S#G#\n#####",
            "#######\n#S G#S#\n#######",
            "#######\n#S G#A#\n#######",
        )
    ),
    *((id, "num_steps", bad) for id in MAZES for bad in (0, -1, 2.5, "5", None, True)),
    *((id, "apples", bad) for id in MAZES for bad in (0, 1, "yes", None)),
    *((MAZE, "action_repeat", bad) for bad in (0, -1, 2.5, "5", None, True)),
    *((MAZE_GRID, "view_size", bad) for bad in (0, 1, 2, 4, -3, 2.5, "5", None, True)),
    *(
        (id, name, bad)
        for id in HARLOWS
        for name in ("num_trials", "action_repeat", "max_frames")
        for bad in (0, -1, 2.5, "5", None, True)
    ),
    *((id, "action_repeat", 7) for id in HARLOWS),
    *((id, "max_frames", 3) for id in HARLOWS),
    *((id, "split", bad) for id in HARLOWS for bad in ("all", None, 1)),
    *((id, "pairs", bad) for id in HARLOWS for bad in ("other", None, 1)),
    *((HARLOWS[1], "code_size", bad) for bad in (0, -1, 2.5, "5", None, True)),
    *((HARLOWS[0], "image_dir", bad) for bad in (3, "", "no such folder", True, "x" * 3_000)),
    *((HARLOWS[0], "image_dir", bad) for bad in (NotImplemented, np.zeros(3))),
    (MAZE, "action_repeat", 1_001),
    *((id, "num_steps", 50_001) for id in MAZES),
    *((id, "map", "\n".join(["#" * 200] * 100)) for id in MAZES),
    (MDP, "horizon", 50_001),
]


def grouped(rows):
    """The last entries of rows by their first ones: a test each."""
    groups = {}
    for *key, value in rows:
        groups.setdefault(tuple(key), []).append(value)
    return [(*key, values) for key, values in groups.items()]


@pytest.mark.parametrize(("id", "argument", "bad"), grouped(BAD_ARGUMENTS))
def test_a_bad_argument_is_named(id, argument, bad):
    if id == "MetaIMaze-v0" and argument != "map":
        pytest.importorskip("numba")
    for value in bad:
        case = Case(id, {argument: value})
        for make in (case.scalar, lambda case=case: case.native(2)):
            with pytest.raises(ValueError, match=rf"^{argument} must be .{{,400}}$"):
                make()


@every_representative
@pytest.mark.parametrize("kind", ["scalar", "native"])
@pytest.mark.parametrize(
    "bad",
    [
        (),
        [],
        "action",
        ["actions"],
        ["action", "action"],
        None,
        3,
        [["action"]],
        [None],
        np.array(0.5),
    ],
)
def test_bad_inputs_are_named(case, kind, bad):
    with pytest.raises(ValueError, match=r"^inputs must be .*action, reward, done, timestep"):
        case.scalar(inputs=bad) if kind == "scalar" else case.native(2, inputs=bad)


@every_representative
@pytest.mark.parametrize("bad", ["rgb", "", 3, ["ansi"]])
def test_a_bad_render_mode_is_named(case, bad):
    kwargs = gym.spec(case.id).kwargs
    with pytest.raises(ValueError, match=r"^render_mode must be one of ansi, rgb_array"):
        MetaEnv(**kwargs, render_mode=bad)
    with pytest.raises(ValueError, match=r"^render_mode must be one of ansi, rgb_array"):
        MetaVectorEnv(**kwargs, render_mode=bad)


@every_representative
@pytest.mark.parametrize("bad", [0, -1, 1.5, "2", None, True])
def test_a_bad_number_of_sub_environments_is_named(case, bad):
    with pytest.raises(ValueError, match=r"^num_envs must be a whole number of at least 1"):
        case.native(bad)


@pytest.mark.parametrize(
    "bad",
    [
        "meta_envs.tasks.bandits.bandit",
        "meta_envs.tasks.bandits.bandit:Nothing",
        "math:pi",
        dict,
        None,
        3,
    ],
)
@pytest.mark.parametrize("make", [MetaEnv, MetaVectorEnv])
def test_a_bad_family_is_named(make, bad):
    with pytest.raises(ValueError, match=r"^family must be a subclass of TaskFamily"):
        make(bad)


@every_id
@pytest.mark.parametrize("kind", ["scalar", "native"])
def test_an_unknown_argument_is_named(case, kind):
    with pytest.raises(TypeError, match="num_legs"):
        case.scalar(num_legs=4) if kind == "scalar" else case.native(2, num_legs=4)


def bad_lists(length):
    """What cannot be `length` numbers in [0, 1]."""
    half = [0.5] * (length - 1)
    wrong = [1.5, -0.1, NAN, float("inf"), None, "0.5", [0.5], "x"]
    return [*([*half, x] for x in wrong), half, [*half, 0.5, 0.5], "0.5", None, 0.5, [half, half]]


def mdp(**changes):
    """A task of the default MDP, with something changed."""
    transitions, means = np.full((10, 5, 10), 0.1), np.zeros((10, 5))
    return {"transitions": transitions.tolist(), "reward_means": means.tolist()} | changes


def row(*probabilities):
    """Transitions that are all uniform but one."""
    transitions = np.full((10, 5, 10), 0.1)
    transitions[3, 2, : len(probabilities)] = probabilities
    return transitions.tolist()


BAD_TASKS = [
    *(
        (MDP, mdp(transitions=bad), "transitions")
        for bad in (None, 0.1, "x", [0.1] * 10, np.full((5, 10, 10), 0.1).tolist(), row(NAN), [[]])
    ),
    *((MDP, mdp(transitions=row(*bad)), "transitions") for bad in ((-0.1, 0.3), (1.1, -0.9))),
    *(
        (MDP, mdp(transitions=row(*bad)), r"transitions'\] must add up to 1")
        for bad in ((0.2,), (0.0, 0.0), (0.1 + 1e-6,))
    ),
    *(
        (MDP, mdp(reward_means=bad), "reward_means")
        for bad in (
            None,
            1.0,
            "x",
            [1.0] * 50,
            [[np.inf] * 5] * 10,
            [[NAN] * 5] * 10,
            [[1e300] * 5] * 10,
        )
    ),
    (MDP, {"transitions": mdp()["transitions"]}, "reward_means"),
    (MDP, {"reward_means": mdp()["reward_means"]}, "transitions"),
    *((BANDIT, {"probabilities": bad}, "probabilities") for bad in bad_lists(2)),
    *((UNIFORM, {"probabilities": bad}, "probabilities") for bad in bad_lists(2)),
    *(
        (UNIFORM, {"probabilities": bad}, r"probabilities'\] must add up to 1")
        for bad in ([0.3, 0.8], [0.0, 0.0], [1.0, 1e-6])
    ),
    *(
        (INFORMATIVE, {"target": bad}, "target")
        for bad in (-1, 10, 2.5, NAN, "3", None, True, [3], 1e9)
    ),
    *((RESTLESS, {"sigma": 0.1, "p1": bad}, "p1") for bad in bad_lists(100)),
    *(
        (RESTLESS, {"sigma": bad, "p1": [0.5] * 100}, "sigma")
        for bad in (-0.1, NAN, float("inf"), np.longdouble("1e400"), None, "0.1", [0.1], True)
    ),
    (RESTLESS, {"sigma": 0.1}, "p1"),
    (RESTLESS, {"p1": [0.5] * 100}, "sigma"),
    *(
        (TWO_STEP, {"good_states": bad}, "good_states")
        for bad in (0, [0] * 9, [0] * 11, [0.5] * 10, [2] * 10, [-1] * 10, ["0"] * 10, None)
    ),
    *(
        (RISKY, {"risky_side": bad, "risky_probability": 0.5}, "risky_side")
        for bad in (-1, 2, 0.5, NAN, "1", None, [1])
    ),
    *(
        (RISKY, {"risky_side": 0, "risky_probability": bad}, "risky_probability")
        for bad in (-0.1, 1.1, NAN, "0.5", None, [0.5])
    ),
    (RISKY, {"risky_side": 0}, "risky_probability"),
    *(
        (id, {"goal": bad}, "goal")
        for id in (GRIDWORLD, DARK_ROOM)
        for bad in (3, [1], [1, 2, 3], [-1, 0], [0, 9], [0.5, 1], [NAN, 1], "11", None, [[1, 1]])
    ),
    (GRIDWORLD, {"goal": [5, 0]}, "goal"),
    *(
        (KEY_TO_DOOR, {"key": [1, 1], "door": [2, 2]} | {name: bad}, name)
        for name in ("key", "door")
        for bad in (3, [1], [-1, 0], [0, 9], [0.5, 1], None)
    ),
    (KEY_TO_DOOR, {"key": [1, 1]}, "door"),
    *(
        (id, {"goal": bad}, "goal")
        for id in MAZES
        for bad in (-1, 4, 1.5, NAN, "1", None, [1], [1, 1], True)
    ),
    *(
        (id, {"objects": bad, "rewarded": 0}, "objects")
        for id in HARLOWS
        for bad in (3, [1], [1, 1], [1, 2, 3], [-1, 0], [0, 1000], [0.5, 1], [NAN, 1], "11", None)
    ),
    *(
        (id, {"objects": [1, 2], "rewarded": bad}, "rewarded")
        for id in HARLOWS
        for bad in (-1, 2, 0.5, NAN, "1", None, [1])
    ),
    *((id, {"objects": [1, 2]}, "rewarded") for id in HARLOWS),
]
NO_TASKS = [{}, {"nothing": 1}, [0.5, 0.5], "task", 3, 0.5, True]


@pytest.mark.parametrize(
    ("id", "named", "bad"), grouped((id, named, task) for id, task, named in BAD_TASKS)
)
def test_a_task_that_does_not_fit_is_refused_by_name(id, named, bad):
    if id == "MetaIMaze-v0":
        pytest.importorskip("numba")
    for env in (Case(id).scalar(), Case(id).native(2)):
        for task in bad:
            with pytest.raises(ValueError, match=named):
                env.reset(options={"task": task})


@every_id
def test_what_is_no_task_is_refused(case):
    for env in (case.scalar(), case.native(2)):
        for task in NO_TASKS:
            with pytest.raises(ValueError, match=r"^a task of this environment is a dict with "):
                env.reset(options={"task": task})


@every_representative
@pytest.mark.parametrize(
    "bad", [-1, 1000, 0.0, 1.0, np.float64(1), "0", None, [0], np.zeros(1, int), True, False]
)
def test_a_bad_action_is_named(case, bad):
    env = case.scalar()
    env.reset(seed=0)
    last = env.action_space.n - 1
    for action in (bad, last + 1):
        with pytest.raises(
            ValueError, match=rf"^action must be a whole number in 0\.\.{last}, got"
        ):
            env.step(action)


@every_representative
@pytest.mark.parametrize(
    "bad",
    [
        [0],
        [0, 0, 0],
        0,
        [[0, 0]],
        [[0], [0, 1]],
        [0.0, 1.0],
        [True, False],
        ["0", "0"],
        None,
        [0, -1],
        [1000, 0],
        np.array([0, 2**64 - 1], np.uint64),
    ],
)
def test_bad_actions_are_named(case, bad):
    envs = case.native(2)
    envs.reset(seed=0)
    for actions in (bad, [0, envs.single_action_space.n]):
        with pytest.raises(ValueError, match=r"^actions must be (integers of shape \(2,\)|in 0\.)"):
            envs.step(actions)


@every_representative
@pytest.mark.parametrize(
    "bad",
    [
        -1,
        1.5,
        "12",
        [1],
        [1, 2, 3],
        [1, -2],
        [1, 2.5],
        [1, "2"],
        {1: 2},
        [[1], [2]],
        True,
        [1, True],
        np.array(3),
        np.timedelta64(3, "D"),
    ],
)
def test_bad_seeds_are_named(case, bad):
    envs = case.native(2)
    with pytest.raises(ValueError, match=r"^seed must be None, a whole number of at least 0 or a"):
        envs.reset(seed=bad)
    if not isinstance(bad, int):
        return
    with pytest.raises(
        (gym.error.Error, ValueError), match=r"(?i)^seed must be .* zero|at least 0"
    ):
        case.scalar().reset(seed=bad)


@every_representative
@pytest.mark.parametrize(
    "bad",
    [
        [True, False],
        np.array([True]),
        np.array([False, False]),
        np.array([1, 0]),
        np.array([[True, False]]),
        0,
        "x",
    ],
)
def test_a_bad_reset_mask_is_named(case, bad):
    envs = case.native(2)
    with pytest.raises(ValueError, match=r"^reset_mask must be a boolean array of shape \(2,\)"):
        envs.reset(options={"reset_mask": bad})


@every_representative
@pytest.mark.parametrize("bad", [3, 0, "", "task", [], [1], np.zeros(3), NotImplemented])
def test_bad_options_are_named(case, bad):
    for env in (case.scalar(), case.native(2)):
        with pytest.raises(ValueError, match=r"^options must be a dict such as .*, got "):
            env.reset(options=bad)


def test_what_is_too_long_to_be_drawn_is_refused_when_it_is_made():
    """Broken if it is found out in `render`, minutes later."""
    case = Case(BANDIT, {"num_trials": 50_000})
    assert case.scalar(render_mode="ansi").render_mode == "ansi"
    for make in (case.scalar, lambda **kwargs: case.native(2, **kwargs)):
        with pytest.raises(ValueError, match=r"^render_mode must be None or 'ansi'"):
            make(render_mode="rgb_array")


def test_any_float_of_numpy_is_an_argument():
    """Broken if what an environment was made with cannot be written as JSON."""
    for number in (np.float16(0.5), np.float32(0.5), np.longdouble(0.5)):
        envs = Case(RESTLESS, {"low_sigma": number}).native(2)
        assert envs.family.sigmas[0] == 0.5


def test_counts_of_small_types_do_not_overflow():
    case = Case(KEY_TO_DOOR, {"num_trials": np.int8(100), "trial_length": np.int8(100)})
    assert case.scalar().family.episode_length == 10_000
