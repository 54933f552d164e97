"""What the renderings of all environments share: one style, so that who reads one reads all.

`frame.compose` puts a caption above what a task draws and a legend below it; `bars` show what steps
have brought; `palette` says what each colour means in all tasks. How one task is drawn: the
`rendering.py` beside it. What an agent sees as pixels has nothing to do with any of this.
"""
