"""Writes the corpus: ``python -m tests.ingest.corpus FOLDER``."""

import sys

from tests.ingest.corpus import make

make(sys.argv[1])
