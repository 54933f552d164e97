"""The mutations still fit the code; `python -m tests.mutations` applies them."""

import pytest

from tests.mutations.__main__ import ROOT, read


@pytest.mark.parametrize("mutation", read(), ids=lambda mutation: mutation.file)
def test_a_mutation_changes_a_piece_that_is_there_once(mutation):
    """Broken if code or a test was renamed and the mutation of it was not."""
    assert (ROOT / mutation.file).read_text().count(mutation.old) == 1
    file, _, test = mutation.test.partition("::")
    assert test.partition("[")[0] in (ROOT / file).read_text()
