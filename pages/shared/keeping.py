"""What is remembered and copied, and the way back to it."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import backups, choices, importing, workspaces
from pages.shared import choosing, handing, plain, render, session, working

_READINGS = {"kind": "text", "reading": "wide", "chosen_at": "time"}
_COPIES = {"taken_at": "time", "copy_kind": "text", "size": "decimal"}


def readings(t: Translator) -> None:
    """Draw how files of known shapes are read; the chosen line can be forgotten."""
    render.section(t("settings.readings"), t("settings.readings_help"))
    own = session.own_store()
    known = choices.remembered(own)
    if known.empty:
        st.caption(t("settings.no_readings"))
        return
    readings = [choosing.worded(t, choice) for choice in known["choice"]]
    chosen = render.table(
        t,
        known.drop(columns="choice").assign(reading=readings),
        _READINGS,
        "leeway-readings",
        codes={"kind": "kind"},
        choose=render.offered("settings.choose_reading"),
        identity=("fingerprint",),
    )
    with st.container(horizontal=True):
        st.download_button(
            t("settings.download_readings"),
            handing.noted(partial(choices.remembered_file, own), "leeway-mapping.toml"),
            "leeway-mapping.toml",
            "application/toml",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        if chosen and st.button(t("settings.forget"), icon=":material/delete:"):
            own.forget_mapping(str(chosen["fingerprint"]))
            st.rerun()


def copies(t: Translator) -> None:
    """Draw what the workspace can be brought back from: its own copies, and a downloaded one."""
    if not session.may("editor"):
        return
    render.section(t("settings.backups"), t("settings.backups_help"))
    _days(t)
    _download(t)
    _own_copies(t)
    if session.may("owner"):
        _downloaded(t)
    else:
        st.caption(f":material/lock: {t('team.only_owner')}")


def _days(t: Translator) -> None:
    """Draw for how long nightly copies and uploads are kept."""
    if not session.may("owner"):
        return
    own = session.own_store()
    with st.container(horizontal=True):
        _kept(t, "backup_days", backups.days_kept(own), backups.set_days_kept)
        _kept(t, "raw_days", backups.raw_days_kept(own), backups.set_raw_days_kept)


def _kept(
    t: Translator, name: str, present: int, keep: Callable[[workspaces.Store, int], None]
) -> None:
    days = st.number_input(
        t(f"settings.{name}"), backups.LEAST_DAYS, backups.MOST_DAYS, present, key=name
    )
    if days != present:
        keep(session.own_store(), days)
        st.rerun()


def _download(t: Translator) -> None:
    own = session.own_store()
    with st.container(horizontal=True, vertical_alignment="center"):
        name = f"leeway-{own.version[:8]}.zip"
        raw = st.toggle(t("settings.with_raw"), key="with_raw")
        st.download_button(
            t("settings.take"),
            handing.noted(partial(_packed, own, raw=raw), name),
            name,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            help=t("settings.take_help"),
        )


def _packed(own: workspaces.Store, *, raw: bool) -> bytes:
    """Return the copy; it is made outside the visit, which could not say whose it is."""
    with tempfile.TemporaryDirectory() as folder:
        return backups.take(own, Path(folder, "workspace.zip"), raw=raw).read_bytes()


def _own_copies(t: Translator) -> None:
    found = backups.copies(session.own_store().folder)
    if not found:
        st.caption(t("settings.no_copies"))
        return
    table = pd.DataFrame(
        {
            "taken_at": [copy.taken_at.replace(tzinfo=None) for copy in found],
            "copy_kind": ["backup" if one.path.suffix == ".zip" else "snapshot" for one in found],
            "size": [copy.size / 1e6 for copy in found],
            "path": [str(copy.path) for copy in found],
        }
    )
    chosen = render.table(
        t,
        table,
        _COPIES,
        "leeway-copies",
        codes={"copy_kind": "settings"},
        choose="settings.choose_copy" if session.may("owner") else "",
        identity=("path",),
    )
    if chosen:
        _restore(t, Path(str(chosen["path"])), "copy")


def _downloaded(t: Translator) -> None:
    """Draw the place for a workspace that was downloaded, here or elsewhere."""
    upload = st.file_uploader(
        t("settings.restore_from"), ["zip"], key=f"restore_from_{session.get('changes_done', 0)}"
    )
    if upload is None:
        return
    if session.get("restore_file") != upload.file_id:
        workdir = importing.Workdir()  # goes with the visit, or with the next file
        (workdir.path / "workspace.zip").write_bytes(upload.getvalue())
        session.keep(restore_file=upload.file_id, restore_folder=workdir)
    path = session.get("restore_folder").path / "workspace.zip"
    try:
        about = backups.described(path)
    except AnalyticsError as problem:
        st.error(plain.sentence(t, problem), icon=":material/error:")
        return
    taken_at = plain.literal(about.taken_at[:16].replace("T", " "))
    counts = {"imports": t.number(about.imports), "lines": t.number(about.lines)}
    st.info(t("settings.restore_about", taken_at=taken_at, **counts))
    _restore(t, path, "upload")


def _restore(t: Translator, path: Path, origin: str) -> None:
    if st.button(t("settings.restore"), key=f"restore_{origin}", icon=":material/restore:"):
        working.change(
            backups.put_back,
            path,
            name=path.name,
            label="settings.restoring",
            done="settings.restored",
        )
