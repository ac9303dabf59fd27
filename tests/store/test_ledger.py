"""Decisions on orders: noted, on order from then on, and kept through whatever happens."""

import gzip
import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import ReadOnlyWorkspaceError, UnknownJudgementError
from analytics.store import Store, sql_files

from .sheets import order, sheet

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2026, 1, 5)
PLACED = {"market": "US", "route": "sea", "supplier": "HD"}


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load(
            [sheet(order("1", "A", 5), order("2", "b", 3), order("3", "C", 1, market="DE"))]
        )
        yield opened


def decide(store, *rows, decided_on=DAY, who="Lin"):
    return store.decide(
        pd.DataFrame([{**PLACED, **row} for row in rows]), decided_on=decided_on, who=who
    )


def on_order(store):
    """What is still to come, by order number and SKU."""
    frame = store.purchase_orders()
    summed = frame.groupby(["order_id", "sku"], dropna=False)["open_quantity"].sum()
    return {key: units for key, units in summed.items() if units}


def line(store, line_id):
    return store.ledger().set_index("line_id").loc[line_id]


def imported(store, *rows):
    [account] = store.load(
        [sheet(*rows, kind="purchase_orders", supplier="HD", ordered_on="2026-01-06")]
    )
    return account.import_id


def test_what_is_ordered_is_on_order_until_it_came(store):
    [number] = decide(store, {"sku": "A", "quantity": 100.0, "suggested_quantity": 120.0})
    [row] = store.purchase_orders().to_dict("records")
    assert (row["order_id"], row["sku"], row["market"]) == ("LW260105-01", "A", "US")
    assert (row["quantity"], row["open_quantity"], row["route"]) == (100.0, 100.0, "sea")
    assert row["ordered_on"] == pd.Timestamp(DAY)
    assert pd.isna(row["received_on"])
    store.act_on("ship", {number: None}, acted_on=date(2026, 1, 20))
    assert store.purchase_orders()["shipped_on"].tolist() == [pd.Timestamp("2026-01-20")]
    store.act_on("receive", {number: 60.0}, acted_on=date(2026, 2, 19))
    came, left = store.purchase_orders().to_dict("records")
    assert (came["quantity"], came["quantity_received"], came["open_quantity"]) == (60.0, 60.0, 0.0)
    assert came["received_on"] == pd.Timestamp("2026-02-19")
    assert (left["quantity"], left["open_quantity"]) == (40.0, 40.0)
    store.act_on("receive", {number: 45.0}, acted_on=date(2026, 2, 21))
    assert on_order(store) == {}
    assert line(store, number)["status"] == "received"
    assert line(store, number)["received"] == 105.0  # more than was ordered is never owed


def test_a_closed_balance_is_expected_no_more_and_can_be_opened_again(store):
    [number] = decide(store, {"sku": "A", "quantity": 100.0})
    store.act_on("receive", {number: 60.0}, acted_on=date(2026, 2, 19))
    [act] = store.act_on("close", {number: None}, acted_on=date(2026, 3, 1), reason="short")
    assert on_order(store) == {}
    closed = line(store, number)
    assert (closed["status"], closed["close_reason"]) == ("closed", "short")
    store.undo_acts([act], who="Mei")
    assert on_order(store) == {("LW260105-01", "A"): 40.0}
    with pytest.raises(UnknownJudgementError):
        store.undo_acts([act])
    journal = store.ledger_acts().set_index("act_id")
    assert journal.loc[act, "undone_by"] == "Mei"
    assert len(journal) == 2


def test_a_skipped_suggestion_orders_nothing(store):
    [number] = decide(
        store, {"sku": "A", "quantity": 0.0, "suggested_quantity": 80.0, "reason": "cash"}
    )
    assert store.purchase_orders().empty
    assert line(store, number)["status"] == "skipped"
    for act in ("ship", "receive", "close"):
        with pytest.raises(UnknownJudgementError):
            store.act_on(act, {number: 1.0}, acted_on=DAY)


