"""Bandits: one pull a trial, of arms that pay with fixed, linked or drifting probabilities."""
