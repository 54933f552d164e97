"""What agents, training and evaluation share: no agent of its own, no command."""
