"""The sample seller: reproducible, small, and in agreement with itself."""

import zipfile
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest

from analytics import sample
from data.sample import generate

FOLDER = sample.files()[0].parent
LAST_DAY = pd.Timestamp(sample.LAST_DAY)
COUNTRY = {"美国": "US", "德国": "DE", "印度尼西亚": "ID"}
STAGES = ["下单日期", "完工日期", "发货日期", "到港日期", "清关日期", "入仓日期"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    generate.main(folder)
    return folder


@pytest.fixture(scope="module")
def truth():
    return sample.truth()


def workbook(name, header=0):
    return pd.read_excel(FOLDER / name, header=header, engine="calamine")


@pytest.fixture(scope="module")
def lines():
    """Return every order line of the three files: date, sku, market, units, status."""
    erp = pd.concat([workbook("orders_de_id.xlsx", header=1), workbook("orders_us.xlsx")])
    erp = pd.DataFrame(
        {
            "date": erp["下单时间"].dt.normalize(),
            "sku": erp["商品编码"],
            "market": erp["站点"].map(COUNTRY),
            "units": erp["数量"],
            "sold": erp["订单状态"] == "已完成",
        }
    )
    report = pd.read_csv(FOLDER / "amazon_us.txt", sep="\t", dtype=str)
    amazon = pd.DataFrame(
        {
            "date": pd.to_datetime(report["purchase-date"].str[:10]),
            "sku": report["sku"],
            "market": report["ship-country"],
            "units": report["quantity"].astype(int),
            "sold": report["order-status"] != "Cancelled",
        }
    )
    return pd.concat([erp, amazon], ignore_index=True)


@pytest.fixture(scope="module")
def counts():
    return pd.read_csv(FOLDER / "stock.csv", parse_dates=["date"])


@pytest.fixture(scope="module")
def stock(counts):
    """Return what stands in a market, in all warehouses together."""
    keys = ["date", "sku", "market"]
    return counts.groupby(keys, as_index=False, sort=False)[["on_hand", "inbound"]].sum()


@pytest.fixture(scope="module")
def orders():
    frame = workbook("purchase_orders.xlsx")
    return frame.assign(market=frame["站点"].map(COUNTRY))


def parts(path):
    """Return a workbook's parts: how tightly they are packed is zlib's business."""
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


@pytest.mark.parametrize("path", sample.files(), ids=lambda path: path.name)
def test_the_script_makes_the_committed_files(made, path):
    if path.suffix == ".xlsx":
        assert parts(made / path.name) == parts(path)
    else:
        assert (made / path.name).read_bytes() == path.read_bytes()


def test_the_script_makes_the_committed_truth(made, truth):
    again = pd.read_parquet(made / "truth" / "demand.parquet")
    pd.testing.assert_frame_equal(again.astype({"date": "datetime64[us]"}), truth)


def test_everything_weighs_less_than_2_mb():
    tracked = [p for p in FOLDER.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(path.stat().st_size for path in tracked) < 2_000_000


def test_the_fingerprint_is_of_the_files():
    assert sample.fingerprint() == sample.fingerprint()
    assert len(sample.fingerprint()) == 64


def test_three_markets_26_months_and_about_60_products(lines):
    assert 25_000 <= len(lines) <= 40_000
    assert lines["sku"].nunique() == 60
    span = lines.groupby("market")["date"].agg(["min", "max"])
    assert set(span.index) == {"US", "DE", "ID"}
    assert (span["min"] == pd.Timestamp(2024, 4, 1)).all()
    assert (span["max"] == LAST_DAY).all()


def test_every_category_of_a_market_has_ten_skus_to_learn_from(lines):
    category = workbook("products.xlsx").set_index("SKU")["类目"]
    groups = lines.assign(category=lines["sku"].map(category)).groupby(["category", "market"])
    assert groups["sku"].nunique().min() >= 10


def test_lines_add_up_to_what_was_sold(lines, truth):
    by_day = ["sku", "market", "date"]
    listed = lines[lines["sold"]].groupby(by_day)["units"].sum()
    sold = truth[truth["sold"] > 0].set_index(by_day)["sold"].sort_index()
    pd.testing.assert_series_equal(listed, sold, check_names=False, check_dtype=False)


def test_some_lines_are_cancelled_and_some_come_back(lines):
    undone = lines[~lines["sold"]]
    assert 0.01 < len(undone) / len(lines) < 0.05
    assert (undone["units"] < 0).sum() > 100


def test_a_day_with_stock_sells_what_is_wanted(truth):
    wanted = truth["demand"] + truth["freak"]
    assert (truth["sold"] <= wanted).all()
    served = truth[~truth["stocked_out"]]
    assert (served["sold"] == wanted[served.index]).all()


def test_stock_moves_by_receipts_and_sales_only(stock, orders, truth):
    received = orders.groupby(["SKU", "market", "入仓日期"])["采购数量"].sum()
    received.index.names = ["sku", "market", "date"]
    moves = truth.set_index(["sku", "market", "date"])["sold"].mul(-1)
    net = pd.concat([moves, received]).groupby(level=[0, 1, 2]).sum()
    level = net.groupby(level=[0, 1]).cumsum().rename("level")
    joined = stock.join(level, on=["sku", "market", "date"], how="inner")
    opening = (joined["on_hand"] - joined["level"]).groupby([joined["sku"], joined["market"]])
    assert len(joined) == len(stock)
    assert opening.nunique().max() == 1
    assert stock["on_hand"].min() == 0


def test_inbound_is_what_was_shipped_and_not_received(stock, orders):
    last = stock[stock["date"] == LAST_DAY].set_index(["sku", "market"])["inbound"]
    under_way = orders[orders["发货日期"].notna() & orders["入仓日期"].isna()]
    expected = under_way.groupby(["SKU", "market"])["采购数量"].sum()
    assert last[last > 0].sort_index().to_dict() == expected.to_dict()


def test_stock_is_counted_on_mondays_and_on_the_last_day(stock):
    days = stock["date"].drop_duplicates()
    assert days.is_monotonic_increasing
    assert set(days[days < LAST_DAY].dt.day_of_week) == {0}
    assert days.max() == LAST_DAY


def test_some_stock_waits_abroad_and_some_has_not_left_china(counts, stock):
    today = counts[counts["date"] == LAST_DAY]
    abroad = today[today["warehouse"].fillna("").str.contains("海外仓")]
    assert set(abroad["market"]) == {"US", "DE"}
    assert (abroad["on_hand"] > 0).all()
    central = today[today["market"].isna()]
    assert set(central["warehouse"]) == {"深圳仓"}
    cartons = workbook("products.xlsx").set_index("SKU")["装箱数"][central["sku"]]
    assert (central["on_hand"].to_numpy() % cartons.to_numpy() == 0).all()
    empty = stock[(stock["date"] == LAST_DAY) & (stock["on_hand"] == 0)]
    assert set(central["sku"]) & set(empty["sku"])  # what lies in China is missed abroad


def test_routes_take_about_as_long_as_orders_did(orders):
    routes = workbook("routes.xlsx").assign(market=lambda table: table["国家"].map(COUNTRY))
    usual = [name for name in routes if name.endswith("天数") and "最长" not in name]
    worst = [name for name in routes if name.endswith("最长天数")]
    assert (len(usual), len(worst)) == (6, 6)
    stated = routes.set_index(["market", "运输方式"])
    assert (stated[worst].to_numpy() >= stated[usual].to_numpy()).all()
    done = orders.dropna(subset=["入仓日期"])
    took = (done["入仓日期"] - done["下单日期"]).dt.days
    past = took.groupby([done["market"], done["运输方式"]]).median()
    for way, days in past.items():
        assert abs(stated.loc[way, usual].sum() - days) <= 6, way
    assert {"海运", "空运", "铁路", "快递"} == set(routes["运输方式"])
    assert (stated["每公斤运费"].isna() ^ stated["每立方运费"].isna()).all()


def test_what_is_left_of_a_season_brings_less_than_it_cost():
    products = workbook("products.xlsx")
    assert (products["仓储费"] > 0).all()
    assert 10 <= products["残值"].notna().sum() <= 20
    left = products.dropna(subset=["残值"])
    assert (left["残值"] < left["采购成本"]).all()


def test_shelves_run_empty_now_and_then(truth):
    assert 0.02 < truth["stocked_out"].mean() < 0.08
    lost = truth["demand"].sum() + truth["freak"].sum() - truth["sold"].sum()
    assert 0.02 < lost / truth["demand"].sum() < 0.1


def test_purchase_orders_pass_their_stages_in_order(orders):
    for earlier, later in pairwise(STAGES):
        both = orders[orders[later].notna()]
        assert (both[later] >= both[earlier]).all()
    assert (orders[STAGES].max() <= LAST_DAY).all()
    assert not orders.duplicated(["采购单号", "SKU", "market"]).any()


def test_sea_takes_about_45_days_air_about_10_and_peak_season_longer(orders):
    done = orders.dropna(subset=["入仓日期"])
    days = (done["入仓日期"] - done["下单日期"]).dt.days
    sea, month = done["运输方式"] == "海运", done["下单日期"].dt.month
    assert 42 <= days[sea & month.isin([4, 5, 6])].median() <= 48
    assert 9 <= days[~sea].median() <= 12
    assert days[sea & month.isin([9, 10])].mean() > days[sea & month.isin([4, 5, 6])].mean() + 8
    assert days[sea & (month == 1)].mean() > 55  # Chinese New Year lies in between


def test_orders_keep_to_cartons_and_minimum_quantities(orders):
    products = workbook("products.xlsx").set_index("SKU")
    own = products.loc[orders["SKU"]].reset_index()
    assert (orders["采购数量"] % own["装箱数"] == 0).all()
    sea = orders["运输方式"] == "海运"
    assert (orders["采购数量"] >= own["起订量"])[sea].all()


def test_the_last_day_asks_for_decisions(stock, orders):
    open_orders = orders[orders["入仓日期"].isna()]
    overdue = open_orders[open_orders["预计到货日期"] < LAST_DAY]
    assert len(open_orders) >= 20
    assert len(overdue) >= 3
    today = stock[stock["date"] == LAST_DAY].set_index(["sku", "market"])["on_hand"]
    late = set(zip(overdue["SKU"], overdue["market"], strict=True))
    assert late & set(today[today == 0].index)  # an empty shelf that waits for a late ship


def test_the_freak_order_is_one_line(lines, truth):
    freak = truth[truth["freak"] > 0]
    assert freak[["sku", "market"]].to_numpy().tolist() == [["KT103", "DE"]]
    day = lines[(lines["sku"] == "KT103") & (lines["date"] == freak["date"].item())]
    assert day["units"].max() == freak["freak"].item() == 240


@pytest.mark.parametrize(("sku", "market"), [("FD401", "US"), ("FD404", "DE")])
def test_christmas_holds_most_of_a_year(truth, sku, market):
    own = truth[(truth["sku"] == sku) & (truth["market"] == market)].set_index("date")["demand"]
    year = own["2025-01-01":"2025-12-31"]
    assert year["2025-10-27":"2025-12-21"].sum() > 0.7 * year.sum()


def test_ramadan_moves_with_the_moon(truth):
    own = truth[(truth["sku"] == "MF503") & (truth["market"] == "ID")].set_index("date")["demand"]
    peak = own.rolling(14).sum()
    peak_2025, peak_2026 = (peak[str(year)].idxmax().date() for year in (2025, 2026))
    assert date(2025, 3, 1) <= peak_2025 <= date(2025, 3, 31)
    assert date(2026, 2, 15) <= peak_2026 <= date(2026, 3, 21)


def test_young_dying_and_intermittent_items(truth):
    first_day = truth.groupby("sku")["date"].min()
    assert (LAST_DAY - first_day[["KT114", "HS312"]]).dt.days.max() < 90
    sums = truth.groupby(["sku", truth["date"].dt.year])["demand"].sum()
    assert all(sums[sku, 2026] < 0.1 * sums[sku, 2024] for sku in ("KT112", "PT212"))
    kennel = truth[truth["sku"] == "PT211"]["demand"]
    assert (kennel > 0).mean() < 0.1


def test_promotions_lift_demand(truth):
    promoted = truth.groupby("sku").filter(lambda own: own["promotion"].any())
    mean = promoted.groupby(["promotion", "sku"])["demand"].mean()
    assert 1.5 < (mean[True] / mean[False]).median() < 2.5


def test_no_buyer_is_in_the_marketplace_report():
    report = pd.read_csv(FOLDER / "amazon_us.txt", sep="\t", dtype=str)
    assert report.shape[1] == 32
    personal = ["ship-city", "ship-state", "ship-postal-code", "purchase-order-number"]
    assert report[personal].isna().all(axis=None)
