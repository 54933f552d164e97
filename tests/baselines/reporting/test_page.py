"""A page of results is whole, whatever its text says; a section survives JSON."""

import json
from html.parser import HTMLParser

from baselines.reporting.markdown import Table, write_markdown
from baselines.reporting.page import Figure, Link, Section, write_page

VOID = {"meta", "img", "link"}


class Reader(HTMLParser):
    """Notes a page's texts and links, and that every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.links, self.anchors, self.images = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        kept = dict(attributes)
        self.links += [kept["href"]] if tag == "a" else []
        self.anchors += [kept["id"]] if "id" in kept else []
        self.images += [kept["src"]] if tag == "img" else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_a_page_shows_what_it_is_given(tmp_path):
    """Broken if a name such as `a<b` broke the page, a link led nowhere, or a table were lost."""
    table = Table("scores", "agent <&>", ("gap", "R^2"), [("a<b", ["0.1", 2])])
    sections = [
        Section("First & last", ("Some <b>text</b>.",), [table], [Figure("a.png", "What's seen")]),
        Section("Second", ()),
    ]
    write_page(tmp_path / "page.html", "T<i>tle", ["$ command --x", "Intro of `n<m`."], sections)
    reader = Reader()
    reader.feed((tmp_path / "page.html").read_text())
    reader.close()
    assert reader.open == []
    for text in ("T<i>tle", "a<b", "agent <&>", "Some <b>text</b>.", "$ command --x", "n<m", "2"):
        assert text in reader.texts
    assert [link.removeprefix("#") for link in reader.links] == reader.anchors == ["s1", "s2"]
    assert reader.images == ["a.png"]


def test_a_section_says_what_was_asked_and_how_to_repeat_it(tmp_path):
    """In this order; and the same after JSON, as a report reads it, from a folder below."""
    table = write_markdown(tmp_path / "t.md", "agent", ["score"], [("one", [2])])
    figures, links = [Figure("a.svg", "Caption")], [Link("b/c.html", "More")]
    whole = Section("T", ["Found"], [table], figures, "Asked?", ["Other"], links, "python -m x")
    again = Section.from_json(json.loads(json.dumps(whole._asdict())))
    write_page(tmp_path / "page.html", "P", [], [again.within("sub")])
    text = (tmp_path / "page.html").read_text().split("<body>")[-1]
    order = ["Asked?", "Found", 'src="sub/a.svg"', ">2<", "What differs", "Other", "More", "$ pyth"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert 'href="sub/b/c.html"' in text
    assert "<nav>" not in text, "one section needs no table of contents"
