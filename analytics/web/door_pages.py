"""The pages before the app: signing in, signing out, and their sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from analytics.i18n import LANGUAGES, NAMES, Translator, language_of
from analytics.web.guard import NOT_KEPT

LANGUAGE = "lang"  # parameter of an address that chooses the page's language


@dataclass(frozen=True, slots=True)
class Field:
    """What a form asks for."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    fills: str = "off"
    value: str = ""
    most: int = 60
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """A page before the app: a title, a sentence, and a form, a button or a link."""

    title: str
    about: str = ""
    told: str = ""
    fields: Sequence[Field] = ()
    action: str = ""
    token: str = ""
    button: str = ""
    link: str = ""
    beside: Sequence[tuple[str, str]] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def translator(request: Request) -> Translator:
    """Return the words of who asks: as the address says, else as the browser does."""
    chosen = request.query_params.get(LANGUAGE, "")
    asked = request.headers.get("accept-language", "").split(",")[0].strip()
    return Translator(chosen if chosen in LANGUAGES else language_of(asked))


def answer(request: Request, t: Translator, door: Door) -> Response:
    """Return the page; no browser keeps it."""
    other = next(language for language in LANGUAGES if language != t.language)
    elsewhere = request.url.include_query_params(**{LANGUAGE: other})
    page = _template().render(
        t=t,
        language=_TAGS[t.language],
        other=_TAGS[other],
        other_name=NAMES[other],
        elsewhere=f"?{elsewhere.query}" if request.method == "GET" else "",
        **{name: getattr(door, name) for name in Door.__slots__},
    )
    return HTMLResponse(page, status_code=door.status, headers={**NOT_KEPT, **door.headers})


_TAGS = {"zh": "zh-CN", "en": "en"}


@cache
def _template() -> jinja2.Template:
    made = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return made.from_string(files(__package__).joinpath("door.html").read_text("utf-8"))
