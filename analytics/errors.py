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


class SampleLinkError(AnalyticsError, ValueError):
    """A link was made on the sample, and is to be answered from one's own workspace."""

    code = "error.sample_link"
    template = (
        "This link was made on the sample, whose numbers are not yours. Open it in the app, or "
        "copy one from there while it shows your own data."
    )


class UnknownMarketError(AnalyticsError, ValueError):
    """A market that was named is no country."""

    code = "error.unknown_market"
    template = "{market} is no market that is known here. Write a country, or its code, like DE."


class UnknownTimeZoneError(AnalyticsError, ValueError):
    """A time zone that was named does not exist."""

    code = "error.unknown_time_zone"
    template = "{zone} is no time zone that is known here. Write one like Europe/Berlin."


class BadMappingError(AnalyticsError, ValueError):
    """A mapping file cannot be used."""

    code = "error.bad_mapping"
    template = (
        "{file} is no mapping that can be used; look at “{part}” ({value}). Download one from the "
        "Import page to start from."
    )


class UnfitMappingError(AnalyticsError, ValueError):
    """A mapping file fits none of the sheets."""

    code = "error.unfit_mapping"
    template = "No sheet has the headers that {file} names; nothing of it was used."


class NotASkuError(AnalyticsError, ValueError):
    """A line of a table of names says only half of what it should."""

    code = "error.half_a_name"
    template = "The line with {value} names only one side. Fill in the other, or delete the line."


class AmbiguousNameError(AnalyticsError, ValueError):
    """One name of a table of names stands for two things."""

    code = "error.ambiguous_name"
    template = "{value} stands in two lines. Leave the one that is meant."


class NotPositiveError(AnalyticsError, ValueError):
    """A number that must be above zero is not."""

    code = "error.not_positive"
    template = "{value}: {name} must be above zero."


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


class MissingFileError(UnreadableFileError):
    """There is no such file."""

    code = "error.missing_file"
    template = "There is no file {file} that can be read. Check its name and folder."


class EmptyFileError(UnreadableFileError):
    """A file holds nothing."""

    code = "error.empty_file"
    template = "{file} is empty. Export it again and check that it holds rows."


class EncryptedFileError(UnreadableFileError):
    """A workbook is protected by a password."""

    code = "error.encrypted_file"
    template = (
        "{file} is protected by a password. Open it in Excel, save it without the password, "
        "and import it again."
    )


class WebPageError(UnreadableFileError):
    """A web page carries a spreadsheet's name: often a login or error page, saved as it came."""

    code = "error.web_page"
    template = (
        "{file} is a web page, not a spreadsheet. Download the report again; if it opens in Excel, "
        "save it there as xlsx."
    )


class NotASpreadsheetError(UnreadableFileError):
    """A file is of a kind that holds no table."""

    code = "error.not_a_spreadsheet"
    template = (
        "{file} holds {found}, not a spreadsheet. Import csv, tsv, txt, xlsx, xls, xlsb, ods or "
        "parquet, or a zip of them."
    )


class BinaryFileError(UnreadableFileError):
    """A file holds neither text nor a workbook."""

    code = "error.binary_file"
    template = (
        "{file} holds neither text nor a workbook. Import csv, tsv, txt, xlsx, xls, xlsb, ods or "
        "parquet, or a zip of them."
    )


class PackedFileError(UnreadableFileError):
    """A file was packed by a program other than zip."""

    code = "error.packed_file"
    template = "{file} is packed as {found}. Unpack it, or pack it as zip, and import that."


class TooManyFilesError(UnreadableFileError):
    """An archive holds more files than are read in one go."""

    code = "error.too_many_files"
    template = "{file} holds {value} files; at most {limit} are read. Make several archives of it."


class UnsupportedFormatError(UnreadableFileError):
    """A file holds a table, in a format that this version does not read."""

    code = "error.unsupported_format"
    template = "{file} is in the format {found}. Save it as xlsx or csv and import that."


class DamagedFileError(UnreadableFileError):
    """A file is cut off or broken."""

    code = "error.damaged_file"
    template = "{file} is damaged or incomplete. Download it again, or open and save it in Excel."


class InflatedFileError(UnreadableFileError):
    """An archive unpacks to far more than a workbook does."""

    code = "error.inflated_file"
    template = (
        "{file} was not opened: it unpacks to far more than a spreadsheet holds. "
        "If it is yours, save its data as csv."
    )


