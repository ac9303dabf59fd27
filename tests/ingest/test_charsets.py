"""Text in the encodings that sellers' files have is told by its characters."""

import codecs
import random

import pytest

from analytics.ingest import charsets
from analytics.ingest.charsets import text_of
from analytics.ingest.formats import PLAIN, formats
from tests.ingest.making import cells, read_here

# language -> its legacy encodings (each must be told), and a header with a few rows
TEXTS = {
    "zh-hans": (
        ("gb18030",),
        "订单号,下单时间,商品编码,商品名称,数量,单价,订单状态\n"
        "A-1,2024-01-05 10:20:30,SKU-1,蓝色水杯 大号,3,19.90,已发货\n"
        "A-2,2024-01-06 11:00:00,SKU-2,充电宝10000毫安,1,89.00,已取消\n",
    ),
    "zh-hans-short": (
        ("gb18030",),
        "日期,编码,数量\n2024-01-05,A,1\n2024-01-06,B,2\n",
    ),
    "zh-hant": (
        (
            "big5hkscs",
            "cp950",
        ),
        "訂單編號,訂單成立日期,商品名稱,商品選項貨號,數量,訂單狀態\n"
        "240501ABC,2024-05-01 10:20,保溫杯 500ml 藍色,SKU-1,2,已完成\n"
        "240502DEF,2024-05-02 09:00,行動電源,SKU-2,1,不成立\n",
    ),
    "zh-hant-short": (
        ("big5hkscs",),
        "日期,貨號,數量\n2024-05-01,A,1\n",
    ),
    "zh-hk": (
        ("big5hkscs",),
        "訂單日期,貨品,數量,地址\n2024-05-01,啲嘢,2,香港九龍旺角\n2024-05-01,嘅杯,2,香港新界沙田\n",
    ),
    "ja-sjis": (
        (
            "cp932",
            "shift_jis",
        ),
        "注文番号,購入日,商品名,数量,価格\n"
        "250-1,2024/01/05,青いマグカップ 大,3,1980\n"
        "250-2,2024/01/06,ﾓﾊﾞｲﾙﾊﾞｯﾃﾘｰ 黒,1,2980\n",
    ),
    "ja-kanji": (
        ("cp932",),
        "注文番号,購入日,商品名,数量,価格\n250-1,2024/01/05,青色磁器茶碗,3,1980\n",
    ),
    "ja-euc": (
        ("euc_jp",),
        "注文番号,購入日,商品名,数量,価格\n"
        "250-1,2024/01/05,青いマグカップ 大,3,1980\n"
        "250-2,2024/01/06,モバイルバッテリー 黒,1,2980\n",
    ),
    "ja-euc-kanji": (
        ("euc_jp",),
        "注文番号,購入日,商品名,数量,価格,発送状況\n250-1,2024/01/05,陶器茶碗,3,1980,発送済\n",
    ),
    "ja-jis": (
        ("iso2022_jp",),
        "注文番号,購入日,商品名,数量,価格\n250-1,2024/01/05,青いマグカップ 大,3,1980\n",
    ),
    "ko": (
        (
            "cp949",
            "euc_kr",
        ),
        "주문번호,주문일자,상품코드,상품명,수량,판매가,주문상태\n"
        "1001,2024-01-05,A-1,파란색 머그컵 대형,3,12000,배송완료\n"
        "1002,2024-01-06,A-2,보조배터리,1,29000,취소\n",
    ),
    "ko-short": (
        ("cp949",),
        "날짜,상품코드,수량\n2024-01-05,A-1,3\n",
    ),
    "th": (
        (
            "cp874",
            "tis_620",
        ),
        "หมายเลขคำสั่งซื้อ,วันที่ทำการสั่งซื้อ,ชื่อสินค้า,จำนวน,ราคาขาย,สถานะการสั่งซื้อ\n"
        "240501A,2024-05-01 10:20,แก้วน้ำสีฟ้า,2,199,สำเร็จแล้ว\n",
    ),
    "th-short": (
        ("cp874",),
        "วันที่,รหัสสินค้า,จำนวน\n2024-05-01,A,2\n",
    ),
    "ru": (
        ("cp1251",),
        "Номер заказа,Дата заказа,Артикул,Наименование товара,Количество,Цена,Статус\n"
        "1,05.01.2024,A-1,Кружка синяя большая,3,499.00,Доставлен\n",
    ),
    "ru-short": (
        ("cp1251",),
        "Дата;Артикул;Кол-во\n05.01.2024;A-1;3\n",
    ),
    "uk": (
        ("cp1251",),
        "Номер замовлення;Дата;Артикул;Назва товару;Кількість;Ціна\n"
        "1;05.01.2024;A-1;Чашка синя велика;3;499\n",
    ),
    "de": (
        (
            "cp1252",
            "latin-1",
        ),
        "Bestellnummer;Datum;Artikel;Größe;Menge\n"
        "1;05.01.2024;Kaffeebecher groß;XL;3\n"
        "2;06.01.2024;Müslischüssel;M;1\n",
    ),
    "de-one": (
        ("cp1252",),
        "Bestellnummer;Datum;Artikel;Menge\n1;05.01.2024;Becher groß;3\n",
    ),
    "fr": (
        ("cp1252",),
        "Numéro de commande;Date;Référence;Désignation;Quantité;Prix\n"
        "1;05/01/2024;A-1;Tasse à café bleue très grande;3;12,50 €\n",
    ),
    "es": (
        ("cp1252",),
        "Número de pedido;Fecha;Artículo;Descripción;Cantidad\n"
        "1;05/01/2024;A-1;Taza pequeña para niños;3\n",
    ),
    "pt": (
        ("cp1252",),
        "Número do pedido;Data;Código;Descrição;Preço\n"
        "1;05/01/2024;A-1;Caneca de café não lavável;3\n",
    ),
    "sv": (
        ("cp1252",),
        "Ordernummer;Datum;Färg;Antal\n1;2024-01-05;Blå;3\n2;2024-01-05;Röd/grön;3\n",
    ),
    "it": (
        ("cp1252",),
        "Numero ordine;Data;Quantità;Città\n1;05/01/2024;3;Forlì\n",
    ),
    "en": (
        ("cp1252",),
        "order-id\tpurchase-date\tsku\tproduct-name\tquantity\n"
        "1\t2017-06-17T08:04:21+00:00\tA-1\tCafé mug – “best” 5in ½ litre £5 ® ™\t1\n",
    ),
    "en-pound": (
        ("cp1252",),
        "order,sku,price\n1,A,£5.00\n2,B,£7.50\n",
    ),
    "pl": (
        ("cp1250",),
        "Numer zamówienia;Data;Produkt;Ilość;Cena\n1;05.01.2024;Kubek duży żółty łódź;3;49,00 zł\n",
    ),
    "cs": (
        ("cp1250",),
        "Číslo objednávky;Datum;Zboží;Množství;Cena\n"
        "1;05.01.2024;Hrnek modrý velký ťažký;3;49,00 Kč\n",
    ),
    "tr": (
        ("cp1254",),
        "Sipariş Numarası;Tarih;Ürün Adı;Adet;Fiyat\n"
        "1;05.01.2024;Büyük mavi kupa bardağı ışıklı;3;49,00\n",
    ),
    "el": (
        ("cp1253",),
        "Αριθμός παραγγελίας;Ημερομηνία;Κωδικός;Ποσότητα\n1;05/01/2024;Κούπα μπλε μεγάλη;3\n",
    ),
    "he": (
        ("cp1255",),
        'מספר הזמנה,תאריך,מק"ט,שם מוצר,כמות\n1,05/01/2024,A-1,ספל כחול גדול,3\n',
    ),
    "ar": (
        ("cp1256",),
        "رقم الطلب,التاريخ,رمز المنتج,اسم المنتج,الكمية\n1,05/01/2024,A-1,كوب أزرق كبير,3\n",
    ),
}
LEGACY = [(language, name) for language, (names, _) in TEXTS.items() for name in names]
UNICODE = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
)