def test_one_order_per_supplier_market_and_route_with_a_sku_once(store):
    numbers = decide(
        store,
        {"sku": "A", "quantity": 1.0},
        {"sku": "b", "quantity": 2.0},
        {"sku": "A", "quantity": 3.0, "route": "air"},
        {"sku": "C", "quantity": 4.0, "market": "DE"},
        {"sku": "A", "quantity": 5.0},
        {"sku": "b", "quantity": 0.0},
        {"sku": "b", "quantity": 6.0, "supplier": None},
    )
    given = store.ledger().set_index("line_id").loc[numbers, "order_id"].str[-2:]
    assert given.fillna("").tolist() == ["01", "01", "02", "03", "04", "", "05"]


def test_numbers_go_on_where_the_files_and_the_day_left_off(store):
    decide(store, {"sku": "A", "quantity": 1.0})
    imported(store, {"order_id": " lw260105-07", "sku": "b", "market": "US", "quantity": 9.0})
    imported(store, {"order_id": "LW260105-X", "sku": "b", "market": "US", "quantity": 9.0})
    decide(store, {"sku": "b", "quantity": 1.0})
    decide(store, {"sku": "A", "quantity": 1.0}, decided_on=date(2026, 1, 6))
    assert store.ledger()["order_id"].tolist() == ["LW260106-01", "LW260105-08", "LW260105-01"]


def test_a_file_that_names_the_number_and_the_sku_takes_the_line_over(store):
    first, second = decide(store, {"sku": "A", "quantity": 100.0}, {"sku": "b", "quantity": 50.0})
    told = imported(
        store,
        {"order_id": "lw260105-01 ", "sku": "a", "quantity": 90.0, "quantity_received": 30.0},
    )
    assert on_order(store) == {("lw260105-01 ", "A"): 60.0, ("LW260105-01", "b"): 50.0}
    known = line(store, first)
    assert (known["is_imported"], known["received"], known["open_quantity"]) == (True, 30.0, 60.0)
    assert not line(store, second)["is_imported"]
    assert set(store.purchase_orders()["market"]) == {"US"}  # the file named none
    store.act_on("close", {first: None}, acted_on=DAY, reason="short")
    assert on_order(store) == {("LW260105-01", "b"): 50.0}
    store.undo(told)
    assert on_order(store) == {("LW260105-01", "b"): 50.0}  # it is closed, whoever tells of it
    store.undo_acts(store.ledger_acts()["act_id"].tolist())
    assert on_order(store) == {("LW260105-01", "A"): 100.0, ("LW260105-01", "b"): 50.0}


def test_a_decision_can_be_taken_back_and_brought_back(store):
    numbers = decide(store, {"sku": "A", "quantity": 100.0}, {"sku": "b", "quantity": 0.0})
    acts = store.act_on("take_back", dict.fromkeys(numbers), who="Mei")
    assert store.purchase_orders().empty
    assert set(store.ledger()["status"]) == {"taken_back"}
    with pytest.raises(UnknownJudgementError):
        store.act_on("take_back", {numbers[0]: None})
    store.undo_acts(acts)
    assert on_order(store) == {("LW260105-01", "A"): 100.0}


def test_acts_on_several_lines_are_all_noted_or_none(store):
    [number] = decide(store, {"sku": "A", "quantity": 100.0})
    before = store.version
    with pytest.raises(UnknownJudgementError) as refusal:
        store.act_on("close", {number: None, 99: None}, acted_on=DAY)
    assert refusal.value.params["judgement_id"] == 99
    assert (store.version, len(store.ledger_acts())) == (before, 0)


def test_every_change_of_the_ledger_is_another_version(store):
    versions = [store.version]
    [number] = decide(store, {"sku": "A", "quantity": 100.0})
    versions.append(store.version)
    [act] = store.act_on("ship", {number: None}, acted_on=DAY)
    versions.append(store.version)
    store.undo_acts([act])
    assert len({*versions, store.version}) == 4


