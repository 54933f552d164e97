"""Experiments, of papers and beyond, each a module with `run(out, episodes, seed)`.

Where `run` also takes `agent`, it shows a trained agent beside the others.
"""

EXPERIMENTS = {
    "wang2016-bandits": "regret of classic agents on the bandits of Wang et al. 2016",
    "wang2016-two-step": "who plans in the two-step task, beside Wang et al. 2016, Fig. 5",
    "wang2016-harlow": "right choices by trial in the Harlow task, beside two papers",
    "wang2018-harlow": "the same with six trials, beside Wang et al. 2018, Fig. 6",
    "wang2016-navigation": "steps to the first goal and to later ones in the I-maze",
    "wang2018-fig1d": "regret on p = (0.25, 0.75), beside Fig. 1d of Wang et al. 2018",
    "wang2018-two-step": "who plans in the two-step task with reversals, beside Wang et al. 2018",
    "wang2018-inferred-value": "prediction errors at cues, beside Wang et al. 2018, Fig. 4",
    "wang2018-volatility": "learning rates in stable and volatile times, beside Wang et al. 2018",
    "wang2018-matching": "choices by rewards in the matching task, beside Wang et al. 2018",
    "wang2018-risky-choice": "risky choices as the prediction error is changed, Fig. 7 of 2018",
    "duan2016-bandits": "the nine bandit settings of Duan et al. 2016 (RL^2)",
    "duan2016-mdps": "the tabular MDPs of Duan et al. 2016 (RL^2)",
    "kuo2025-informative": "does meta-RL fail where information must be sought? (Kuo et al. 2025)",
    "inputs": "which inputs are needed: the last action, the last reward, the timestep",
    "inside": "a look inside the included agents, beside the optimum's belief",
}
"""By name: what each shows. The module has underscores where the name has hyphens."""
