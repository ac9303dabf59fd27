"""Whatever is uploaded: it is read, or refused with one sentence, quickly, and nobody else dies."""

import time

import pytest

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.ingest import recognise
from tests.ingest.hostile import FILES
from tests.ingest.making import cells, sheets_of

_PATIENCE = 10.0  # seconds


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_or_refused_with_a_sentence(name, tmp_path):
    content, code = FILES[name]
    start = time.monotonic()
    answer = refusal_of(content, name, tmp_path)
    assert time.monotonic() - start < _PATIENCE
    assert (answer.code if answer else None) == code
    for language in ("zh", "en"):
        assert answer is None or name in Translator(language).error(answer)


def refusal_of(content, name, folder):
    """Return why a file is refused; None if it is read, each of its sheets holding something."""
    try:
        sheets = sheets_of(content, name, folder=folder)
    except AnalyticsError as error:
        return error
    for sheet in sheets:
        assert cells(sheet)
        assert recognise(sheet).fingerprint
    return None


def test_a_long_cell_and_a_wide_row_are_refused_with_their_place(tmp_path):
    with pytest.raises(AnalyticsError) as refused:
        sheets_of(FILES["long cell.csv"][0], "a.csv", folder=tmp_path)
    assert refused.value.params == {"file": "a.csv", "row": 2, "column": 2, "limit": 32_767}


def test_control_characters_are_dropped_and_stray_quotes_kept(tmp_path):
    [nul] = sheets_of(FILES["nul.csv"][0], folder=tmp_path)
    assert cells(nul)[1] == ["2024-01-05", "AB", "1"]
    [quote] = sheets_of(FILES["open quote.csv"][0], folder=tmp_path)
    assert quote.rows == 1_001