def test_an_order_outlives_the_import_that_it_was_made_on(store):
    decide(store, {"sku": "A", "quantity": 100.0})
    store.undo(1)
    assert on_order(store) == {("LW260105-01", "A"): 100.0}
    assert store.items()[["sku", "market"]].to_numpy().tolist() == [["A", "US"]]
    store.redo(1)
    assert on_order(store) == {("LW260105-01", "A"): 100.0}


def test_an_order_follows_its_sku_and_its_market(store):
    decide(store, {"sku": "A", "quantity": 100.0})
    store.load([sheet({"alias": "A", "sku": "b"}, kind="aliases")])
    store.load([sheet({"country": "US", "market": "NA"}, kind="markets")])
    [row] = store.purchase_orders().to_dict("records")
    assert (row["sku"], row["market"]) == ("b", "NA")
    assert store.ledger()[["sku", "market"]].to_numpy().tolist() == [["b", "NA"]]


def test_two_lines_whose_skus_became_one_do_not_double_an_import(store):
    decide(store, {"sku": "A", "quantity": 100.0}, {"sku": "b", "quantity": 50.0})
    store.load([sheet({"alias": "A", "sku": "b"}, kind="aliases")])
    imported(store, {"order_id": "LW260105-01", "sku": "b", "quantity": 70.0})
    assert store.purchase_orders()["open_quantity"].tolist() == [70.0]


def test_a_backup_brings_the_ledger_along(store, tmp_path):
    [number] = decide(store, {"sku": "A", "quantity": 100.0})
    store.act_on("receive", {number: 30.0}, acted_on=DAY)
    made = store.backup(tmp_path / "backup.zip")
    before = store.ledger()
    store.act_on("take_back", {number: None})
    store.restore(made)
    pd.testing.assert_frame_equal(store.ledger(), before)
    assert on_order(store) == {("LW260105-01", "A"): 70.0}
    with Store.open_snapshot(store.folder) as copy:
        pd.testing.assert_frame_equal(copy.ledger(), before)


def test_a_damaged_file_is_restored_with_its_ledger(tmp_path):
    folder = tmp_path / "own"
    with Store.open(folder) as store:
        store.load([sheet(order("1", "A", 5))])
        decide(store, {"sku": "A", "quantity": 100.0})
    content = bytearray((folder / "leeway.duckdb").read_bytes())
    content[12288 + 100] ^= 1
    (folder / "leeway.duckdb").write_bytes(content)
    with Store.open(folder) as store:
        assert store.recovery is not None
        assert not store.recovery.is_loss
        assert on_order(store) == {("LW260105-01", "A"): 100.0}


def test_a_decision_that_a_copy_does_not_hold_is_said_to_be_missing(tmp_path):
    folder = tmp_path / "own"
    with Store.open(folder) as store:
        store.load([sheet(order("1", "A", 5))])
        old = {path: path.read_bytes() for path in (folder / "backup").iterdir()}
        decide(store, {"sku": "A", "quantity": 100.0})
    for path in (folder / "backup").iterdir():
        path.unlink()
    for path, content in old.items():
        path.write_bytes(content)
    torn = bytearray((folder / "leeway.duckdb").read_bytes())
    torn[12288 + 100] ^= 1
    (folder / "leeway.duckdb").write_bytes(torn)
    with Store.open(folder) as store:
        assert store.recovery.is_loss
        assert store.recovery.facts["missing"] == 1


def test_a_copy_that_is_only_read_takes_no_decision(store):
    store.snapshot()
    with Store.open_snapshot(store.folder) as copy:
        for change in (
            lambda: decide(copy, {"sku": "A", "quantity": 1.0}),
            lambda: copy.act_on("close", {1: None}),
            lambda: copy.undo_acts([1]),
            lambda: copy.withdraw_many([1]),
        ):
            with pytest.raises(ReadOnlyWorkspaceError):
                change()


