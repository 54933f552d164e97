"""The site that `make docs` has built: every page in a real browser, every link, the search."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from tests import browser

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"
pytestmark = pytest.mark.skipif(
    "REQUIRE_SITE" not in os.environ, reason="make test-docs builds the site and looks at it"
)

QUESTIONS = {
    "install without CUDA": "quick_start",
    "GPU": "faq",
    "custom environment": "faq",
    "agent of your own": "faq",
    "regret": "concepts",
    "normalised score": "concepts",
    "resume training": "train",
    "hidden state reset": "faq",
    "not learn anything": "faq",
    "hyperparameters": "agents/a2c_lstm",
    "continuous actions": "agents/a2c_lstm",
    "autoreset": "vector_environments",
    "reproducible": "faq",
    "two-step model-based": "notebooks/two_step",
    "Thompson sampling": "agents/classic/thompson",
    "compare two agents": "evaluate",
    "Ray cluster": "sweeps",
    "look inside activity": "inside",
    "MAML": "comparison",
    "how do I cite": "faq",
}
"""What newcomers type, and the page that answers it."""
FIRST = 5
"""The answer is among so many hits."""


def pages():
    return sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))


@pytest.fixture(scope="module")
def program():
    found = browser.find()
    if found is None:
        pytest.skip("there is no browser here: install chromium to open the site in one")
    return found


@pytest.mark.parametrize("width", [browser.PHONE, browser.DESKTOP])
def test_no_page_is_wider_than_the_window_and_nothing_goes_wrong(program, width, tmp_path):
    """Broken if a page scrolled sideways, lacked an image, or a script failed."""
    found, console = browser.look(program, SITE, pages(), width, tmp_path / "profile")
    assert console == []
    assert len(found) > 60 and {one["width"] for one in found} == {width}
    bad = [one for one in found if one["needed"] > width or one["wide"] or one["broken"]]
    assert bad == []


def test_what_newcomers_search_for_is_found_in_one_try(program, tmp_path):
    """Broken if the page that answers were not among the first hits."""
    asked = [f"search.html?q={quote(question)}" for question in QUESTIONS]
    found, _ = browser.look(program, SITE, asked, browser.DESKTOP, tmp_path / "profile")
    for (question, answer), one in zip(QUESTIONS.items(), found, strict=True):
        hits = [re.sub(r"\.html.*", "", hit) for hit in one["hits"]]
        assert answer in hits[:FIRST], (question, hits[:FIRST])


class _Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, _, attributes):
        given = dict(attributes)
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}


def test_every_link_within_the_site_leads_somewhere():
    """Broken by a page or a heading that is no more: of what Sphinx does not check, too."""
    read = {path: _Page(path.read_text()) for path in SITE.rglob("*.html")}
    broken = []
    for path, page in read.items():
        for link in page.links:
            target, _, anchor = unquote(link).partition("#")
            if re.match(r"[a-z]+:|//", target):
                continue
            there = (path.parent / target.partition("?")[0]).resolve() if target else path
            if not there.exists() or (anchor and there in read and
                                      anchor not in read[there].anchors):  # fmt: skip
                broken.append((str(path.relative_to(SITE)), link))
    assert broken == []
