"""Agents for `meta_envs`, and what trains, scores and draws them."""
