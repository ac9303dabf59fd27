"""Signing in by the team's secret, and signing out."""

import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from analytics.access import names
from analytics.errors import AnalyticsError, UnknownRoomError
from analytics.i18n import LANGUAGES, Translator
from analytics.services import hosting as hosts
from analytics.services.serving import SESSION
from analytics.web import visits
from analytics.web.door_pages import LANGUAGE, Door, Field, answer, translator
from analytics.web.lines import FullError, Line
from analytics.web.visits import House

_MOST_SENT = 8 * 1024  # bytes of a form
_LONGEST_NAME, _LONGEST_SECRET = 60, 200  # characters
_AT_ONCE, _WAITING = 2, 24  # secrets; each takes a core and much memory for a moment
_BEEN = "leeway_been"  # the cookie of a browser that has signed in before
_BEEN_SECONDS = 180 * 24 * 3600
_MOST_BEEN = 20  # workspaces that it speaks of
_NOBODYS = "?"  # stands for all teams that are none
# What the first workspace is called on every page until somebody gives it a name.
_FIRST = frozenset(names.key(Translator(language)("team.first_room")) for language in LANGUAGES)


class _Said(NamedTuple):
    """What somebody typed."""

    team: str
    name: str
    secret: str
    token: str
    wanted: str


_Work = Callable[[House, Request, bytes], Response]
_Place = Callable[[_Work, House, Request, bytes], Awaitable[Response]]


def doors(house: House) -> list[Route]:
    """Return the doors through which people come and go: ``/sign-in`` and ``/sign-out``."""
    line = Line("sign-in", threads=_AT_ONCE, waiting=_WAITING)

    async def into(request: Request) -> Response:
        place = line.work if request.method == "POST" else run_in_threadpool
        return await _guarded(house, request, _into, place)

    async def out(request: Request) -> Response:
        return await _guarded(house, request, _out, run_in_threadpool)

    both = ["GET", "POST"]
    return [
        Route(f"{house.base}/sign-in", into, methods=both),
        Route(f"{house.base}/sign-out", out, methods=both),
    ]


async def _guarded(house: House, request: Request, work: _Work, place: _Place) -> Response:
    """Read what was sent, within bounds, and answer in a thread: both may take their time."""
    sent = b""
    if request.method == "POST":
        async for part in request.stream():
            sent += part
            if len(sent) > _MOST_SENT:
                return PlainTextResponse("", status_code=413)
    try:
        return await place(work, house, request, sent)
    except (AnalyticsError, FullError):  # the register cannot be asked now, or too many ask
        t = translator(request)
        told = t("sign_in.unavailable")
        return answer(request, t, Door(t("sign_in.title"), told=told, status=503))


# In


def _into(house: House, request: Request, sent: bytes) -> Response:
    said = _said(house, request, sent)
    if request.method == "GET":
        return _welcome(house, request, said)
    if house.hosting.mode != "password":
        return PlainTextResponse("", status_code=405)
    t = translator(request)
    if not visits.is_ours(house, request, said.token):
        return _form(house, request, said, t("sign_in.stale"), 400)
    if not (0 < len(said.name) <= _LONGEST_NAME and said.name.isprintable()):
        return _form(house, request, said, t("sign_in.no_name"), 400)
    return _tried(house, request, said, t)


def _tried(house: House, request: Request, said: _Said, t: Translator) -> Response:
    """Try the secret, unless who asks, or strangers for this team, have tried too often.

    Strangers cannot lock a team out: a browser that signed in there before is counted by itself.
    """
    room = _room(house, said.team)
    number, *rooms = _been(house, request)
    theirs = (house.clients, f"been {number}") if room in rooms else (house.teams, room)
    counts = ((house.clients, visits.client(request)), theirs)
    if not all(throttle.admits(who) for throttle, who in counts):
        minutes = t.number(house.clients.seconds / 60)
        return _form(house, request, said, t("sign_in.slow_down", minutes=minutes), 429)
    secret = _checked(house, request, said, said.team if room == _NOBODYS else room)
    if secret is None:
        return _form(house, request, said, t("sign_in.wrong"), 401)
    for throttle, who in counts:  # it was no miss
        throttle.forgive(who)
    response = visits.let_in(house, secret, said.wanted)
    known = dict.fromkeys([room, *rooms])
    text = " ".join([number, *list(known)[:_MOST_BEEN]])
    visits.keep(house, response, _BEEN, text, seconds=_BEEN_SECONDS)
    return response


def _room(house: House, team: str) -> str:
    """Return the workspace that somebody names, however they spell it.

    Misses for names that are none's count together.
    """
    register = hosts.register(house.hosting)
    try:
        return register.room(team).workspace_id
    except UnknownRoomError:
        is_first = names.key(team) in _FIRST and register.room(hosts.MAIN).name == hosts.MAIN
        return hosts.MAIN if is_first else _NOBODYS