# What somebody edits of an item


def edit(store, said, sku="A", market="US"):
    scope = {"sku": sku} if market is None else {"sku": sku, "market": market}
    [number] = store.judge("item", {json.dumps(scope): json.dumps(said)}, replaces=False)
    return number


def item(store, sku="A", market="US"):
    return store.items().set_index(["sku", "market"]).loc[sku, market]


def test_edits_go_before_the_files_column_by_column(store):
    listed = {"sku": "A", "unit_cost": 3.5, "currency": "CNY", "moq": 24.0, "supplier": "HD",
              "salvage_value": 1.0, "carton_volume_m3": 0.05, "carton_weight_kg": 8.0}  # fmt: skip
    store.load([sheet(listed, kind="products")])
    untouched = item(store)
    assert (untouched["salvage_value"], untouched["carton_volume_m3"]) == (1.0, 0.05)
    assert (untouched["carton_weight_kg"], untouched["note"]) == (8.0, "")
    assert not untouched["discontinued"]
    edit(store, {"moq": 100, "note": "=1+1", "discontinued": True, "lead_time_days": 33})
    later = edit(store, {"unit_cost": 4.25, "moq": 60, "tier": "trial", "price": 20.0})
    edited = item(store)
    assert (edited["moq"], edited["unit_cost"], edited["currency"]) == (60.0, 4.25, "CNY")
    assert (edited["lead_time_days"], edited["tier"], edited["note"]) == (33.0, "trial", "=1+1")
    assert (edited["discontinued"], edited["supplier"], edited["price"]) == (True, "HD", 20.0)
    store.withdraw(later)
    assert item(store)[["moq", "unit_cost"]].tolist() == [100.0, 3.5]
    assert item(store, "b")["note"] == ""


def test_an_edit_everywhere_gives_way_to_an_items_own_and_null_to_the_files(store):
    store.load([sheet({"sku": "A", "moq": 24.0}, kind="products")])
    edit(store, {"moq": 50}, market=None)
    assert item(store)["moq"] == 50.0
    edit(store, {"moq": 70})
    edit(store, {"moq": 55}, market="")
    assert item(store)["moq"] == 70.0
    edit(store, {"moq": None})
    assert item(store)["moq"] == 55.0
    edit(store, {"moq": None}, market="")
    assert item(store)["moq"] == 24.0


@pytest.mark.parametrize("body", ["nonsense", "[1]", "3", "null", '{"moq": "many", "x.y": 1}', ""])
def test_an_edit_that_says_nothing_changes_nothing(store, body):
    before = store.items()
    store.judge("item", {'{"sku": "A", "market": "US"}': body, "no scope": '{"moq": 1}'})
    pd.testing.assert_frame_equal(store.items(), before)


def test_an_edit_follows_aliases_and_pooled_markets(store):
    edit(store, {"moq": 10}, sku="A")
    store.load([sheet({"alias": "A", "sku": "b"}, kind="aliases")])
    store.load([sheet({"country": "US", "market": "NA"}, kind="markets")])
    assert item(store, "b", "NA")["moq"] == 10.0


def test_several_judgements_are_withdrawn_at_once_or_none(store):
    numbers = [edit(store, {"moq": units}) for units in (1, 2, 3)]
    with pytest.raises(UnknownJudgementError):
        store.withdraw_many([*numbers, 99], who="Mei")
    assert len(store.judgements("item")) == 3
    store.withdraw_many([*numbers[:2], numbers[0]], who="Mei")
    assert store.judgements("item")["judgement_id"].tolist() == numbers[2:]


# Stock by place


