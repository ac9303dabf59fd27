"""More than two hundred files that were made to break a reader, or broke on the way.

``python -m tests.ingest.corpus FOLDER`` writes them: the same bytes on every run. ``ANSWERS`` says
what each must give: None if it is read, else the error's code; several where both are right.
"""

from pathlib import Path

from tests.ingest.corpus.bombs import bomb_files
from tests.ingest.corpus.books import ods_files, xls_files, xlsb_files
from tests.ingest.corpus.tables import parquet_files, text_files, zip_files
from tests.ingest.corpus.tools import ANSWERS, MAKERS
from tests.ingest.corpus.xlsx import broken_files, cell_files, part_files

__all__ = ["ANSWERS", "MAKERS", "make"]

part_files()
cell_files()
broken_files()
xls_files()
xlsb_files()
ods_files()
parquet_files()
text_files()
zip_files()
bomb_files()


def make(folder):
    """Write every file to ``folder``, by number: their names are part of the attack."""
    for number, maker in enumerate(MAKERS.values()):
        Path(folder, f"{number}").write_bytes(maker())
