"""Countries, currencies and routes by the names that files use."""

import pytest

from analytics.ingest.words import UNSPECIFIED, code_of, codes, country


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("United States of America", "US"),
        ("美国", "US"),
        ("美国站", "US"),
        ("US站", "US"),
        ("Amazon.com", "US"),
        ("amazon.de", "DE"),
        ("Amazon.co.uk", "GB"),
        ("www.amazon.co.jp", "JP"),
        ("Amazon.com.mx", "MX"),
        ("亚马逊美国站", "US"),
        ("UK", "GB"),
        ("英国", "GB"),
        ("GBR", "GB"),
        ("EIRE", "IE"),
        ("Korea", "KR"),
        ("印尼", "ID"),
        ("印度尼西亚", "ID"),
        ("臺灣", "TW"),
        ("Côte d'Ivoire", "CI"),
        ("德国 (DE)", "DE"),
        ("The Netherlands", "NL"),
        ("EU", "EU"),
        ("欧洲", "EU"),
        ("Russia", "RU"),
        ("Unspecified", UNSPECIFIED),
        ("其他", UNSPECIFIED),
        ("Non-Amazon", UNSPECIFIED),
        ("Atlantis", None),
        ("12", None),
        ("USD", None),
    ],
)
def test_countries(written, code):
    assert country(written) == code


@pytest.mark.parametrize(
    ("section", "written", "code"),
    [
        ("currencies", "$", "USD"),
        ("currencies", "US$", "USD"),
        ("currencies", "￥", "CNY"),
        ("currencies", "A$", "AUD"),
        ("currencies", "人民币", "CNY"),
        ("currencies", "Rp", "IDR"),
        ("currencies", "shells", None),
        ("routes", "海运", "sea"),
        ("routes", "Ocean", "sea"),
        ("routes", "空派", "air"),
        ("routes", "中欧班列", "rail"),
        ("routes", "DHL", "express"),
        ("tiers", "爆款", "bestseller"),
        ("tiers", "新品", "trial"),
        ("months", "Sept", "9"),
        ("months", "März", "3"),
    ],
)
def test_codes(section, written, code):
    assert code_of(section, written) == code


def test_every_country_is_known_by_its_codes():
    known = codes("countries")
    assert len(set(known.values())) > 245
    assert {code for code in set(known.values()) if known.get(code.casefold()) != code} == set()
