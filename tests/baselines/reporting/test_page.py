"""A page of results is whole, whatever its text says, and its tables stand beside it."""

from html.parser import HTMLParser

from baselines.reporting.page import Figure, Section, Table, write_page

VOID = {"meta", "img"}


class Reader(HTMLParser):
    """Notes a page's texts and links, and that every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.links, self.anchors, self.images = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        kept = dict(attributes)
        self.links += [kept["href"]] if "href" in kept else []
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
    write_page(tmp_path / "page.html", "T<i>tle", ["$ command --x", "Intro."], sections)
    reader = Reader()
    reader.feed((tmp_path / "page.html").read_text())
    reader.close()
    assert reader.open == []
    for text in ("T<i>tle", "a<b", "agent <&>", "Some <b>text</b>.", "$ command --x", "2"):
        assert text in reader.texts
    assert [link.removeprefix("#") for link in reader.links] == reader.anchors == ["s1", "s2"]
    assert reader.images == ["a.png"]
    markdown = (tmp_path / "scores.md").read_text()
    assert markdown == "| agent <&> | gap | R^2 |\n| --- | --- | --- |\n| a<b | 0.1 | 2 |\n"