def rows_of(text):
    separator = next(one for one in "\t;," if one in text)
    return [line.replace('"', "").split(separator) for line in text.splitlines()]


@pytest.mark.parametrize(("language", "encoding"), LEGACY)
def test_legacy_encodings_are_told_apart(language, encoding):
    text = TEXTS[language][1]
    [sheet] = read_here(text.encode(encoding))
    assert [[cell.replace('"', "") for cell in row] for row in cells(sheet)] == rows_of(text)
    assert [code for code, _ in sheet.notes] == ["encoding"]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_is_never_a_guess(language, encoding):
    text = TEXTS[language][1]
    [sheet] = read_here(text.encode(encoding))
    assert [[cell.replace('"', "") for cell in row] for row in cells(sheet)] == rows_of(text)
    assert "encoding" not in [code for code, _ in sheet.notes]


@pytest.mark.parametrize("language", ["zh-hans", "ja-sjis", "ko", "th", "ru", "de"])
def test_the_telling_lines_may_stand_far_down(language):
    names, text = TEXTS[language]
    separator = next(one for one in "\t;," if one in text)
    plain = separator.join("abcdefg"[: text.splitlines()[0].count(separator) + 1]) + "\n"
    [sheet] = read_here(plain.encode() * 50_000 + text.encode(names[0]))
    assert cells(sheet)[50_000][0] == text.split(separator)[0]


