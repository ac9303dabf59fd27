"""Errors a user can act on; anything else is a bug and must not be caught.

Each error carries a ``code`` that names its text in every language, and the facts that fill it in.
"""

from typing import Self


class AnalyticsError(Exception):
    """An input is at fault, and the message says how to mend it.

    ``code`` names the text in the language catalogues; ``params`` fill it in. ``str(error)`` is the
    English text, so that a notebook or a log needs no translator.
    """

    code: str = "error.analytics"
    template: str = "The request could not be answered."

    def __init__(self, **params: object) -> None:
        super().__init__(self.template.format(**params))
        self.params = params

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from the facts, so that the error survives the way out of a worker process."""
        return _rebuild, (type(self), self.params)

    @classmethod
    def family(cls) -> list[type[Self]]:
        """Return this class's descendants, nearest first: every error that needs a translation."""
        children = cls.__subclasses__()
        return children + [grandchild for child in children for grandchild in child.family()]


def _rebuild(kind: type[AnalyticsError], params: dict[str, object]) -> AnalyticsError:
    return kind(**params)


class NoDataError(AnalyticsError):
    """Nothing has been imported yet."""

    code = "error.no_data"
    template = "No sales have been imported yet. Import a spreadsheet, or open the sample."


class OutOfBoundsError(AnalyticsError, ValueError):
    """An assumption lies outside the range that it is meant for."""

    code = "error.out_of_bounds"
    template = "{name} is {value}; it must lie between {low} and {high}."


class UnknownFieldError(AnalyticsError, ValueError):
    """A link or scenario file names an assumption that does not exist."""

    code = "error.unknown_field"
    template = "{name} is not an assumption that Leeway knows; it was not used."


class NotADateError(AnalyticsError, ValueError):
    """A date could not be read."""

    code = "error.not_a_date"
    template = "{name} is {value}; write a date like 2026-05-31."


class NegativeInputError(AnalyticsError, ValueError):
    """A quantity that cannot be negative is."""

    code = "error.negative_input"
    template = "{name} is {value}; it cannot be negative."


class InvalidPanelError(AnalyticsError, ValueError):
    """A table handed to a numeric function lacks a column or holds a value that it cannot use."""

    code = "error.invalid_panel"
    template = "The column {column} of the sales panel cannot be used: {reason}."


class UnknownItemError(AnalyticsError, KeyError):
    """An item that is asked for does not exist."""

    code = "error.unknown_item"
    template = "There is no item {sku} in market {market}. Pick one from the list."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class UnreadableFileError(AnalyticsError, ValueError):
    """A file cannot be read at all."""

    code = "error.unreadable_file"
    template = "{file} cannot be read: {reason}."


class FileTooBigError(AnalyticsError, ValueError):
    """A file exceeds what is taken in one go."""

    code = "error.file_too_big"
    template = "{file} is too big ({value}); the limit is {limit}. Split it by month and try again."


class NotUnderstoodError(AnalyticsError, ValueError):
    """A sheet was read, but what it holds could not be recognised."""

    code = "error.not_understood"
    template = (
        "{file} ({sheet}) was read, but the columns {missing} were not found. "
        "Choose them on the preview, or name them in the header."
    )


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


class ReadOnlyWorkspaceError(AnalyticsError):
    """A change was asked of a workspace that only reads."""

    code = "error.read_only"
    template = "This workspace is read-only: {folder}. Open your own to import."


class Cancelled(AnalyticsError):  # noqa: N818 - an outcome that was asked for, not a fault
    """The user stopped a job; nothing was changed."""

    code = "error.cancelled"
    template = "Stopped. Nothing was changed."


class WriteFailedError(AnalyticsError):
    """The disk refused a write."""

    code = "error.write_failed"
    template = "{path} could not be written: {reason}. Nothing that was saved before is lost."


class UnsupportedOutputError(AnalyticsError, ValueError):
    """An output file's ending names no known format."""

    code = "error.unsupported_output"
    template = "{path} ends in no format that can be written; use .csv, .xlsx, .parquet or .json."


class NotLoopbackError(AnalyticsError, ValueError):
    """The server was asked to listen where anybody could reach it."""

    code = "error.not_loopback"
    template = (
        "{host} can be reached from other machines, and this version has no password yet. "
        "Use 127.0.0.1, behind a proxy that asks who is there."
    )
