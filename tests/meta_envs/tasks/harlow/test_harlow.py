"""The Harlow task against a frame-by-frame calculation of its own, its objects and its chances."""

import gymnasium as gym
import numpy as np
import pytest

from meta_envs.optimal import optimal_policy, optimal_return
from meta_envs.tasks.harlow.gaze import CHOICE, GAP, HOLD, MAX_REPEAT
from meta_envs.tasks.harlow.harlow import CORNERS, TOP, Harlow
from meta_envs.tasks.harlow.harlow_symbolic import CODE, HarlowSymbolic, codes
from meta_envs.tasks.harlow.objects import NUM_OBJECTS, SIZE, DrawnObjects
from tests.meta_envs.bounds import happens

PIXELS, SYMBOLS = "MetaHarlow-v0", "MetaHarlowSymbolic-v0"
NO_OP, LEFT, RIGHT = 0, 1, 2


def begin(family, seed=0, task=None):
    """The family, an episode of its own under way in each place."""
    rngs = [np.random.default_rng((seed, i)) for i in range(family.num_envs)]
    family.begin(np.arange(family.num_envs), rngs, task and [task] * family.num_envs)
    return family


def frames_of(actions, repeat, good_right):
    """Gaze and reward after every action, in degrees and by the words of the documentation."""
    gaze, speed, held, gap, choosing, trial = 0, 0, 0, 0, False, 0
    for action in actions:
        reward = 0.0
        for _ in range(repeat):
            kept = abs(speed) * 3 // 10
            speed = (kept if speed > 0 else -kept) + {NO_OP: 0, LEFT: -770, RIGHT: 770}[action]
            gaze = (gaze + speed + 180_000) % 360_000 - 180_000
            if gap:
                gap -= 1
            elif not choosing:
                held = held + 1 if abs(gaze) <= 3_500 else 0
                if held == 4:
                    reward, choosing, held = reward + 0.2, True, 0
            else:
                for side, middle in enumerate((-16_250, 16_250)):
                    if abs(gaze - middle) <= 7_000:
                        reward += 1.0 if side == good_right[trial] else -1.0
                        choosing, gap, trial = False, 10, trial + 1
                        break
        yield gaze, reward, trial
        if trial == len(good_right):
            return


@pytest.mark.parametrize("repeat", range(1, MAX_REPEAT + 1))
def test_the_tables_agree_with_a_frame_by_frame_calculation(repeat):
    """Broken if the gaze, the phases or the rewards are not those of the documentation.

    Actions come in runs, so that the gaze goes to the objects, beyond them and round.
    """
    rng, choices = np.random.default_rng(repeat), 0
    for seed in range(20):
        family = begin(HarlowSymbolic(1, num_trials=6, action_repeat=repeat), seed)
        runs = rng.integers(1, 12 if seed else 200, size=3_600)
        actions = rng.integers(3, size=3_600).repeat(runs)[: family.episode_length]
        if seed % 2:  # Back and forth about the middle, where there are choices.
            actions = np.where(rng.random(len(actions)) < 0.3, actions, RIGHT)
            actions[::2] = np.where(rng.random(len(actions[::2])) < 0.3, actions[::2], LEFT)
        for action, (gaze, reward, trial) in zip(
            actions, frames_of(actions, repeat, family.good_right[0]), strict=False
        ):
            rewards, _, _, terminated = family.step(np.array([action]))
            assert family.gazes[0] == gaze
            assert rewards[0] == pytest.approx(reward)
            assert family.trials[0] == trial
        choices += family.trials[0]
        assert terminated[0]
    assert choices > 20


def test_a_trial_by_hand():
    """The cross for 4 frames, the objects, a choice, 10 frames of nothing, and again the cross.

    From rest, the gaze moves 0.77, 1.001, 1.07 and 1.091 degrees: within 7 degrees of an object,
    beyond 9.25, it is in the ninth frame.
    """
    task = {"objects": [3, 4], "rewarded": 0}
    family = begin(HarlowSymbolic(1, action_repeat=1), task=task)
    goal = RIGHT if family.good_right[0, 0] else LEFT
    seen = []
    for action in [NO_OP] * 4 + [goal] * 9 + [NO_OP] * 10:
        seen.append((family.step(np.array([action]))[0][0], int(family.phases[0])))
    assert seen[:4] == [(0, 1), (0, 2), (0, 3), (0.2, CHOICE)]
    assert seen[4:12] == [(0, CHOICE)] * 8
    assert seen[12] == (1, GAP)
    assert seen[13:] == [(0, GAP + frame) for frame in range(1, 10)] + [(0, HOLD)]
    assert family.trials[0] == 1


