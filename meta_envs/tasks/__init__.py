"""The tasks, a room for each kind: one file a family, and how its episodes look beside it."""
