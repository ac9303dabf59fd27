"""Built-in and own events in one shape."""

import numpy as np
import pandas as pd
import pytest

from analytics.calendars import COLUMNS, builtin, event_code, event_frame

OWN = pd.DataFrame(
    {
        "name": ["Flash sale KT101 10%", "flash sale HS302  10%", "Port of Hamburg", "Double"],
        "starts_on": pd.to_datetime(["2026-03-02", "2026-04-06", "2026-05-01", "2026-06-01"]),
        "ends_on": pd.to_datetime(["2026-03-08", "2026-04-12", "2026-06-20", "2026-06-03"]),
        "market": ["US", None, "DE", None],
        "category": [None, None, None, "Mugs"],
        "sku": ["KT101", "HS302", None, None],
        "demand_uplift_pct": [70.0, np.nan, np.nan, 20.0],
        "delay_days": [np.nan, np.nan, 17.0, 3.0],
        "route": [None, None, "sea", None],
    }
)


def own():
    frame = event_frame(builtin().iloc[:0], OWN)
    assert tuple(frame.columns) == COLUMNS
    return frame


def test_events_of_one_kind_share_a_code():
    codes = own().query("sku != ''")["code"]
    assert codes.unique().tolist() == ["flash sale 10%"]


@pytest.mark.parametrize(
    ("name", "scope", "code"),
    [
        ("Summer Sale 2025", (), "summer sale"),
        ("限时折扣 KT101 10%", ("KT101",), "限时折扣 10%"),
        ("ＫＴ101 Deal", ("KT101", "", "US"), "deal"),
        ("KT101", ("KT101",), "kt101"),
        ("Sale (US) 2024", ("", "", "US"), "sale"),
        ("Deal 20000", (), "deal 20000"),
    ],
)
def test_a_code_is_the_name_without_what_sets_one_apart(name, scope, code):
    assert event_code(name, *scope) == code


def test_a_delay_alone_moves_supply_only():
    sides = own().groupby("code")["side"].agg(list)
    assert sides["port of hamburg"] == ["supply"]
    assert sorted(sides["double"]) == ["demand", "supply"]
    assert own().query("side == 'supply'")["uplift_pct"].isna().all()


def test_scope_and_words_come_along():
    frame = own().set_index("code").query("side == 'demand'")
    assert frame.loc["double", ["market", "group", "sku", "uplift_pct"]].tolist() == [
        "",
        "Mugs",
        "",
        20.0,
    ]


def test_shopping_before_a_moving_feast_belongs_to_it():
    plain = builtin().query("code == 'ramadan' and market == 'ID'")
    frame = event_frame(builtin()).query("code == 'ramadan' and market == 'ID'")
    lead = plain["starts_on"].to_numpy() - frame["starts_on"].to_numpy()
    assert (lead == np.timedelta64(21, "D")).all()
    assert (plain["ends_on"].to_numpy() == frame["ends_on"].to_numpy()).all()


def test_a_built_in_event_can_be_switched_off_or_given_an_uplift():
    edits = {("ramadan", ""): 40.0, ("ramadan", "ID"): 80.0, ("diwali", ""): None}
    frame = event_frame(builtin(), None, edits)
    assert "diwali" not in set(frame["code"])
    words = frame.query("code == 'ramadan'").groupby("market")["uplift_pct"].first()
    assert words["ID"] == 80.0
    assert words["TR"] == 40.0
    assert frame.query("code == 'double_11'")["uplift_pct"].isna().all()


def test_pooled_countries_have_an_event_once():
    pooled = {"DE": "EU", "FR": "EU", "IT": "EU"}
    frame = event_frame(builtin(), pooled=pooled).query("code == 'black_friday'")
    assert (frame.groupby("market")["starts_on"].count() == 5).all()
    assert "DE" not in set(frame["market"])


def test_no_events_are_an_empty_frame_of_the_same_shape():
    frame = event_frame(builtin().iloc[:0])
    assert tuple(frame.columns) == COLUMNS
    assert frame.empty
