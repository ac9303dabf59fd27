"""A zip of spreadsheets gives its members, whatever they are called; nothing leaves the folder."""

import io
import zipfile

import pytest

from analytics import errors
from analytics.errors import Cancelled
from analytics.ingest import Limits, read, unpacked
from tests.ingest.making import cells, workbook
from tests.ingest.spreadsheets import archive, ods, xlsb

CSV = b"sku,quantity\nA,1\n"


def members(content, folder, name="orders.zip", **options):
    path = folder / "upload"
    path.write_bytes(content)
    return unpacked(path, name, workdir=folder, **options)


def test_members_are_read_like_files(tmp_path):
    content = archive({"jan.csv": CSV, "2024/feb.xlsx": workbook(S=[["sku"], ["B"]])})
    first, second = members(content, tmp_path)
    assert [first[0], second[0]] == ["orders.zip › jan.csv", "orders.zip › 2024 › feb.xlsx"]
    [sheet] = read(first[1], first[0], workdir=tmp_path)
    assert (sheet.file, cells(sheet)) == ("orders.zip › jan.csv", [["sku", "quantity"], ["A", "1"]])
    [sheet] = read(second[1], second[0], workdir=tmp_path)
    assert cells(sheet) == [["sku"], ["B"]]


@pytest.mark.parametrize("content", [CSV, workbook(S=[["a"]]), xlsb([["a"]]), ods([["a"]]), b""])
def test_any_other_file_comes_back_as_it_is(content, tmp_path):
    assert members(content, tmp_path, "../a.bin") == [("a.bin", tmp_path / "upload")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "orders.zip › etc › passwd"),
        ("/etc/cron.d/x", "orders.zip › etc › cron.d › x"),
        ("C:\\Users\\me\\a.csv", "orders.zip › Users › me › a.csv"),
        ("a\u202ecsv.exe", "orders.zip › acsv.exe"),
        ("x" * 400 + ".csv", "orders.zip › " + "x" * 120),
    ],
)
def test_names_are_never_paths(name, shown, tmp_path):
    before = set(tmp_path.parent.rglob("*"))
    [(found, path)] = members(archive({name: CSV}), tmp_path)
    assert found == shown
    assert (path.parent.parent, path.name) == (tmp_path, "member-0")
    assert all(tmp_path in new.parents for new in set(tmp_path.parent.rglob("*")) - before)


def test_names_in_old_encodings(tmp_path):
    name = "订单五月.csv".encode("gb18030")
    content = archive({"x" * len(name): CSV}).replace(b"x" * len(name), name)
    assert members(content, tmp_path)[0][0] == "orders.zip › 订单五月.csv"


def test_junk_folders_and_links_are_left_out(tmp_path):
    target = io.BytesIO(archive({"__MACOSX/._a.csv": b"x", ".DS_Store": b"x", "a.csv": CSV}))
    with zipfile.ZipFile(target, "a") as out:
        out.mkdir("folder")
        link = zipfile.ZipInfo("link.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        out.writestr(link, "/etc/passwd")
        out.writestr("folder/Thumbs.db", b"x")
    assert [name for name, _ in members(target.getvalue(), tmp_path)] == ["orders.zip › a.csv"]


def test_a_zip_within_a_zip_is_not_opened(tmp_path):
    [(name, path)] = members(archive({"inner.zip": archive({"a.csv": CSV})}), tmp_path)
    with pytest.raises(errors.NotASpreadsheetError):
        read(path, name, workdir=tmp_path)


def encrypted(content):
    data = bytearray(content)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (archive({f"{i}.csv": CSV for i in range(201)}), errors.TooManyFilesError),
        (archive({"zeros.csv": b"0" * 2**24}), errors.InflatedFileError),
        (encrypted(archive({"a.csv": CSV})), errors.EncryptedFileError),
        (archive({"a.csv": CSV})[:-30], errors.DamagedFileError),
        (archive({"__MACOSX/a": b"x"}), errors.EmptyFileError),
        (b"PK\x05\x06" + bytes(18), errors.EmptyFileError),
        (archive({"a.csv": CSV * 900}, zipfile.ZIP_LZMA), errors.DamagedFileError),
    ],
)
def test_archives_have_limits(content, error, tmp_path):
    with pytest.raises(error):
        members(content, tmp_path)


@pytest.mark.parametrize("more", [1, 5, 100, 257])
def test_a_member_a_little_longer_than_a_megabyte_comes_out_whole(more, tmp_path):
    """Its last bytes are still to be unpacked when all that is packed was read already."""
    content = b"a,b\n" + b" " * (2**20 - 4 + more)
    [(_, path)] = members(archive({"a.csv": content}), tmp_path)
    assert path.read_bytes() == content


def test_the_members_together_have_a_limit(tmp_path):
    content = archive({f"{i}.csv": bytes([i]) * 1_000 for i in range(1, 10)}, zipfile.ZIP_STORED)
    with pytest.raises(errors.InflatedFileError):
        members(content, tmp_path, limits=Limits(archive_bytes=8_000))


def test_the_user_can_stop(tmp_path):
    def stop(done, total, item):
        raise Cancelled

    with pytest.raises(Cancelled):
        members(archive({"a.csv": CSV}), tmp_path, progress=stop)
