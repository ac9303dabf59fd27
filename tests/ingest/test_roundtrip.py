"""Whatever way a table of orders is written, import gives the same table back."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.ingest import clean, columns, recognise
from tests.ingest.making import raw, read_here, workbook

TELLING_DAY = date(2026, 5, 25)  # no month 25: day and month can be told apart
TELLING_PRICE = 1_234_567.89  # both marks: thousands and decimals can be told apart
COLUMNS = ("order_id", "date", "sku", "name", "quantity", "unit_price")


@dataclass(frozen=True)
class Language:
    """How sheets of one language look: headers, names, other rows, and who can write it."""

    headers: dict
    names: tuple
    words: tuple  # of a title, a total, a footer, and a column that is not read
    encodings: tuple


ENGLISH = {
    "order_id": ("Order ID", "order-id", "Order Number", "ORDER NO."),
    "date": ("Order Date", "purchase-date", "Date", "Created At"),
    "sku": ("SKU", "Seller SKU", "Item Code", "Product Code"),
    "name": ("Product Name", "product-name", "Item Name"),
    "quantity": ("Quantity", "Qty", "Units Sold", "QUANTITY (pcs)"),
    "unit_price": ("Unit Price", "item price", "Selling Price"),
}
CHINESE = {
    "order_id": ("订单号", "订单编号", "平台订单号"),
    "date": ("下单时间", "付款时间", "日期", "订单日期"),
    "sku": ("SKU", "商品编码", "SKU编码", "货号"),
    "name": ("商品名称", "品名", "产品名称"),
    "quantity": ("数量", "销量", "购买数量"),
    "unit_price": ("单价", "售价", "单价（元）"),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16")
LANGUAGES = {
    "english": Language(
        ENGLISH,
        ("Steel Bottle 500 ml", "Mug, blue", 'Desk 24" stand', "O'Neill cap"),
        ("Orders export", "Total", "3 record(s) downloaded", "Remark"),
        (*UNICODE, "cp1252"),
    ),
    "western": Language(
        ENGLISH,
        ("Thermoskanne Größe M", "Café crème, déco", "Jabón señorial", "Caneca açaí"),
        ("Export der Bestellungen für März", "Total", "3 record(s) downloaded", "Straße"),
        (*UNICODE, "cp1252"),
    ),
    "chinese": Language(
        CHINESE,
        ("不锈钢保温杯 500ml", "硅胶锅铲五件套", "可折叠沥水篮，灰色", "桌面理线器（大号）"),
        ("订单导出 2026年", "合计", "制表人：张三", "备注"),
        (*UNICODE, "gb18030"),
    ),
    "traditional": Language(
        ENGLISH,
        ("不鏽鋼保溫瓶五百毫升", "矽膠鍋鏟組合裝", "可摺疊瀝水籃灰色", "桌面理線器大號"),
        ("訂單匯出", "Total", "3 record(s) downloaded", "備註"),
        (*UNICODE, "big5"),
    ),
    "japanese": Language(
        ENGLISH,
        ("ステンレスボトル五百ml", "シリコン調理器具セット", "折りたたみ水切りかご", "卓上扇風機"),
        ("注文のエクスポート", "Total", "3 record(s) downloaded", "メモ"),
        (*UNICODE, "cp932"),
    ),
}

DATE_STYLES = {
    "iso": lambda d, _: f"{d:%Y-%m-%d}",
    "iso with time": lambda d, t: f"{d:%Y-%m-%d} {t:%H:%M:%S}",
    "iso with offset": lambda d, t: f"{d:%Y-%m-%d}T{t:%H:%M:%S}+00:00",
    "shopify": lambda d, t: f"{d:%Y-%m-%d} {t:%H:%M:%S} +0400",
    "slashes, year first": lambda d, t: f"{d.year}/{d.month}/{d.day} {t.hour}:{t:%M}",
    "day first": lambda d, _: f"{d:%d/%m/%Y}",
    "day first with time": lambda d, t: f"{d:%d/%m/%Y} {t:%H:%M:%S}\t",
    "month first": lambda d, _: f"{d.month}/{d.day}/{d.year}",
    "month first with pm": lambda d, t: f"{d:%m/%d/%Y} {t:%I:%M %p}",
    "dots": lambda d, _: f"{d:%d.%m.%Y}",
    "ebay": lambda d, _: f"{d:%b-%d-%y}",
    "lazada": lambda d, t: f"{d:%d %b %Y} {t:%H:%M}",
    "compact": lambda d, _: f"{d:%Y%m%d}",
    "chinese": lambda d, _: f"{d.year}年{d.month}月{d.day}日",
    "serial": lambda d, t: f"{(d - date(1899, 12, 30)).days + t.hour / 24:.4f}",
    "thai years": lambda d, _: f"{d.day:02d}/{d.month:02d}/{d.year + 543}",
}
NUMBER_STYLES = {
    "plain": lambda v: f"{v:.2f}",
    "english": lambda v: f"{v:,.2f}",
    "european": lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
    "swiss": lambda v: f"{v:,.2f}".replace(",", "'"),
    "spaced": lambda v: f"{v:,.2f}".replace(",", " ").replace(".", ","),
    "dollars": lambda v: f"${v:,.2f}",
    "code behind": lambda v: f"{v:,.2f} USD",
    "comma only": lambda v: f"{v:.2f}".replace(".", ","),
}
THOUSANDS = {"european": ".", "swiss": "'", "spaced": " ", "plain": "", "comma only": ""}
QUANTITY_STYLES = {
    "plain": lambda n, _: f"{n}",
    "float": lambda n, _: f"{n}.0",
    "grouped": lambda n, number: f"{n:,}".replace(",", THOUSANDS.get(number, ",")),
}

NUMBERS = st.integers(10**17, 10**18 - 1)  # each style takes the figures that it needs
SKU_STYLES = st.builds(
    lambda style, number: style.format(str(number), str(number)[-3:]),
    st.sampled_from(
        ["KT{1}", "DX{0:.6}", "0{1}{1}", "{0:.13}", "{0}", "kt-{1}-XL", "kt-{1}/42", "b_{1}.x L"]
    ),
    NUMBERS,
)
ORDER_STYLES = st.builds(
    lambda style, number: style.format(str(number), str(number)[:7], str(number)[-7:]),
    st.sampled_from(["{0}", "{0:.13}", "408-{1}-{2}", "#{2:.5}", "SO{0:.9}"]),
    NUMBERS,
)
CENTS = st.integers(1, 99_999_999).map(lambda cents: cents / 100)


@dataclass(frozen=True)
class Line:
    order_id: str
    date: date
    time: time
    sku: str
    name: str
    quantity: int
    unit_price: float


@dataclass(frozen=True)
class Style:
    """One way to write a table."""

    language: str
    encoding: str
    separator: str
    ends: str
    date: str
    number: str
    quantity: str
    order: tuple
    headers: dict
    titles: int = 0
    blanks: int = 0
    has_total: bool = False
    has_footer: bool = False
    guard: str = "{}"


@st.composite
def tables(draw):
    """Draw order lines and a way to write them."""
    name = draw(st.sampled_from(sorted(LANGUAGES)))
    language = LANGUAGES[name]
    lines = draw(
        st.lists(
            st.builds(
                Line,
                ORDER_STYLES,
                st.dates(date(2015, 1, 1), date(2027, 12, 31)),
                st.times().map(lambda t: t.replace(microsecond=0, tzinfo=None)),
                SKU_STYLES,
                st.sampled_from(language.names),
                st.integers(0, 9_999),
                CENTS,
            ),
            min_size=9,
            max_size=24,
            unique_by=lambda line: line.order_id,
        )
    )
    telling = Line("408-1234567-7654321", TELLING_DAY, time(9, 5), "KT101", language.names[0], 3, 0)
    lines.insert(draw(st.integers(0, len(lines))), telling)
    lines = [
        Line(**{**vars(line), "unit_price": TELLING_PRICE if line is telling else line.unit_price})
        for line in lines
    ]
    order = (*draw(st.permutations(COLUMNS)),)
    return lines, Style(
        language=name,
        encoding=draw(st.sampled_from(language.encodings)),
        separator=draw(st.sampled_from([",", ";", "\t", "|"])),
        ends=draw(st.sampled_from(["\n", "\r\n"])),
        date=draw(st.sampled_from(sorted(DATE_STYLES))),
        number=draw(st.sampled_from(sorted(NUMBER_STYLES))),
        quantity=draw(st.sampled_from(sorted(QUANTITY_STYLES))),
        order=order,
        headers={column: draw(st.sampled_from(language.headers[column])) for column in COLUMNS},
        titles=draw(st.integers(0, 2)),
        blanks=draw(st.integers(0, 3)),
        has_total=draw(st.booleans()),
        has_footer=draw(st.booleans()),
        guard=draw(st.sampled_from(["{}", '="{}"', "{}\t", "'{}"])),
    )


def grid(lines, style):
    """Return the rows of the sheet as text: titles, header, lines, total, footer, blank rows."""
    title, total_word, footer, further = LANGUAGES[style.language].words
    width = len(COLUMNS) + 1
    rows = [[title, *[""] * (width - 1)], [""] * width][: style.titles]
    rows.append([*(style.headers[column] for column in style.order), further])
    rows += [written(line, style) for line in lines]
    if style.has_total:
        total = dict.fromkeys(COLUMNS, "") | {
            style.order[0]: total_word,
            "quantity": QUANTITY_STYLES[style.quantity](
                sum(line.quantity for line in lines), style.number
            ),
        }
        if style.order[0] == "quantity":
            total[style.order[1]] = total_word
        rows.append([*(total[column] for column in style.order), ""])
    if style.has_footer:
        rows.append([footer, *[""] * (width - 1)])
    return [*rows, *([[""] * width] * style.blanks)]


def written(line, style):
    cells = {
        "order_id": style.guard.format(line.order_id) if line.order_id.isdigit() else line.order_id,
        "date": DATE_STYLES[style.date](line.date, line.time),
        "sku": style.guard.format(line.sku) if line.sku.isdigit() else line.sku,
        "name": line.name,
        "quantity": QUANTITY_STYLES[style.quantity](line.quantity, style.number),
        "unit_price": NUMBER_STYLES[style.number](line.unit_price),
    }
    return [*(cells[column] for column in style.order), "x"]


def as_text(lines, style):
    text = io.StringIO()
    csv.writer(text, delimiter=style.separator, lineterminator=style.ends).writerows(
        grid(lines, style)
    )
    return text.getvalue().encode(style.encoding)


def as_workbook(lines, style, *, typed):
    """Return the table as xlsx, dates and numbers as cells of their own type or as text."""
    rows = grid(lines, style)
    first = next(i for i, row in enumerate(rows) if row[-1] == LANGUAGES[style.language].words[-1])
    if typed:
        for line, row in zip(lines, rows[first + 1 :], strict=False):
            row[style.order.index("date")] = datetime.combine(line.date, line.time)
            row[style.order.index("quantity")] = line.quantity
            row[style.order.index("unit_price")] = line.unit_price
    return workbook(orders=[[cell if cell != "" else None for cell in row] for row in rows])


def imported(content, name):
    [sheet] = read_here(content, name)
    cleaned = clean(sheet, recognise(sheet))
    assert cleaned.rows_read == cleaned.rows.num_rows + len(cleaned.issues) + cleaned.rows_ignored
    assert cleaned.issues.to_dict("records") == []
    names = ("order_id", "date", "sku", "quantity", "unit_price")
    return [tuple(row[name] for name in names) for row in cleaned.rows.to_pylist()]


def expected(lines):
    return [
        (line.order_id, line.date, line.sku, line.quantity, pytest.approx(line.unit_price))
        for line in lines
    ]


def can_hold(lines, style):
    try:
        as_text(lines, style)
    except UnicodeEncodeError:
        return False
    return True


same_each_time = settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a table is small enough to be read unshrunk
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@same_each_time
@given(tables().filter(lambda table: can_hold(*table)))
def test_a_text_file_gives_the_same_table_back(table):
    lines, style = table
    assert imported(as_text(lines, style), "orders.csv") == expected(lines)


@settings(same_each_time, max_examples=40)
@given(tables(), st.booleans())
def test_a_workbook_gives_the_same_table_back(table, typed):
    lines, style = table
    assert imported(as_workbook(lines, style, typed=typed), "orders.xlsx") == expected(lines)


@settings(same_each_time, max_examples=15)
@given(tables())
def test_texts_kept_as_they_are_give_what_distinct_texts_give(table):
    lines, style = table
    rows = [*grid(lines, style), *grid(lines[:3], style)]
    sheet = raw([[cell.strip() for cell in row] for row in rows])
    recognition = replace(recognise(sheet), time_zone="America/Los_Angeles")
    found = []
    for is_plain in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(columns, "_are_mostly_distinct", lambda texts, told=is_plain: told)
            found.append(clean(sheet, recognition))
    plain, encoded = found
    assert plain.rows.equals(encoded.rows)
    assert plain.issues.equals(encoded.issues)
    assert plain.notes == encoded.notes
