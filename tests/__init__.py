"""Tests; a package, so that tests/meta_envs is never taken for meta_envs itself."""