counts = st.lists(
    st.tuples(
        st.sampled_from([None, "FBA", "LA"]),
        st.sampled_from([None, *range(1, 7)]),
        st.integers(1, 20),
        st.booleans(),  # a list of its own, or one more row of the list before
    ),
    max_size=12,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(counts)
def test_places_add_up_to_the_stock_of_the_day(tmp_path_factory, found):
    with Store.open(tmp_path_factory.mktemp("places")) as store:
        sheets = [
            sheet(
                {"sku": "A", "market": "US", "on_hand": float(units), "warehouse": warehouse,
                 "date": day and f"2026-01-0{day}"},
                kind="stock",
            )
            for warehouse, day, units, _ in found
        ]  # fmt: skip
        if sheets:
            store.load(sheets)
        places, history = store.stock_places(), store.stock_history()
    for row in history.itertuples():
        if pd.isna(row.date):
            held = places["date"].isna()
        else:
            until = places["until"].fillna(pd.Timestamp("2100-01-01"))
            held = (places["date"] <= row.date) & (row.date < until)
        assert places.loc[held, "on_hand"].sum() == pytest.approx(row.on_hand)
    assert places["date"].nunique() == history["date"].nunique()


def test_a_place_is_counted_on_its_own(store):
    rows = [("FBA", 2, 7), ("LA", 3, 4), ("FBA", 5, 6), (None, 8, 9)]
    store.load(
        [sheet(*[{"sku": "a", "market": "US", "warehouse": place, "date": f"2026-01-0{day}",
                  "on_hand": float(units)} for place, day, units in rows],
               {"sku": "a", "on_hand": 90.0, "warehouse": "深圳", "date": "2026-01-04"},
               kind="stock")]
    )  # fmt: skip
    places = store.stock_places()
    told = [
        (row.market if isinstance(row.market, str) else "", row.warehouse, f"{row.date:%d}",
         "" if pd.isna(row.until) else f"{row.until:%d}", row.on_hand)
        for row in places.fillna({"warehouse": "?"}).itertuples()
    ]  # fmt: skip
    assert set(places["sku"]) == {"A"}
    assert told == [
        ("US", "FBA", "02", "05", 7.0), ("US", "FBA", "05", "08", 6.0),
        ("US", "LA", "03", "08", 4.0),
        ("US", "?", "08", "", 9.0), ("", "深圳", "04", "", 90.0),
    ]  # fmt: skip


# Old workspaces


def test_a_workspace_of_schema_3_gives_the_same_and_takes_decisions(tmp_path):
    """The file was written by the version before the ledger; its answers stand beside it."""
    content = gzip.decompress((GOLDEN / "schema_3.duckdb.gz").read_bytes())
    (tmp_path / "leeway.duckdb").write_bytes(content)
    expected = json.loads((GOLDEN / "schema_3.json").read_text("utf-8"))
    with Store.open(tmp_path) as store:
        assert (store.version, store.salt) == (expected["version"], expected["salt"])
        assert store.judgements("pin")["scope"].tolist() == expected["pins"]
        for question in ("daily_sales", "coverage", "item_coverage", "stock_history", "items",
                         "purchase_orders"):  # fmt: skip
            told = json.loads(
                getattr(store, question)().to_json(orient="records", date_format="iso")
            )
            known = pd.DataFrame(expected[question])  # newer answers tell more
            pd.testing.assert_frame_equal(pd.DataFrame(told)[[*known]], known)
        assert item(store, "Mug-1")["salvage_value"] == 1.0
        assert store.check() == []
        assert store.ledger().empty
        [number] = decide(store, {"sku": "Mug-1", "quantity": 48.0})
        assert line(store, number)["open_quantity"] == 48.0
    [kept] = (tmp_path / "backup").glob("schema-3-*.duckdb")
    assert kept.read_bytes() == content


def test_every_table_is_read_when_a_file_is_verified(store):
    with store._database.cursor() as cursor:
        tables = {name for (name,) in cursor.execute(sql_files.step("tables")).fetchall()}
    read = set(re.findall(r"FROM (\w+)", sql_files.step("verify")))
    assert tables - read == {"schema_version"}