@pytest.mark.parametrize("goal", [LEFT, RIGHT])
def test_the_other_object_costs_one(goal):
    family = begin(HarlowSymbolic(1, action_repeat=1))
    right_pays = bool(family.good_right[0, 0])
    rewards = [family.step(np.array([a]))[0][0] for a in [NO_OP] * 4 + [goal] * 9]
    assert rewards[-1] == (1 if right_pays == (goal == RIGHT) else -1)


def test_the_cross_must_be_held_on_end():
    """Broken if frames at the cross are added up: it is left after two, and counted anew."""
    family = begin(HarlowSymbolic(1, action_repeat=1))
    phases = []
    for action in [NO_OP] * 2 + [LEFT] * 4 + [RIGHT]:
        family.step(np.array([action]))
        phases.append(int(family.phases[0]))
    assert phases[:2] == [1, 2] and phases[3] == CHOICE
    family = begin(HarlowSymbolic(1, action_repeat=1))
    family.gazes[:], family.phases[:] = 3_000, 2
    family.step(np.array([RIGHT]))
    assert family.phases[0] == HOLD


@pytest.mark.parametrize("pairs", ["same", "one-new"])
def test_sides_objects_and_the_rewarded_one_are_drawn_as_stated(pairs):
    """Broken if a side, an object or the first of the pair pays more often (1e-6 a bound)."""
    family = begin(HarlowSymbolic(4_000, pairs=pairs))
    assert happens(int(family.rewarded.sum()), 4_000, 0.5)
    for trial in range(10):
        assert happens(int(family.good_right[:, trial].sum()), 4_000, 0.5, 10)
    assert happens(int((family.good_right[:, 0] == family.good_right[:, 1]).sum()), 4_000, 0.5)
    for column in family.objects.T:
        counts = np.bincount(column // 100, minlength=10)
        assert all(happens(int(c), 4_000, 0.1, 10 * family.num_drawn) for c in counts)
    for row in family.objects[:200]:
        assert len(set(row.tolist())) == family.num_drawn


@pytest.mark.parametrize("pairs", ["same", "one-new"])
@pytest.mark.parametrize("rewarded", [0, 1])
def test_the_pairs_are_those_of_the_task(pairs, rewarded):
    """Broken if another object is shown, or the one that stays does not stay, or does not pay."""
    count = 2 if pairs == "same" else 4
    task = {"objects": list(range(5, 5 + count)), "rewarded": rewarded}
    family = begin(HarlowSymbolic(50, num_trials=3, pairs=pairs), task=task)
    others = [6, 6, 6] if pairs == "same" else [6, 7, 8]
    for trial, other in enumerate(others):
        shown = family.shown[:, trial]
        assert all(set(pair) == {5, other} for pair in shown.tolist())
        pays = shown[np.arange(50), family.good_right[:, trial]]
        assert set(pays.tolist()) == {other if rewarded else 5}


def test_the_objects_are_all_different():
    """Broken if two of the 2,000, of one split or of both, could be taken for each other.

    The mean difference of two images is above 5 of 255, over every 20th number:
    the nearest, crescents of yellow dots and of a yellow net, are easily told apart.
    """
    images = np.array(
        [DrawnObjects(s).image(i) for s in ("train", "test") for i in range(NUM_OBJECTS)],
        np.float32,
    ).reshape(2 * NUM_OBJECTS, -1)[:, ::20]
    nearest = min(
        float(np.abs(images[i + 1 :] - images[i]).mean(axis=1).min())
        for i in range(len(images) - 1)
    )
    assert nearest > 5
    for size in (1, 8):
        both = np.concatenate([codes("train", size), codes("test", size)])
        assert len(np.unique(both, axis=0)) == 2 * NUM_OBJECTS


def test_both_objects_are_wholly_in_view():
    """Broken if the image at a choice is not that of the objects, each at its place."""
    family = begin(Harlow(1))
    family.phases[:] = CHOICE
    image = np.zeros((1, 84, 84, 3), np.uint8)
    family.draw_images(np.array([0]), image)
    for corner, index in zip(CORNERS, family.shown[0, 0], strict=True):
        shown = image[0, TOP : TOP + SIZE, corner : corner + SIZE]
        assert (shown == DrawnObjects("train").image(int(index))).all()


def test_the_codes_are_where_the_objects_are():
    """Broken if codes stand in other places: the objects are 16.25 degrees off, places 7 wide."""
    family = begin(HarlowSymbolic(1))
    assert family.observe().reshape(9, -1)[:, :CODE].tolist() == [[1, p == 4] for p in range(9)]
    family.phases[:] = CHOICE
    seen = family.observe().reshape(9, -1)
    for place, index in zip((2, 6), family.shown[0, 0], strict=True):
        assert (seen[place, CODE:] == codes("train", family.code_size)[index]).all()
    assert not np.delete(seen, [2, 6], axis=0)[:, CODE:].any()


@pytest.fixture
def folder(tmp_path):
    """40 images of different sizes, each of one colour, and a file that is none."""
    pillow = pytest.importorskip("PIL.Image")
    for i in range(40):
        pillow.new("RGB", (10 + i, 50 - i), (6 * i, 0, 255 - 6 * i)).save(tmp_path / f"{i}.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_images_of_ones_own_are_split_by_name_and_resized(folder):
    """Broken if an image is in both splits or in none, or depends on the others' names."""
    train, test = (
        Harlow(1, image_dir=str(folder), split=s).object_images for s in ("train", "test")
    )
    names = [{path.name for path in split.paths} for split in (train, test)]
    assert names[0] | names[1] == {f"{i}.png" for i in range(40)}
    assert not names[0] & names[1]
    assert min(map(len, names)) >= 2
    for index, path in enumerate(train.paths):
        i = int(path.stem)
        assert train.image(index).shape == (SIZE, SIZE, 3)
        assert (train.image(index) == (6 * i, 0, 255 - 6 * i)).all()
    (folder / "0.png").unlink()
    rest = Harlow(1, image_dir=str(folder), split="train").object_images
    assert {path.name for path in rest.paths} == names[0] - {"0.png"}


def test_a_folder_of_too_few_or_broken_images_is_refused(folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ValueError, match=r"^image_dir must hold at least 2 images .*$"):
        Harlow(1, image_dir=str(empty))
    for path in folder.glob("*.png"):
        path.write_bytes(b"broken")
    env = begin(Harlow(1, image_dir=str(folder)))
    env.phases[:] = CHOICE
    with pytest.raises(ValueError, match=r"^image_dir: .* is no image: .*$"):
        env.draw_images(np.array([0]), np.zeros((1, 84, 84, 3), np.uint8))


@pytest.mark.parametrize(
    ("id", "num_envs", "kwargs"),
    [
        (PIXELS, 60, {}),
        (PIXELS, 60, {"pairs": "one-new", "num_trials": 4}),
        (SYMBOLS, 2_000, {}),
        (SYMBOLS, 2_000, {"pairs": "one-new", "action_repeat": 3}),
        (SYMBOLS, 2_000, {"num_trials": 6, "max_frames": 100}),
    ],
)
def test_the_optimum_guesses_once(id, num_envs, kwargs):
    """Broken if the policy errs after the first trial, or its value is another (1e-6 each)."""
    envs = gym.make_vec(id, num_envs, **kwargs)
    policy = optimal_policy(envs.family, envs.meta_observation)
    policy.set_random_seed(0)
    observations, _ = envs.reset(seed=0)
    total, wrong, running, state = np.zeros(num_envs), 0, np.ones(num_envs, bool), None
    while running.any():
        actions, state = policy.predict(observations, state, ~running if state else None)
        observations, rewards, terminated, _, infos = envs.step(actions)
        over = infos.get("final_info", {"trial": np.zeros(num_envs, int)})["trial"]
        trials = np.where(terminated, over, infos.get("trial", over))
        wrong += int(((rewards == -1) & (trials > 0) & running).sum())
        total += rewards * running
        running &= ~terminated
    assert wrong == 0
    # Of a return only the first choice is left to chance; with little time, frames are too.
    assert abs(total.mean() - optimal_return(envs.family)) < 5 / num_envs**0.5
