"""Run every benchmark: ``python -m benchmarks``."""

from importlib import import_module

for name in ("planning", "slider", "import"):  # the last is a keyword, hence not imported by name
    import_module(f"benchmarks.{name}").main()
