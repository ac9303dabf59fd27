"""Unpacks a zip of spreadsheets: members get numbers for names, so that no name can be a path."""

import zipfile
from pathlib import Path, PurePosixPath

from analytics.ingest import archives, charsets
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.signatures import kind_of
from analytics.ingest.telling import Teller

_IS_UTF8 = 0x800
_JUNK_FOLDERS = ("__macosx",)
_JUNK = ("thumbs.db", "desktop.ini")


def unpack(path: Path, folder: Path, limits: Limits, teller: Teller) -> list[tuple[str, str]]:
    """Return the members' names, for display only, and the files in ``folder`` that hold them.

    Anything but a zip of other files has no members.

    Raises
    ------
    RefusedError
        The archive is encrypted, damaged, empty or beyond a limit.
    """
    if kind_of(path) != "zip":
        return []
    members = [part for part in archives.parts_of(path) if not _is_junk(part)]
    if not members:
        raise RefusedError("empty")
    if len(members) > limits.archive_files:
        raise RefusedError("too_many_files", value=len(members), limit=limits.archive_files)
    archives.check_directory(path, members, limits, limits.archive_bytes)
    teller.expect(sum(part.file_size for part in members))
    found = []
    for number, part in enumerate(members):
        target = folder / f"member-{number}"
        if part.file_size > limits.file_bytes:
            raise RefusedError("inflated")
        with target.open("wb") as file:
            for chunk in archives.unpacked(path, part, limits):
                file.write(chunk)
                teller.did(len(chunk))
        found.append((_name(part), target.name))
    return found


def _is_junk(part: zipfile.ZipInfo) -> bool:
    """Return whether a member is a folder, a link, or what operating systems leave behind."""
    if part.is_dir() or archives.is_link(part):
        return True
    *folders, name = PurePosixPath(part.filename.replace("\\", "/").lower()).parts or ("",)
    return name in _JUNK or name.startswith(".") or not set(folders).isdisjoint(_JUNK_FOLDERS)


def _name(part: zipfile.ZipInfo) -> str:
    """Return a member's name; before UTF-8 was agreed on, each system wrote its own encoding."""
    if part.flag_bits & _IS_UTF8 or part.filename.isascii():
        return part.filename
    return charsets.text_of(part.filename.encode("cp437", "replace"))
