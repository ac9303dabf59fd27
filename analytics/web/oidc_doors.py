"""Signing in with an identity: ``/oidc/start`` sends a browser away, ``/oidc/callback`` back."""

import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from analytics import logs
from analytics.errors import AnalyticsError, LastOwnerError
from analytics.services import hosting as hosts
from analytics.services.serving import SESSION
from analytics.web import visits
from analytics.web.door_pages import Door, answer, translator
from analytics.web.lines import FullError, Line
from analytics.web.oidc import Identity, Provider, Question, RefusedError
from analytics.web.visits import House

_log = logging.getLogger(__name__)
DOORS = ("/oidc/start", "/oidc/callback")
_COOKIE = "leeway_oidc"
_Endpoint = Callable[[Request], Awaitable[Response]]
_SECONDS = 600  # that a person may take at the provider
_AT_ONCE, _WAITING = 8, 40  # people between us and a provider that takes its time


def doors(house: House) -> list[Route]:
    """Return the doors to the identity provider and back; none where there is no provider."""
    if house.hosting.mode != "oidc":
        return []
    provider = Provider(house.hosting, callback(house))
    line = Line("identity", threads=_AT_ONCE, waiting=_WAITING)

    def apart(work: Callable[[House, Provider, Request], Response]) -> _Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                return await line.work(work, house, provider, request)
            except FullError:
                return _refused(house, request, RefusedError("unavailable", "too many at once"))

        return endpoint

    return [
        Route(house.base + path, apart(work), methods=["GET"])
        for path, work in zip(DOORS, (_start, _back), strict=True)
    ]


def _start(house: House, provider: Provider, request: Request) -> Response:
    wanted = visits.own_address(house.base, request.query_params.get("next", ""))
    try:
        address, question = provider.asked()
    except RefusedError as refusal:
        return _refused(house, request, refusal)
    response = visits.sent(address)
    visits.keep(house, response, _COOKIE, json.dumps([*question, wanted]), seconds=_SECONDS)
    return response


def _back(house: House, provider: Provider, request: Request) -> Response:
    try:
        carried = json.loads(visits.kept(house, request, _COOKIE) or "null")
        if carried is None:
            raise RefusedError("unfinished", "no question was asked")  # noqa: TRY301
        *question, wanted = carried
        found = provider.answered(Question(*question), dict(request.query_params))
        return _let_in(house, request, found, wanted)
    except RefusedError as refusal:
        return _refused(house, request, refusal)
    except AnalyticsError:
        return _refused(house, request, RefusedError("unavailable", "no register"))


def callback(house: House) -> str:
    """Return the whole address at which the provider sends browsers back, as it must know it."""
    public = house.hosting.public_url
    return f"{public if public.endswith(house.base) else public + house.base}/oidc/callback"


def _let_in(house: House, request: Request, found: Identity, wanted: str) -> Response:
    register = hosts.register(house.hosting)
    moment = visits.now()
    if found.address == house.hosting.owner:
        owners = [who for who in register.members(hosts.MAIN) if who.role == "owner"]
        if not owners:
            with suppress(LastOwnerError):
                register.set_member(hosts.MAIN, found.address, "owner", who="", now=moment)
    held = request.cookies.get(SESSION, "")
    secret = register.sign_in_as(found.address, found.name, now=moment, held=held)
    response = visits.let_in(house, secret, wanted)
    visits.forget(house, response, _COOKIE)
    return response


def _refused(house: House, request: Request, refusal: RefusedError) -> Response:
    """Say that nobody was let in; the log says why, in words that hold no data."""
    _log.warning("Sign-in refused: %s", logs.Plain(refusal.code))
    t = translator(request)
    is_away = refusal.code in ("provider_unavailable", "unavailable")
    door = Door(
        t("sign_in.title"),
        told=t(f"sign_in.{refusal.code}"),
        button=t("sign_in.enter_provider"),
        link=f"{house.base}/oidc/start",
        status=503 if is_away else 403,
    )
    response = answer(request, t, door)
    visits.forget(house, response, _COOKIE)
    return response
