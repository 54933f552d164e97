"""Files that are damaged, forged or of another version: noticed, and told in one line.

Run as a program it damages as many files of each kind as asked, at random:
`python -m tests.baselines.test_damage 200`.
"""

import io
import random
import shutil
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from sb3_contrib import RecurrentPPO as StockPPO

from baselines import evaluate, load
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder, read_log
from baselines.evaluation.episodes import read_episodes, save_episodes
from baselines.registry import TRAINABLE

KWARGS = '{"num_trials": 6}'
every_agent = pytest.mark.parametrize("agent", TRAINABLE)


def make_run(folder, agent):
    """A run of a few updates with a few checkpoints."""
    command = ["train", "--env", "MetaBandit-v0", "--agent", agent, "--env-kwargs", KWARGS]
    command += ["--num-envs", "4", "--hidden-size", "8", "--total-timesteps", "240"]
    command += ["--checkpoint-every", "3", "--evaluation-episodes", "0", "--out", str(folder)]
    assert main(command) == 0
    return folder


def make_files(folder):
    """A file of each kind that is read, and what reads it and gives what it has read."""
    runs = {agent: make_run(folder / agent, agent) for agent in TRAINABLE}
    episodes = evaluate("random", "MetaBandit-v0", 3).episodes
    save_episodes(folder / "episodes.json", "MetaBandit-v0", {}, episodes)
    StockPPO("MlpLstmPolicy", gym.make("MetaBandit-v0"), device="cpu").save(folder / "stock.zip")
    observations = np.random.default_rng(0).uniform(size=(50, 4)).astype(np.float32)

    def settings(path):
        return RunFolder.open(path.parent)[1]

    def log(path):
        return {name: column.tolist() for name, column in read_log(path.parent).items()}

    def actions(path):
        return load(path, "MetaBandit-v0").predict(observations, deterministic=True)[0].tolist()

    kinds = {agent: (RunFolder(runs[agent]).latest_checkpoint(), load) for agent in TRAINABLE}
    return kinds | {
        "settings": (runs["a2c-lstm"] / "config.json", settings),
        "log": (runs["a2c-lstm"] / "log.csv", log),
        "episodes": (folder / "episodes.json", read_episodes),
        "stock": (folder / "stock.zip", actions),
    }


KINDS = (*TRAINABLE, "settings", "log", "episodes", "stock")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_files(tmp_path_factory.mktemp("files"))


def damaged(content, rng):
    """The content with a bit turned over, a stretch zeroed, the end cut off or something added."""
    way, place = rng.randrange(8), rng.randrange(len(content))
    if way == 0:
        return content[:place]
    if way == 1:
        return content + bytes(rng.randrange(256) for _ in range(rng.randrange(1, 50)))
    changed = bytearray(content)
    if way == 2:
        changed[place : place + 64] = bytes(len(changed[place : place + 64]))
    else:
        # Small files of a format's own, as headers are, would hardly be hit.
        place = place if way < 6 else place % 300
        changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)


def trouble(path, read, rng):
    """Damages a file and reads it: what is wrong with how that went, None if nothing is."""
    content, whole = path.read_bytes(), read(path)
    changed = damaged(content, rng)
    if changed == content:
        return None
    path.write_bytes(changed)
    try:
        got = read(path)
    except InputError as error:
        return f"several lines: {error}" if "\n" in str(error) else None
    except Exception as error:
        return repr(error)
    else:
        # Not all of a zip, or of the log's last row, means something.
        return None if path.name in ("stock.zip", "log.csv") and got == whole else "taken up"
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_noticed_and_told_in_one_line(kind, files):
    """Broken if a flipped bit changed what an agent does, or ended in a traceback."""
    path, read = files[kind]
    rng = random.Random(kind)
    found = [trouble(path, read, rng) for _ in range(40)]
    assert found == [None] * 40


@every_agent
def test_a_run_passes_over_a_damaged_checkpoint(agent, files, tmp_path, capsys):
    """One flipped bit in the latest: it goes on from the one before, to the very same end."""
    whole = files[agent][0]
    run = tmp_path / "run"
    shutil.copytree(whole.parents[1], run)
    latest = RunFolder(run).latest_checkpoint()
    content = bytearray(latest.read_bytes())
    content[len(content) // 2] ^= 1
    latest.write_bytes(content)
    assert main(["train", "--resume", str(run)]) == 0
    assert f"passing over a checkpoint: {latest} is" in capsys.readouterr().err
    assert latest.read_bytes() == whole.read_bytes()


LOGS = {
    "empty": lambda log: b"",
    "half a header": lambda log: log[:20],
    "half a row": lambda log: log[:-9],
    "a row of garbage": lambda log: log[:150] + b"\nabc,,,1e,\n" + log[150:],
    "binary": lambda log: bytes(range(256)),
    "another number": lambda log: log[:-4] + b"9" + log[-3:],
    "a row too few": lambda log: log[: log[:-1].rfind(b"\n") + 1],
}


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("way", LOGS)
def test_a_run_goes_on_whatever_its_log_has_become(way, copies, files, tmp_path):
    """A full disk leaves such logs. The copies beside the checkpoints have all rows."""
    whole = files["a2c-lstm"][0].parents[1]
    run = tmp_path / "run"
    shutil.copytree(whole, run)
    log = run / "log.csv"
    log.write_bytes(LOGS[way](log.read_bytes()))
    for path in run.glob("checkpoints/*.log.json") if not copies else ():
        path.unlink()
    assert main(["train", "--resume", str(run)]) == 0
    if copies:
        assert log.read_bytes() == (whole / "log.csv").read_bytes()
    else:
        rows = log.read_text().splitlines()
        # Without the copy nobody can tell that the last row was another one.
        plausible = set(rows[-1:]) if way == "another number" else set()
        assert set(rows) <= set((whole / "log.csv").read_text().splitlines()) | plausible


if __name__ == "__main__":
    count, rng = int(sys.argv[1]), random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        with redirect_stdout(io.StringIO()):
            kinds = make_files(Path(folder))
        for kind, (path, read) in kinds.items():
            found = [trouble(path, read, rng) for _ in range(count)]
            print(f"{kind}: {count} damaged, {found.count(None)} noticed or without effect")
            print(*{one for one in found if one is not None}, sep="\n", end="")
