"""Uploads that cannot be read, or not be understood."""

from analytics.errors.base import AnalyticsError


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