def _been(house: House, request: Request) -> list[str]:
    """Return a browser's number, which says nothing of who it is, and where it has signed in."""
    return (visits.kept(house, request, _BEEN) or secrets.token_hex(16)).split()


def _checked(house: House, request: Request, said: _Said, team: str) -> str | None:
    if not said.secret or len(said.secret) > _LONGEST_SECRET:
        return None
    held = request.cookies.get(SESSION, "")
    register = hosts.register(house.hosting)
    return register.sign_in(team, said.secret, said.name, now=visits.now(), held=held)


def _said(house: House, request: Request, sent: bytes) -> _Said:
    """Return what was typed, and what the address says beside it."""
    typed = parse_qs(sent.decode("utf-8", "replace"), max_num_fields=20)

    def one(name: str) -> str:
        return typed.get(name, [""])[0]

    return _Said(
        team=" ".join((one("team") or request.query_params.get("team", "")).split()),
        name=" ".join(one("name").split()),
        secret=one("secret"),
        token=one("token"),
        wanted=visits.own_address(house.base, request.query_params.get("next", "")),
    )


def _welcome(house: House, request: Request, said: _Said) -> Response:
    """Return the form, or send on who is in already."""
    t = translator(request)
    known = visits.visitor(house, request)
    if known is not None and known.grants and "team" not in request.query_params:
        return visits.sent(said.wanted)
    if known is not None and not known.grants:
        return answer(request, t, _no_room(house, t, known.name or known.address))
    return _form(house, request, said)


def _no_room(house: House, t: Translator, name: str) -> Door:
    return Door(
        t("sign_in.title"),
        about=t("sign_in.no_room", name=name),
        button=t("sign_in.leave"),
        link=f"{house.base}/sign-out",
        status=403,
    )


def _form(
    house: House, request: Request, said: _Said, told: str = "", status: int = 200
) -> Response:
    """Return the page that asks who is there."""
    t = translator(request)
    passed = {"next": said.wanted}
    if LANGUAGE in request.query_params:
        passed[LANGUAGE] = t.language
    if house.hosting.mode == "oidc":
        about = t("sign_in.left" if "left" in request.query_params else "sign_in.about_provider")
        link = f"{house.base}/oidc/start?{urlencode(passed)}"
        door = Door(t("sign_in.title"), about=about, told=told, link=link,
                    button=t("sign_in.enter_provider"), status=status)  # fmt: skip
        return answer(request, t, door)
    if said.team:
        passed["team"] = said.team
    token, mark = visits.marked(house, request)
    about = t("sign_in.left" if "left" in request.query_params else "sign_in.about")
    door = Door(t("sign_in.title"), about=about, told=told, status=status, token=token,
                fields=_fields(house, t, said), action=f"{house.base}/sign-in?{urlencode(passed)}",
                button=t("sign_in.enter"))  # fmt: skip
    return visits.mark(house, answer(request, t, door), mark)


def _fields(house: House, t: Translator, said: _Said) -> list[Field]:
    several = said.team or len(hosts.rooms(house.hosting)) > 1
    asks_team = several and not said.team
    team = Field("team", t("sign_in.team"), t("sign_in.team_help"), value=said.team,
                 fills="organization", is_first=not said.team)  # fmt: skip
    name = Field("name", t("sign_in.name"), t("sign_in.name_help"), value=said.name,
                 fills="username", is_first=not (asks_team or said.name))  # fmt: skip
    secret = Field("secret", t("sign_in.secret"), kind="password", fills="current-password",
                   most=_LONGEST_SECRET, is_first=bool(said.name))  # fmt: skip
    return [*([team] if several else []), name, secret]


# Out


def _out(house: House, request: Request, sent: bytes) -> Response:
    t = translator(request)
    if request.method == "GET":
        return _asked_to_leave(house, request, t)
    if not visits.is_ours(house, request, _said(house, request, sent).token):
        return _asked_to_leave(house, request, t)
    if secret := request.cookies.get(SESSION, ""):
        hosts.register(house.hosting).sign_out(secret, now=visits.now())
    response = visits.sent(f"{house.base}/sign-in?left=1")
    visits.forget(house, response, SESSION)
    return response


def _asked_to_leave(house: House, request: Request, t: Translator) -> Response:
    known = visits.visitor(house, request)
    if known is None:
        return visits.sent(f"{house.base}/sign-in")
    token, mark = visits.marked(house, request)
    door = Door(
        t("sign_in.leave"),
        about=t("sign_in.leave_about", name=known.name or known.address),
        action=f"{house.base}/sign-out",
        token=token,
        button=t("sign_in.leave"),
        beside=((t("sign_in.back"), f"{house.base}/"),),
    )
    return visits.mark(house, answer(request, t, door), mark)
