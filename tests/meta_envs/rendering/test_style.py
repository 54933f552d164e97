"""The style that all renderings share: the font, the bars, the colours."""

import numpy as np
import pytest

from meta_envs.rendering import font
from meta_envs.rendering.bars import NONE, bars
from meta_envs.rendering.palette import HIT, INK, MISS, PALE, TASK, WHITE
from tests.meta_envs.pictures import DEUTERANOPIA, PROTANOPIA, contrast, find, has, read

SEEN_WITH = {"all cones": None, "deuteranopia": DEUTERANOPIA, "protanopia": PROTANOPIA}
LEAST_CONTRAST = 3.0
"""What WCAG 2 asks of graphics."""


def test_every_character_has_a_glyph_of_its_own():
    """Broken if a strip of the font lost a column, or two characters look alike."""
    assert len(font.GLYPHS) == 96
    assert len({glyph.tobytes() for glyph in font.GLYPHS}) == 96
    assert not font.GLYPHS[..., -1].any()
    assert not font.GLYPHS[0].any() and font.GLYPHS[1:].any(axis=(1, 2)).all()


def test_text_is_written_where_it_should_be():
    """Broken if letters are mirrored, in another order, or too far apart."""
    printable = "".join(map(chr, range(32, 127)))
    image = np.full((40, 1200, 3), 255, np.float32)
    font.write(image, printable, 12, 9, 2)
    assert read(image, 12, 9) == printable
    assert find(image, "arm 0") == [] and find(image, "Q") == [[12, 9 + 12 * printable.index("Q")]]
    assert font.width(printable, 2) == 12 * 95
    bar = "".join("#" if dot else "." for dot in font.mask("L")[:, 0])
    assert bar == "#######."
    unknown = font.mask("é")
    assert (unknown == font.GLYPHS[-1]).all()


def test_text_that_does_not_fit_is_cut_off():
    for top, left in ((-3, 2), (5, -4), (6, 16), (50, 3), (2, 90)):
        image = np.full((10, 20, 3), 255, np.float32)
        whole = np.full((100, 200, 3), 255, np.float32)
        font.write(image, "ab", top, left)
        font.write(whole, "ab", top + 20, left + 20)
        np.testing.assert_array_equal(image, whole[20:30, 20:40])


@pytest.mark.parametrize("cones", SEEN_WITH)
def test_hits_and_misses_differ_in_lightness_and_in_shape(cones):
    """Broken if whoever cannot tell red from green cannot tell success from failure."""
    image = bars([[1.0, 0.0]], 16, 10)
    hit, miss = image[:, :9], image[:, 10:19]
    assert has(hit, HIT).sum() > 2 * has(miss, MISS).sum() > 0
    assert not has(hit, MISS).any() and not has(miss, HIT).any()
    assert contrast(HIT, MISS, SEEN_WITH[cones]) > LEAST_CONTRAST


@pytest.mark.parametrize("cones", SEEN_WITH)
def test_what_is_hidden_and_what_is_written_can_be_seen(cones):
    assert contrast(INK, WHITE, SEEN_WITH[cones]) > 7
    assert contrast(TASK, WHITE, SEEN_WITH[cones]) > 4.5


@pytest.mark.parametrize(("height", "width"), [(40, 20), (8, 4), (4, 1), (2, 1)])
def test_bars_grow_and_darken_with_what_they_stand_for(height, width):
    """Broken if more looks like less, or nothing like something, however small the bars are."""
    image = bars([[0.0, 0.5, 1.0, NONE]], height, width)
    assert image.shape == (height, 4 * width, 3)
    columns = image[:, ::width].swapaxes(0, 1)
    painted = [(~has(column[None], PALE) & ~has(column[None], WHITE)).sum() for column in columns]
    assert painted[3] == 0 < painted[0] <= painted[1] <= painted[2] and painted[0] < painted[2]
    light = [column.min(axis=0).sum() for column in columns]
    assert light[3] > light[0] > light[1] > light[2]


def test_rows_of_bars_stand_below_each_other():
    image = bars([[1.0, NONE], [NONE, 1.0]], 10, 6)
    dark = has(image, HIT)
    assert dark[:10, :6].any() and not dark[:10, 6:].any()
    assert dark[10:, 6:].any() and not dark[10:, :6].any()
    assert has(image[9:10], WHITE).all() and has(image[:, 5:6], WHITE).all()
