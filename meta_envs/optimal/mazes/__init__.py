"""The optimum of the maze as a grid, and a bound for the first-person one."""
