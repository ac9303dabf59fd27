"""Found by a Python that is started with `spying.environment`: it listens to itself."""

import os

if "SPY_LOG" in os.environ:
    import ear

    ear.listen(os.environ["SPY_LOG"])
