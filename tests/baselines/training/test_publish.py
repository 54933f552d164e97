"""From a sweep to included agents: the median seed, its cards, and what is loaded again."""

import json
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sb3_contrib import RecurrentPPO

from baselines import evaluate, load_pretrained
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.files import read_json, write_json, write_results
from baselines.evaluation import pretrained
from baselines.training.publish import median, model_card, publish
from baselines.training.sweep.perform import SCORES
from baselines.training.sweep.plan import SweepSettings
from baselines.training.sweep.sweep import sweep

AGENTS = ("a2c-lstm", "recurrent-ppo")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Three seeds of both agents on the informative arm, and what is made of them."""
    folder = tmp_path_factory.mktemp("published")
    rows, _ = sweep(
        SweepSettings(
            env=("MetaBanditInformative-v0",),
            out=folder / "sweep",
            agent=AGENTS,
            seeds="0-2",
            total_timesteps=2_000,
            evaluation_episodes=20,
            workers=1,
        )
    )
    publish(folder / "sweep", folder / "trained")
    return folder / "trained", rows


@pytest.mark.parametrize("agent", AGENTS)
def test_an_included_agent_scores_what_its_card_says(published, monkeypatch, agent):
    folder, rows = published
    monkeypatch.setattr(pretrained, "TRAINED", folder)
    card = pretrained.read_card("MetaBanditInformative-v0", agent)
    scores = sorted(row["normalized_score"] for row in rows if row["agent"] == agent)
    assert card["score"]["normalized_score"] == scores[1]
    name = f"pretrained:{agent}"
    played = evaluate(name, "MetaBanditInformative-v0", 20, card["seed"])
    assert played.normalized_score == card["score"]["normalized_score"]
    loaded = load_pretrained("MetaBanditInformative-v0", agent)
    assert loaded.weights_digest() == card["weights"]


@pytest.mark.parametrize("agent", AGENTS)
def test_the_command_on_the_card_trains_the_same_weights(published, monkeypatch, tmp_path, agent):
    folder, _ = published
    monkeypatch.setattr(pretrained, "TRAINED", folder)
    card = pretrained.read_card("MetaBanditInformative-v0", agent)
    program, module, package, *command = card["command"].split()
    assert (program, module, package) == ("python", "-m", "baselines")
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    assert read_json(tmp_path / "run/config.json")["weights"] == card["weights"]
    scores = json.loads((tmp_path / "run/evaluation.json").read_text())["scores"]
    assert scores[0]["normalized_score"] == card["score"]["normalized_score"]


@pytest.mark.parametrize("agent", AGENTS)
def test_an_included_agent_can_be_trained_on(published, monkeypatch, agent):
    monkeypatch.setattr(pretrained, "TRAINED", published[0])
    loaded = load_pretrained("MetaBanditInformative-v0", agent)
    before = loaded.weights_digest()
    loaded.learn(loaded.num_timesteps + 10_000)
    assert loaded.weights_digest() != before


def test_what_only_a_resume_needs_is_left_out(published):
    folder, _ = published
    for path in folder.glob("*/*/model.*"):
        assert path.stat().st_size < 100_000


def test_stable_baselines3_reads_what_is_published(published):
    """Broken if a file that its `load` asks for were left out with the optimiser's state."""
    path = published[0] / "MetaBanditInformative-v0/recurrent-ppo/model.zip"
    model = RecurrentPPO.load(path, device="cpu")
    assert not model.policy.optimizer.state_dict()["state"]
    assert model.num_timesteps >= 2_000


def test_all_seeds_stand_in_one_file(published):
    folder, rows = published
    kept = json.loads((folder / "scores.json").read_text())["rows"]
    told = [(row["agent"], row["seed"], row["normalized_score"]) for row in kept]
    assert sorted(told) == sorted((r["agent"], r["seed"], r["normalized_score"]) for r in rows)


def test_seeds_of_the_same_training_are_added_and_others_replaced(published, tmp_path, capsys):
    """A sweep knows three seeds; what the folder knows of others counts if it is the same."""
    out, sweep_folder = tmp_path / "trained", published[0].parent / "sweep"
    shutil.copytree(published[0], out)
    rows = json.loads((out / "scores.json").read_text())["rows"]
    ours = [row for row in rows if row["agent"] == "a2c-lstm"]
    best = max(ours, key=lambda row: row["normalized_score"])
    middle = median(ours)["seed"]

    def add(*changed):
        write_results(out / "scores.json", {"rows": [*rows, *changed]})
        assert main(["publish", "--sweep", str(sweep_folder), "--out", str(out)]) == 0
        written = json.loads((out / "scores.json").read_text())["rows"]
        card = read_json(out / "MetaBanditInformative-v0/a2c-lstm/card.json")
        seeds = [row["seed"] for row in written if row["agent"] == "a2c-lstm"]
        assert len(written) == len(seeds) + 3 and card["median_of_seeds"] == seeds
        return card["seed"], seeds

    better, worse = ({"seed": 7, "normalized_score": score} for score in (1.0, -1.0))
    assert add(best | better, best | worse | {"seed": 8}) == (middle, [0, 1, 2, 7, 8])
    assert "a2c-lstm (the median of 5 seeds)" in capsys.readouterr().out
    assert add(best | better, best | better | {"seed": 8}) == (best["seed"], [0, 1, 2, 7, 8])
    # A seed that failed has no score, and counts all the same.
    failed = dict.fromkeys(("normalized_score", "episodes")) | {"failed": "nan", "seed": 8}
    assert add(best | better, best | failed) == (middle, [0, 1, 2, 7, 8])
    assert read_json(out / "MetaBanditInformative-v0/a2c-lstm/card.json")["failed_seeds"] == [8]
    for other in ({"total_timesteps": 1}, {"episodes": 1}, {"env_kwargs": {"num_trials": 1}}):
        assert add(best | better | other)[1] == [0, 1, 2]
    card = out / "MetaBanditInformative-v0/a2c-lstm/card.json"
    changed = read_json(card)
    write_json(card, changed | {"config": changed["config"] | {"hidden_size": 7}})
    assert add(best | better)[1] == [0, 1, 2]


