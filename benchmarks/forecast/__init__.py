"""The forecast league: ours beside the best open forecasters, on real and synthetic sales.

``make bench-forecast`` builds an environment for the peers, which pin an older pandas, and prints
one table with every figure that the forecast must reach. ``python -m benchmarks.forecast --help``
tells how to run parts of it.
"""
