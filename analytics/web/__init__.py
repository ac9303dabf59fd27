"""What stands between the network and the pages.

The middleware is pure ASGI, so that it holds for the pages, the websocket and the files alike. It
stands in this order: `Headers`, `Hosts`, `Guard`, `Guests`, `Figures`, `Uploads`, `Handed`.
"""

from collections.abc import Callable, Mapping
from functools import partial

from starlette.middleware import Middleware
from starlette.routing import Route

from analytics.services.hosting import Hosting
from analytics.web import oidc_doors, sign_in, visits
from analytics.web.figures import Figures
from analytics.web.guard import DOORS, Guard
from analytics.web.handed import Handed, Hears, Told
from analytics.web.headers import Headers, policy
from analytics.web.health import health
from analytics.web.hosts import Hosts
from analytics.web.links import Guests, links
from analytics.web.signing import Signer, kept_key
from analytics.web.uploads import Uploads
from analytics.web.visits import House

__all__ = [
    "Guard", "Guests", "Handed", "Headers", "Hosts", "doors", "health", "links", "policy", "stack",
]  # fmt: skip

_KEY = "seal.key"  # in the home: seals what browsers carry for us


def stack(
    hosting: Hosting,
    *,
    base: str,
    page: str,
    farewell: bytes,
    told: Told,
    asked: Hears,
    held: Callable[[], Mapping[str, int]] = dict,
) -> list[Middleware]:
    """Return what every request passes through before it reaches the pages.

    Parameters
    ----------
    hosting : Hosting
        Who may come in, and where the team reaches the app.
    base : str
        The sub-path that the server runs under: empty, or with a slash before it.
    page : str
        The app's page (HTML), whose own inline scripts may run.
    farewell : bytes
        What a page's websocket is told when its visit has ended.
    told : callable
        The names of files, and of places for files, that a message to a page tells it.
    asked : callable
        What a message from a page asks for; None if no page of ours says such a thing.
    held : callable
        Bytes of files that the server keeps in memory, by the tab that sent them.
    """
    house = House(hosting, base)
    party = partial(visits.party, house)
    open_to_all = (*DOORS, *(oidc_doors.DOORS if hosting.mode == "oidc" else ()))
    guard = Middleware(Guard, knows=partial(visits.knows, house), doors=open_to_all, base=base,
                       farewell=farewell)  # fmt: skip
    return [
        Middleware(Headers, page=page, is_secure=house.is_secure),
        Middleware(Hosts, public_url="" if hosting.is_open else hosting.public_url),
        *([] if hosting.is_open else [guard]),
        Middleware(Guests, base=base),
        Middleware(Figures, party=party),
        Middleware(Uploads, party=party, held=held),
        Middleware(Handed, told=told, asked=asked, party=party, base=base),
    ]


def doors(hosting: Hosting, *, base: str) -> list[Route]:
    """Return the doors through which a team comes and goes; none where nobody is asked."""
    if hosting.is_open:
        return []
    house = House(hosting, base, Signer(kept_key(hosting.home / _KEY)))
    return [*sign_in.doors(house), *oidc_doors.doors(house)]
