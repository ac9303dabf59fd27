"""Workspaces, backups, disks and outputs that refuse."""

from analytics.errors.base import AnalyticsError


class WorkspaceBusyError(AnalyticsError):
    """Another process holds the workspace."""

    code = "error.workspace_busy"
    template = (
        "The workspace {folder} is held by process {process}. Import on its page, or stop it first."
    )


class WorkspaceUnusableError(AnalyticsError):
    """The workspace's database cannot be opened."""

    code = "error.workspace_unusable"
    template = (
        "The workspace {folder} cannot be opened: {reason}. Nothing was changed or deleted. "
        "Restore a copy from its backup folder, or name another folder."
    )


class NewerWorkspaceError(WorkspaceUnusableError):
    """The workspace was written by a newer version."""

    code = "error.newer_workspace"
    template = (
        "The workspace {folder} was written by a newer version (schema {found}; this one knows "
        "{known}). Update Leeway to open it."
    )


class OlderWorkspaceError(WorkspaceUnusableError):
    """A workspace that is only to be read was written by an older version."""

    code = "error.older_workspace"
    template = (
        "The workspace {folder} was written by an older version (schema {found}; this one writes "
        "{known}). Open it once with leeway serve or leeway check; it is brought up to date, and a "
        "copy of it is kept."
    )


class DamagedWorkspaceError(WorkspaceUnusableError):
    """The workspace's database file is damaged, or none of ours, and there is no good copy."""

    code = "error.damaged_workspace"
    template = (
        "The database file of the workspace {folder} is damaged ({detail}), and no good copy was "
        "found beside it. Nothing was changed or deleted. Restore a backup with leeway restore "
        "FILE, or name another folder."
    )


class LostWorkspaceError(DamagedWorkspaceError):
    """The workspace's database file is gone, and what lies beside it tells that there was one."""

    code = "error.lost_workspace"
    template = (
        "The database file of the workspace {folder} is gone, and no copy has taken its place yet. "
        "Nothing was changed or deleted. Run leeway check: it puts the newest good copy beside it "
        "in its place. If there is none, restore a backup with leeway restore FILE. To start "
        "afresh, move the whole folder away or name another one."
    )


class WorkspaceReplacedError(AnalyticsError):
    """The workspace was restored from a backup while a question was being answered."""

    code = "error.workspace_replaced"
    template = "The workspace was restored from a backup meanwhile. Try again."


class DataMovedError(AnalyticsError):
    """The data changed, more than once, while an answer was being kept."""

    code = "error.data_moved"
    template = "Somebody is changing the data right now. Try again when that is done."


class LakeMissingError(WorkspaceUnusableError):
    """The lake that a workspace reads its sales from is not where it was, or not what it was."""

    code = "error.lake_missing"
    template = (
        "The workspace {workspace} reads its sales from the lake {folder}, which cannot be read: "
        "{reason}. Nothing was changed. Say where it is with leeway lake FOLDER."
    )


class BadBackupError(AnalyticsError, ValueError):
    """A file that is to be restored is no backup of ours, or not whole."""

    code = "error.bad_backup"
    template = (
        "{file} is no whole backup of a workspace ({reason}). Nothing was changed; choose a file "
        "that leeway backup wrote."
    )


class NewerBackupError(BadBackupError):
    """A backup was written by a newer version."""

    code = "error.newer_backup"
    template = (
        "{file} was written by a newer version (schema {found}; this one knows {known}). Nothing "
        "was changed. Update Leeway to restore it."
    )


class BadLakeError(AnalyticsError, ValueError):
    """A folder that is to be read as a lake is none of ours, or not whole."""

    code = "error.bad_lake"
    template = (
        "{folder} is no whole lake ({reason}). Nothing was changed; name a folder that leeway "
        "export-lake wrote."
    )


class NewerLakeError(BadLakeError):
    """A lake was written by a newer version."""

    code = "error.newer_lake"
    template = (
        "The lake {folder} was written by a newer version ({found}; this one knows {known}). "
        "Nothing was changed. Update Leeway to read it."
    )


class OtherLakeError(AnalyticsError, ValueError):
    """A workspace that has data of its own is to be linked to a lake of other data."""

    code = "error.other_lake"
    template = (
        "The workspace {workspace} holds other data than the lake {folder}. Nothing was changed. "
        "Link an empty workspace, or the one that the lake was written from, as it was then."
    )


class NotLinkedError(AnalyticsError):
    """A workspace that reads no lake is to let go of it."""

    code = "error.not_linked"
    template = "The workspace {workspace} reads no lake."


class InLakeError(AnalyticsError, ValueError):
    """An import is to be taken back whose sales are in the lake."""

    code = "error.in_lake"
    template = (
        "The sales of import {import_id} are in the lake, where nothing is changed. Bring them "
        "back with leeway lake --unlink first."
    )


class NoBackupError(AnalyticsError):
    """There is nothing to restore."""

    code = "error.no_backup"
    template = "The workspace {folder} has no backup yet. Name a backup file to restore."


class ReadOnlyWorkspaceError(AnalyticsError):
    """A change was asked of a workspace that only reads."""

    code = "error.read_only"
    template = "This workspace is read-only: {folder}. Open your own to import."


class ClusterError(AnalyticsError, ConnectionError):
    """The cluster that is to forecast cannot be used."""

    code = "error.cluster"
    template = (
        "The Dask scheduler at {address} cannot be used: {reason}. Start it, or leave LEEWAY_DASK "
        "empty to forecast on this machine."
    )


class UnknownImportError(AnalyticsError, KeyError):
    """An import that is to be taken back does not exist, or was taken back already."""

    code = "error.unknown_import"
    template = "There is no import {import_id} that could be taken back."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class UnknownJudgementError(AnalyticsError, KeyError):
    """An override, a pin or the like is to be withdrawn that does not stand."""

    code = "error.unknown_judgement"
    template = "This decision (number {judgement_id}) does not stand any more; load the page again."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class NotUndoneError(UnknownImportError):
    """An import that is to be brought back does not exist, or was never taken back."""

    code = "error.not_undone"
    template = "There is no import {import_id} that was taken back."


class Cancelled(AnalyticsError):  # noqa: N818 - an outcome that was asked for, not a fault
    """The user stopped a job; nothing was changed."""

    code = "error.cancelled"
    template = "Stopped. Nothing was changed."


class WriteFailedError(AnalyticsError):
    """The disk refused a write."""

    code = "error.write_failed"
    template = "{path} could not be written: {reason}. Nothing that was saved before is lost."


class DiskFullError(WriteFailedError):
    """The disk has less room than an import needs."""

    code = "error.disk_full"
    template = (
        "The disk of {folder} has {free} MB left; this import needs about {needed} MB. Nothing was "
        "changed. Free some space, and import again."
    )


class UnsupportedOutputError(AnalyticsError, ValueError):
    """An output file's ending names no known format."""

    code = "error.unsupported_output"
    template = "{path} ends in no format that can be written; use .csv, .xlsx, .parquet or .json."


class SheetTooLongError(AnalyticsError, ValueError):
    """A table has more rows than the format that was asked for can hold."""

    code = "error.sheet_too_long"
    template = "{sheet} has {rows} rows; an xlsx sheet holds {limit}. Save it as .csv or .parquet."


class NotACheckoutError(AnalyticsError):
    """The package was installed without the pages, which only a checkout has."""

    code = "error.not_a_checkout"
    template = "There are no pages in {folder}. Run leeway serve from a checkout of the source."
