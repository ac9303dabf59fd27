"""The SQL of the store, one statement per file."""

from functools import cache
from importlib.resources import files


@cache
def question(name: str) -> str:
    """Return the query that answers ``name``."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


@cache
def step(name: str) -> str:
    """Return the statement that is one step of opening or changing a workspace."""
    return files(__package__).joinpath("steps", f"{name}.sql").read_text(encoding="utf-8")


@cache
def migrations() -> tuple[str, ...]:
    """Return the scripts that bring a workspace from each schema version to the next."""
    folder = files(__package__).joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
