"""The I-maze, in first person and as a grid."""
