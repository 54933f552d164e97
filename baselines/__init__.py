"""Agents for `meta_envs`, and what trains, scores and draws them.

    from baselines import A2CLSTM, RecurrentPPO, compare, evaluate, load, load_pretrained

    agent = A2CLSTM("MetaBandit-v0", seed=0).learn(8_000_000, progress_bar=True)
    evaluate(agent, "MetaBandit-v0").mean_regret
    print(compare(agent, "thompson", "MetaBandit-v0"))
    agent.save("agent.safetensors")
    policy = load("agent.safetensors")
    load_pretrained("MetaBanditRestless-v0").predict(observations)

What `__all__` lists is the public interface, and stays; all else may move. Each name is imported
when it is first used, so that nothing here waits for torch before it is needed.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
    from baselines.common.vec_env import GymnasiumVecEnv
    from baselines.evaluation.compare import Comparison, compare
    from baselines.evaluation.evaluate import evaluate
    from baselines.evaluation.load import load
    from baselines.evaluation.pretrained import load_pretrained
    from baselines.evaluation.result import Evaluation
    from baselines.recurrent_ppo import RecurrentPPO, RecurrentPPOConfig

__all__ = [
    "A2CLSTM",
    "A2CLSTMConfig",
    "Comparison",
    "Evaluation",
    "GymnasiumVecEnv",
    "RecurrentPPO",
    "RecurrentPPOConfig",
    "compare",
    "evaluate",
    "load",
    "load_pretrained",
]

_MODULES = {
    "A2CLSTM": "baselines.a2c_lstm",
    "A2CLSTMConfig": "baselines.a2c_lstm",
    "Comparison": "baselines.evaluation.compare",
    "Evaluation": "baselines.evaluation.result",
    "GymnasiumVecEnv": "baselines.common.vec_env",
    "RecurrentPPO": "baselines.recurrent_ppo",
    "RecurrentPPOConfig": "baselines.recurrent_ppo",
    "compare": "baselines.evaluation.compare",
    "evaluate": "baselines.evaluation.evaluate",
    "load": "baselines.evaluation.load",
    "load_pretrained": "baselines.evaluation.pretrained",
}


def __getattr__(name: str) -> Any:
    """Imports a name of `__all__` when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