class EntitiesFileError(UnreadableFileError):
    """A workbook defines XML entities, as no spreadsheet program does."""

    code = "error.entities_file"
    template = (
        "{file} was not opened: it holds definitions that no spreadsheet program writes. "
        "If it is yours, open it in Excel and save it again."
    )


class FarCellError(UnreadableFileError):
    """A cell lies far outside any table."""

    code = "error.far_cell"
    template = (
        "{file} has a cell at {value}, far outside any table. Delete the rows and columns beyond "
        "your data, save, and import it again."
    )


class TooMuchMemoryError(UnreadableFileError):
    """A file asks for more memory than the reader is given."""

    code = "error.too_much_memory"
    template = (
        "{file} asks for too much memory. Delete empty rows and columns around the data, or save "
        "it as csv, and import it again."
    )


class TooSlowFileError(UnreadableFileError):
    """A file takes too long to read."""

    code = "error.too_slow_file"
    template = (
        "{file} was not read within {limit} seconds. Save it as csv, or split it by month, "
        "and import it again."
    )


class TooManyColumnsError(UnreadableFileError):
    """A sheet has more columns than a table does."""

    code = "error.too_many_columns"
    template = "{file} has {value} columns; at most {limit} are read. Delete those you do not need."


class TooManyRowsError(UnreadableFileError):
    """A sheet has more rows than are read in one go."""

    code = "error.too_many_rows"
    template = "{file} has more than {limit} rows. Split it by month and import the parts."


class LongCellError(UnreadableFileError):
    """A cell holds more text than a spreadsheet's cell can."""

    code = "error.long_cell"
    template = (
        "{file}: the cell in row {row}, column {column} holds more than {limit} characters. "
        "Shorten it, or delete the column, and import it again."
    )


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


class UnneededReportError(NotUnderstoodError):
    """A sheet is a known report that holds none of the tables."""

    code = "error.unneeded_report"
    template = (
        "{file} ({sheet}) is a report of returns, adjustments, receipts, payments or offers: "
        "nothing in it is needed here, and nothing was taken from it."
    )


class NoTableError(NotUnderstoodError):
    """A sheet holds prose."""

    code = "error.no_table"
    template = "{file} ({sheet}) holds notes, not a table; nothing was taken from it."


class SpanInNameError(NotUnderstoodError):
    """A sheet without dates covers, by its name, days that are no whole day, week or month."""

    code = "error.span_in_name"
    template = (
        "{file} ({sheet}) has no date column, and by its name it covers {first} to {last}: neither "
        "a day nor a whole week or month. Export single days, weeks or months, or name the day."
    )


class MoneyTableError(NotUnderstoodError):
    """A wide table holds amounts of money where units are needed."""

    code = "error.money_table"
    template = (
        "{file} ({sheet}) holds amounts of money across its columns, not units, so nothing was "
        "taken from it. Import the table of units; if these are units, say so in the headers or "
        "in the file's name, for example \u201cunits\u201d."
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


class WorkspaceReplacedError(AnalyticsError):
    """The workspace was restored from a backup while a question was being answered."""

    code = "error.workspace_replaced"
    template = "The workspace was restored from a backup meanwhile. Try again."


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


class NoBackupError(AnalyticsError):
    """There is nothing to restore."""

    code = "error.no_backup"
    template = "The workspace {folder} has no backup yet. Name a backup file to restore."


class ReadOnlyWorkspaceError(AnalyticsError):
    """A change was asked of a workspace that only reads."""

    code = "error.read_only"
    template = "This workspace is read-only: {folder}. Open your own to import."


class UnknownImportError(AnalyticsError, KeyError):
    """An import that is to be taken back does not exist, or was taken back already."""

    code = "error.unknown_import"
    template = "There is no import {import_id} that could be taken back."

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


class NotLoopbackError(AnalyticsError, ValueError):
    """The server was asked to listen where anybody could reach it."""

    code = "error.not_loopback"
    template = (
        "{host} can be reached from other machines, and this version has no password yet. "
        "Use 127.0.0.1, behind a proxy that asks who is there."
    )


class NotACheckoutError(AnalyticsError):
    """The package was installed without the pages, which only a checkout has."""

    code = "error.not_a_checkout"
    template = "There are no pages in {folder}. Run leeway serve from a checkout of the source."