@pytest.mark.parametrize("end", ["\r", ""])
def test_a_file_without_line_ends_is_not_cut_within_a_character(end):
    text = ("订单号,商品名称,数量" + (end or ",")) * 20_000
    [sheet] = read_here(text.encode("gb18030") if end else (text[:90]).encode("gb18030"))
    assert cells(sheet)[0][:3] == ["订单号", "商品名称", "数量"]


def test_a_few_broken_bytes_do_not_change_the_encoding():
    text = "订单号,商品名称,数量\n" + "A-1,蓝色水杯,3\n" * 20
    content = text.encode() + b"A-2,\xff\xfe,1\n"
    [sheet] = read_here(content)
    assert cells(sheet)[0] == ["订单号", "商品名称", "数量"]
    assert sheet.notes == (("encoding", {"encoding": "utf-8"}),)


def test_bytes_of_no_encoding_are_read_as_they_can_be():
    [sheet] = read_here(b"sku,name\nA,\x81\x8d\x8f \xff\n")
    assert cells(sheet)[1][0] == "A"
    assert [code for code, _ in sheet.notes] == ["encoding"]


def test_names_in_archives_are_told_too():
    assert text_of("订单 五月.csv".encode("gb18030")) == "订单 五月.csv"
    assert text_of("注文データ.csv".encode("cp932")) == "注文データ.csv"
    assert text_of("Größe.csv".encode()) == "Größe.csv"


def test_every_encoding_is_one_that_is_known():
    for script in charsets.scripts():
        assert codecs.lookup(script.encoding)
        assert all(
            one.encode(script.encoding) for one in script.common if script.encoding != "gb18030"
        )


def test_the_headers_of_a_small_chinese_sheet_are_enough():
    """A short sheet from a Chinese spreadsheet program holds little else to judge by."""
    headers = sorted(
        header
        for one in formats()
        if one.family == PLAIN
        for names in one.columns.values()
        for header in names
        if any("\u4e00" <= letter <= "\u9fff" for letter in header) and _is_simplified(header)
    )
    chance = random.Random(7)
    for _ in range(400):
        row = ",".join(["SKU", *chance.sample(headers, chance.randint(2, 5))])
        text = f"{row}\nA-1,1,2\n"
        assert text_of(text.encode("gb18030")) == text


def _is_simplified(text):
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False
