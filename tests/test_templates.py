"""Templates come back as they went out: every header understood, in either language."""

import openpyxl
import pytest

from analytics import ingest, templates
from analytics.i18n import LANGUAGES, Translator
from analytics.schema import TABLES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TABLES)
def test_every_header_of_a_template_is_understood(kind, language, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(templates.workbook(Translator(language), kind))
    [raw] = ingest.read(path, path.name, workdir=tmp_path)
    found = ingest.recognise(raw)
    names = [column.name for column in TABLES[kind].columns]
    assert (found.kind, found.missing) == (kind, ())
    assert found.columns == {name: place for place, name in enumerate(names)}


EXAMPLES = {"sku": "A-1", "quantity": 3, "date": "2026-05-01"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_of_hints_is_passed_over(language, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(templates.workbook(Translator(language), "sales"))
    book = openpyxl.load_workbook(path)
    page = book.active
    for place, column in enumerate(TABLES["sales"].columns, 1):
        page.cell(3, place, EXAMPLES.get(column.name))
    book.save(path)
    [raw] = ingest.read(path, path.name, workdir=tmp_path)
    cleaned = ingest.clean(raw, ingest.recognise(raw))
    assert (cleaned.rows_read, cleaned.rows_ignored, cleaned.rows.num_rows) == (2, 1, 1)
    assert cleaned.rows["sku"].to_pylist() == ["A-1"]
