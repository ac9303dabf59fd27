"""Run every benchmark: ``python -m benchmarks``."""

from importlib import import_module

# The last is a keyword, hence not imported by name.
for name in ("planning", "whatif", "replay", "slider", "visitors", "overview", "import"):
    import_module(f"benchmarks.{name}").main()
