"""Settings of the site. `make docs` builds it into docs/_build/html."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generate import generate

import meta_envs

os.environ.setdefault("OMP_NUM_THREADS", "1")

project = "meta-envs"
author = "The meta-envs authors"
project_copyright = f"2026, {author}"
version = release = meta_envs.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "data", "generate", "agents/scores"]

myst_enable_extensions = ["colon_fence", "attrs_inline", "dollarmath"]
myst_heading_anchors = 4
# Our console examples show what is typed behind a prompt.
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"

# The notebooks are kept without outputs: what they show is made by each build.
nb_execution_mode = "force"
nb_execution_timeout = 600
nb_execution_raise_on_error = True

# Our docstrings put code between single backticks, as markdown does.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_inherit_docstrings = True
python_maximum_signature_line_length = 80
autosummary_generate = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "meta-envs"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_search_scorer = str(Path(__file__).parent / "_static" / "scorer.js")
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}


def setup(app):
    """Makes the pages that are made, before any is read."""
    app.connect("builder-inited", lambda _: generate())
