"""Run every benchmark: ``python -m benchmarks``."""

from benchmarks import planning, slider

planning.main()
slider.main()