def test_a_median_whose_weights_are_elsewhere_stays_where_it_is_included(published, tmp_path):
    """One seed comes to two that are known: the median is the one that is included, or missing."""
    out, folder = tmp_path / "trained", published[0].parent / "sweep"
    shutil.copytree(published[0], out)
    ours = [row for row in published[1] if row["agent"] == "a2c-lstm"]
    low, _, high = sorted(ours, key=lambda row: row["normalized_score"])
    for name, only in (("best", high), ("worst", low)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MetaBanditInformative-v0").symlink_to(
            folder / "MetaBanditInformative-v0"
        )
        write_results(tmp_path / name / "results.json", {"rows": [only]})
    model = out / "MetaBanditInformative-v0/a2c-lstm/model.safetensors"
    before = model.read_bytes()
    publish(tmp_path / "best", out)
    assert model.read_bytes() == before
    # Now two bad seeds more, of which no weights are left.
    rows = json.loads((out / "scores.json").read_text())["rows"]
    more = [low | {"seed": seed, "normalized_score": -seed} for seed in (11, 12)]
    write_results(out / "scores.json", {"rows": [*rows, *more]})
    written = (out / "scores.json").read_bytes()
    with pytest.raises(InputError, match=f"is {low['seed']}, whose weights are not at hand"):
        publish(tmp_path / "best", out)
    assert (out / "scores.json").read_bytes() == written and model.read_bytes() == before
    publish(tmp_path / "worst", out)
    card = read_json(out / "MetaBanditInformative-v0/a2c-lstm/card.json")
    assert card["seed"] == low["seed"] and len(card["median_of_seeds"]) == 5


def test_seeds_are_added_to_a_sweep_whose_first_seed_failed(published, tmp_path):
    """Broken if what the seeds have in common were asked of one that has no score."""
    out, folder = tmp_path / "trained", published[0].parent / "sweep"
    shutil.copytree(published[0], out)
    first, *others = (row for row in published[1] if row["agent"] == "a2c-lstm")
    low, high = sorted(others, key=lambda row: row["normalized_score"])
    failed = {name: first[name] for name in first.keys() - SCORES} | {"failed": "nan"}
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep/MetaBanditInformative-v0").symlink_to(folder / "MetaBanditInformative-v0")
    write_results(tmp_path / "sweep/results.json", {"rows": [failed, low]})
    publish(tmp_path / "sweep", out)
    card = read_json(out / "MetaBanditInformative-v0/a2c-lstm/card.json")
    assert card["failed_seeds"] == [first["seed"]] and card["seed"] == low["seed"]
    assert high["seed"] in card["median_of_seeds"] == [0, 1, 2]


def test_the_median_counts_failures_as_worst():
    def row(score):
        return {"agent": "a", "env": "E", "failed": None, "normalized_score": score}

    failed = row(None) | {"failed": "the loss is nan"}
    assert median([row(0.9), row(0.2), row(-0.5)])["normalized_score"] == 0.2
    assert median([row(0.9), row(0.2), failed])["normalized_score"] == 0.2
    assert median([row(0.9), row(0.2), row(0.5), failed])["normalized_score"] == 0.2
    with pytest.raises(InputError, match="most seeds of a on E failed"):
        median([row(0.9), failed, failed])


def test_the_model_card_is_what_the_hub_reads(published):
    """Its front matter is read with a YAML parser where there is one, and by lines here."""
    folder, _ = published
    card = read_json(folder / "MetaBanditInformative-v0/a2c-lstm/card.json")
    text = model_card(card)
    _, front, body = text.split("---\n", 2)
    assert front.startswith("license: mit\nlibrary_name: meta-envs\n")
    yaml = pytest.importorskip("yaml")
    read = yaml.safe_load(front)
    metric = read["model-index"][0]["results"][0]["metrics"][0]
    mean, _, half = metric["value"].partition(" +/- ")
    assert np.isclose(float(mean), card["score"]["mean_return"], atol=1e-3) and float(half) > 0
    assert card["command"] in body


def test_uploading_gives_each_agent_a_repository_of_its_own(published, monkeypatch, tmp_path):
    calls = []

    class HfApi:
        def create_repo(self, name, exist_ok):
            calls.append(("create", name, exist_ok))

        def upload_folder(self, repo_id, folder_path):
            calls.append(("upload", repo_id, folder_path))

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(HfApi=HfApi))
    out = tmp_path / "trained"
    command = ["publish", "--sweep", str(published[0].parent / "sweep"), "--out", str(out)]
    assert main([*command, "--push-to-hub", "somebody"]) == 0
    for agent in AGENTS:
        name = f"somebody/MetaBanditInformative-v0-{agent}"
        assert ("create", name, True) in calls
        assert ("upload", name, str(out / "MetaBanditInformative-v0" / agent)) in calls


def test_nothing_included_names_what_is(published, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "TRAINED", published[0])
    assert main(["evaluate", "--env", "MetaBandit-v0", "--agent", "pretrained"]) == 2
    error = capsys.readouterr().err
    assert "no trained a2c-lstm is included for MetaBandit-v0" in error
    assert "MetaBanditInformative-v0" in error
