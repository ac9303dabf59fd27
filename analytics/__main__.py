"""``python -m analytics`` is ``leeway``."""

import sys

from analytics.cli import main

if __name__ == "__main__":
    sys.exit(main())
