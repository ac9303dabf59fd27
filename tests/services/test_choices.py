"""How a sheet is read: kept for its shape, spelled as a file, applied to the next one."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import BadMappingError
from analytics.schema import TABLES
from analytics.services import choices, importing
from analytics.services.choices import Choice
from analytics.services.importing import Upload
from analytics.store import Store

ODD = Upload("odd.csv", b"when;what;how many;how many\n03/04/2026;A-1;2;7\n04/04/2026;B-2;3;8\n")
NEXT = Upload("odd-may.csv", b"when;what;how many;how many\n03/05/2026;A-1;4;9\n")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def chosen(store, upload=ODD):
    staged = importing.stage(store, [upload])
    choice = Choice(
        kind="sales",
        columns={"date": "when", "sku": "what", "quantity": "#4"},
        day_first=False,
        market="DE",
        shop="Berlin",
    )
    return importing.revise(store, staged, 0, choice=choice)


def test_days_that_look_like_months_are_days_if_a_person_says_so(store):
    lines = "".join(f"2026-0{month}-01,A-1,2\n" for month in (1, 2, 3))
    staged = importing.stage(store, [Upload("totals.csv", f"Date,SKU,Qty\n{lines}".encode())])
    assert set(staged.sheets[0].cleaned.rows["grain"].to_pylist()) == {"month"}
    assert "months_by_dates" in dict(staged.sheets[0].striking)
    kept = choices.as_read(staged.sheets[0].recognition, staged.sheets[0].choice)
    assert kept.grain is None  # the next file's dates tell it themselves
    revised = importing.revise(store, staged, 0, choice=Choice(grain="day"))
    assert set(revised.sheets[0].cleaned.rows["grain"].to_pylist()) == {"day"}


def test_a_choice_is_applied_to_the_next_file_of_the_same_shape(store):
    importing.load(store, chosen(store))
    [sheet] = importing.stage(store, [NEXT]).sheets
    assert sheet.is_remembered
    assert sheet.recognition.columns == {"date": 0, "sku": 1, "quantity": 3}
    assert (sheet.choice.market, sheet.choice.shop) == ("DE", "Berlin")
    rows = sheet.cleaned.rows.to_pydict()
    assert (str(rows["date"][0]), rows["quantity"], rows["market"]) == ("2026-03-05", [9], ["DE"])


def test_a_choice_that_was_never_loaded_is_not_remembered(store):
    chosen(store)
    assert not importing.stage(store, [NEXT]).sheets[0].is_remembered


def test_a_choice_can_be_forgotten(store):
    importing.load(store, chosen(store))
    [sheet] = importing.stage(store, [NEXT]).sheets
    importing.forget(store, sheet)
    assert not importing.stage(store, [NEXT]).sheets[0].is_remembered
    assert store.mappings().empty


def test_what_is_said_goes_before_what_is_remembered(store):
    importing.load(store, chosen(store))
    [sheet] = importing.stage(store, [NEXT], said=Choice(market="FR")).sheets
    assert (sheet.choice.market, sheet.choice.shop) == ("FR", "Berlin")
    assert sheet.recognition.columns["quantity"] == 3


def test_another_kind_forgets_the_columns():
    remembered = Choice(kind="sales", columns={"sku": "what"}, market="DE")
    merged = choices.merged(remembered, Choice(kind="stock"))
    assert merged == Choice(kind="stock", market="DE")


def test_the_file_for_the_command_line_reads_as_it_was_read(store):
    staged = chosen(store)
    text = importing.mapping_file(staged.sheets)
    known = choices.from_toml(text, "mapping.toml")
    with Store.open(store.folder / "other") as other:
        [again] = importing.stage(other, [ODD], known=known).sheets
    assert again.recognition == staged.sheets[0].recognition
    assert again.cleaned.rows.equals(staged.sheets[0].cleaned.rows)
    assert tomllib.loads(text)["mapping"][0]["columns"]["quantity"] == "#4"


def test_a_file_of_another_shape_with_the_same_headers_fits_too(store):
    known = choices.from_toml(importing.mapping_file(chosen(store).sheets), "mapping.toml")
    wider = Upload("wider.csv", b"what;when;x;how many;how many\nA-1;03/05/2026;;1;2\n")
    known = {
        shape: Choice(**choice.facts() | {"columns": {"date": "when", "sku": "what"}})
        for shape, choice in known.items()
    }
    [sheet] = importing.stage(store, [wider], known=known).sheets
    assert sheet.recognition.columns == {"date": 1, "sku": 0}
    assert sheet.missing == ("quantity",)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    header=st.lists(texts, min_size=1, max_size=8),
    places=st.data(),
)
def test_columns_survive_their_spelling(header, places):
    recognition = ingest.Recognition(
        kind="sales", family="plain", header_row=0, headers=tuple(header), columns={}, missing=(),
        fingerprint="", day_first=None, grain="line",
    )  # fmt: skip
    names = [column.name for column in TABLES["sales"].columns]
    columns = places.draw(
        st.dictionaries(st.sampled_from(names), st.integers(0, len(header) - 1), max_size=5)
    )
    spelled = choices.spelled(recognition, columns)
    found = {name: choices.place_of(recognition, text) for name, text in spelled.items()}
    assert found == columns


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.builds(
        Choice,
        kind=st.sampled_from([None, *TABLES]),
        columns=st.none() | st.dictionaries(st.just("sku"), texts.filter(bool)),
        header_row=st.none() | st.integers(0, 40),
        day_first=st.none() | st.booleans(),
        decimal_mark=st.sampled_from([None, ".", ","]),
        time_zone=st.sampled_from([None, "Asia/Shanghai"]),
        currency=st.sampled_from([None, "EUR"]),
        grain=st.sampled_from([None, *choices.GRAINS]),
        market=texts,
        shop=texts,
    ).filter(lambda one: one.kind is None or any(c.name == "sku" for c in TABLES[one.kind].columns))
)
def test_a_choice_survives_both_spellings(choice):
    assert choices.from_json(choices.to_json(choice)) == choice
    again = choices.from_toml(choices.to_toml({"abc": choice}, {"abc": "x"}), "m.toml")
    assert again == {"abc": choice}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("not toml [", "TOML"),
        ("", "[[mapping]]"),
        ("mapping = 3", "[[mapping]]"),
        ("[[mapping]]\nkind = 'sales'", "shape"),
        ("[[mapping]]\nshape = 'a'\nkind = 'sails'", "kind"),
        ("[[mapping]]\nshape = 'a'\ncolour = 'red'", "colour"),
        ("[[mapping]]\nshape = 'a'\nheader_row = -1", "header_row"),
        ("[[mapping]]\nshape = 'a'\nday_first = 'yes'", "day_first"),
        ("[[mapping]]\nshape = 'a'\ntime_zone = 'Mars/Olympus'", "time_zone"),
        ("[[mapping]]\nshape = 'a'\ntime_zone = 7", "time_zone"),
        ("[[mapping]]\nshape = 'a'\ncurrency = 'euro'", "currency"),
        ("[[mapping]]\nshape = 'a'\nkind = 'stock'\n[mapping.columns]\nquantity = 'x'", "columns"),
        ("[[mapping]]\nshape = 'a'\n[mapping.columns]\nsku = 3", "columns"),
        ("[[mapping]]\nshape = 'a'\n[mapping.columns]\ncolour = 'x'", "columns"),
    ],
)
def test_a_mapping_file_that_cannot_be_used_says_what_is_wrong(text, part):
    with pytest.raises(BadMappingError) as caught:
        choices.from_toml(text, "m.toml")
    assert caught.value.params["part"] == part


@pytest.mark.parametrize(
    "kept",
    [
        '{"kind": "sails"}',
        '{"columns": {"colour": "x"}}',
        '{"kind": "stock", "columns": {"quantity": "how many"}}',
        '{"decimal_mark": "x", "time_zone": "Mars", "grain": "year", "currency": "euro"}',
        '{"of a later version": 1}',
    ],
)
def test_what_this_version_cannot_use_of_a_kept_choice_is_left(kept):
    choice = choices.from_json(kept)
    assert choice.kind in (None, "stock")
    assert replace(choice, kind=None) == Choice()


def test_a_spelling_that_is_no_column_is_none():
    recognition = ingest.Recognition(
        kind="sales", family="plain", header_row=0, headers=("a",), columns={}, missing=(),
        fingerprint="", day_first=None, grain="line",
    )  # fmt: skip
    for text in ("#²", "#" + "9" * 5000, "#0", "#2", "", "***"):
        assert choices.place_of(recognition, text) is None


def test_the_same_bytes_stay_with_the_shop_that_they_were_imported_for(store):
    """What is remembered of another shop's file must not claim this one."""
    first = Upload("a.csv", b"date,sku,quantity\n2026-05-01,A,5\n")
    second = Upload("b.csv", b"date,sku,quantity\n2026-05-01,A,7\n")
    importing.load(store, importing.stage(store, [first]))
    staged = importing.revise(store, importing.stage(store, [second]), 0, choice=Choice(shop="B"))
    importing.load(store, staged)
    [again] = importing.stage(store, [first]).sheets
    assert again.account.same_as == 1
    third = Upload("c.csv", b"date,sku,quantity\n2026-05-02,A,1\n")
    [next_one] = importing.stage(store, [third]).sheets
    assert ("remembered_shop", {"shop": "B"}) in next_one.striking


def test_another_number_of_title_rows_is_no_other_shape(store):
    low = Upload("low.csv", b"Sales of May\n\nwhen;what;how many\n2026-05-03;A-1;2\n")
    high = Upload("high.csv", b"when;what;how many\n2026-05-04;A-1;2\n")
    choice = Choice("sales", {"date": "when", "sku": "what", "quantity": "how many"}, header_row=3)
    staged = importing.revise(store, importing.stage(store, [low]), 0, choice=choice)
    known = choices.from_toml(importing.mapping_file(staged.sheets), "m.toml")
    [sheet] = importing.stage(store, [high], known=known).sheets
    assert sheet.recognition.header_row == 0
    assert sheet.problem is None
