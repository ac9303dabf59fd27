"""The one kind of error that a user can mend; all others descend from it."""

from typing import Self


class AnalyticsError(Exception):
    """An input is at fault, and the message says how to mend it.

    ``code`` names the text in the language catalogues; ``params`` fill it in. ``str(error)`` is the
    English text, so that a notebook or a log needs no translator.
    """

    code: str = "error.analytics"
    template: str = "The request could not be answered."

    def __init__(self, **params: object) -> None:
        super().__init__(self.template.format(**params))
        self.params = params

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from the facts, so that the error survives the way out of a worker process."""
        return _rebuild, (type(self), self.params)

    @classmethod
    def family(cls) -> list[type[Self]]:
        """Return this class's descendants, nearest first: every error that needs a translation."""
        children = cls.__subclasses__()
        return children + [grandchild for child in children for grandchild in child.family()]


def _rebuild(kind: type[AnalyticsError], params: dict[str, object]) -> AnalyticsError:
    return kind(**params)
