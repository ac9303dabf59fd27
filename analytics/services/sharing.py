"""Links that show one scenario to whoever has them: live or frozen, for some days, until closed.

A link carries a token of 256 random bits, of which only the SHA-256 is kept. Who opens it is a
guest: sees what the link shows, and can change nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from analytics.errors import BrokenLinkError, DataMovedError, OutOfBoundsError, UnknownCodeError
from analytics.scenario import Scenario
from analytics.services import frozen_answers, saved
from analytics.services.frozen_answers import Frozen
from analytics.store import Store

KINDS = ("live", "frozen")
STATES = ("open", "expired", "revoked")
MOST_DAYS = 365
COOKIE = "leeway_guest"
FIRST = "main"  # the workspace whose links name none
SECTION = "s"  # links are <base>/s/<token>
_BYTES = 32
_TRIES = 3
_SESSION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Share:
    """A link, and what it shows.

    Attributes
    ----------
    share_id : int
        Its number.
    kind : str
        ``live``: the scenario on today's data, and the guest may move the sliders; ``frozen``: the
        answer as it was on that day.
    name, note, author : str
        As its maker called it.
    scenario : Scenario
        What it starts with.
    item : str
        SKU and market of the item that a frozen link opens to, as the item picker spells it; may
        be empty.
    hides_money : bool
        No amount of money reaches the guest.
    is_sample : bool
        It shows the sample seller.
    data_version, fingerprint : str
        Of the data on the day on which it was made; the fingerprint, of frozen links alone, is the
        same wherever the same data are.
    checksum : str
        `delays.Impact.checksum` of a frozen answer; empty for a live link.
    created_at, expires_at : datetime
        UTC.
    revoked_at : datetime or None
        When it was closed.
    views : int
        How often it was opened.
    """

    share_id: int
    kind: str
    name: str
    note: str
    author: str
    scenario: Scenario
    item: str
    hides_money: bool
    is_sample: bool
    data_version: str
    fingerprint: str
    checksum: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    views: int

    @property
    def is_frozen(self) -> bool:
        """Whether its answer never changes."""
        return self.kind == "frozen"

    def state(self, now: datetime) -> str:
        """Return what has become of it: one of `STATES`."""
        return _state(self.expires_at, self.revoked_at, now)


@dataclass(frozen=True, slots=True)
class Created:
    """A link that was just made.

    Attributes
    ----------
    share : Share
        The link.
    token : str
        What opens it; told here, once, and kept nowhere.
    """

    share: Share
    token: str


# Making and closing


def create(
    own: Store,
    shown: Store,
    scenario: Scenario,
    *,
    kind: str,
    hides_money: bool,
    days: int = 30,
    name: str,
    note: str = "",
    author: str = "",
    item: str = "",
    now: datetime | None = None,
) -> Created:
    """Make a link that shows ``scenario``.

    Parameters
    ----------
    own : Store
        One's own workspace, where links are kept.
    shown : Store
        What it shows: the same, or the sample.
    scenario : Scenario
        Of a frozen link the day is the data's if it names none; a live link follows the data then.
    kind : str
        One of `KINDS`.
    hides_money : bool
        Keep all amounts of money from guests.
    days : int
        How long it opens, 1 to `MOST_DAYS`.
    name, note, author : str
        What it is called, what it is about, and by whom.
    item : str
        The item that it opens to, as the item picker spells it.
    now : datetime, optional
        UTC; none = the clock's.

    Raises
    ------
    EmptyNameError, TooLongTextError
        The name is none; it, or the note, is too long.
    OutOfBoundsError
        The days are none that it may last.
    UnknownCodeError
        There is no such kind.
    DataMovedError
        Somebody changed the data while they were being frozen.
    """
    name, note = saved.checked(name, note)
    if not 1 <= days <= MOST_DAYS:
        raise OutOfBoundsError(name="share_days", value=days, low=1, high=MOST_DAYS)
    if kind not in KINDS:
        raise UnknownCodeError(name="share_kind", value=kind, known=", ".join(KINDS))
    made_at = now or datetime.now(UTC)
    stood = None if kind == "live" else _standing(shown, scenario, item, hides_money=hides_money)
    answer = None if stood is None else frozen_answers.packed(stood.answer)
    token = secrets.token_urlsafe(_BYTES)
    facts = {
        "token_hash": _hash(token),
        "kind": kind,
        "name": name,
        "note": note,
        "author": author,
        "item": item,
        "hides_money": hides_money,
        "is_sample": shown.folder != own.folder,
        "created_at": made_at,
        "expires_at": made_at + timedelta(days=days),
        **_meant(shown, scenario, stood),
    }
    sha256 = "" if answer is None else hashlib.sha256(answer).hexdigest()
    number = own.save_share(facts, answer, sha256)
    return Created(_share(own, number), token)


def links(store: Store, *, now: datetime | None = None) -> pd.DataFrame:
    """Return the links that were made, the newest first.

    Returns
    -------
    DataFrame
        The columns of `Store.shares`, with ``state`` (one of `STATES`).
    """
    found, at = store.shares(), now or datetime.now(UTC)
    ends = zip(found["expires_at"], found["revoked_at"], strict=True)
    states = [_state(_utc(expires), _utc_or_none(revoked), at) for expires, revoked in ends]
    return found.assign(state=pd.Series(states, index=found.index, dtype="str"))


def revoke(store: Store, share_id: int, *, who: str = "", now: datetime | None = None) -> None:
    """Close a link for good; whoever looks at it is turned away at the next look.

    Raises
    ------
    UnknownLinkError
        There is no such link, or it was closed already.
    """
    store.revoke_share(share_id, now=now or datetime.now(UTC), who=who)


def fingerprint(store: Store) -> str:
    """Return the SHA-256 of all that a plan stands on; the same wherever the same data are.

    The order of rows, the version and the time of imports do not count.
    """
    stands = store.all_judgements()
    stands = stands.loc[stands["withdrawn_at"].isna(), ["kind", "scope", "body"]]
    settings = (
        pd.Series(store.settings(), dtype="str").rename_axis("name").reset_index(name="value")
    )
    frames = (
        store.daily_sales(), store.daily_returns(), store.coverage(), store.item_coverage(),
        store.items(), store.stock_places(), store.purchase_orders(), store.events(),
        store.routes(), store.rates(), settings, stands,
    )  # fmt: skip
    digest = hashlib.sha256()
    for frame in frames:
        known = frame.drop(columns=[name for name in frame if name in ("import_id", "row_no")])
        rows = pd.util.hash_pandas_object(known, index=False).to_numpy()
        digest.update(",".join(known.columns).encode() + np.sort(rows).tobytes())
    return digest.hexdigest()


# Opening


def enter(store: Store, token: str, *, now: datetime | None = None) -> str | None:
    """Return the secret of a new guest of the link that ``token`` opens; None if none opens.

    A token that never was, and one of a link that has ended, take the same way.
    """
    at = now or datetime.now(UTC)
    found = store.share_of_token(_hash(token))
    for row in found.to_dict("records"):
        ends = _utc(row["expires_at"])
        if _state(ends, _utc_or_none(row["revoked_at"]), at) == "open":
            secret = secrets.token_urlsafe(_BYTES)
            until = min(ends, at + _SESSION)
            store.enter_share(int(row["share_id"]), _hash(secret), now=at, until=until)
            return secret
    return None


def in_room(workspace_id: str, secret: str) -> str:
    """Return a token, or a guest's secret, so that it says of which workspace it is.

    Examples
    --------
    >>> in_room("main", "xyz"), in_room("a1b2", "xyz")
    ('xyz', 'a1b2.xyz')
    """
    return secret if workspace_id in ("", FIRST) else f"{workspace_id}.{secret}"


def of_room(text: str) -> tuple[str, str]:
    """Return the workspace that a token or a cookie names, and the secret in it.

    Examples
    --------
    >>> of_room("xyz"), of_room("a1b2.xyz"), of_room("../x.xyz")
    (('main', 'xyz'), ('a1b2', 'xyz'), ('', ''))
    """
    room, _, secret = text.rpartition(".")
    if not room:
        return FIRST, secret
    return (room, secret) if room.isascii() and room.isalnum() else ("", "")


def leave(store: Store, secret: str) -> None:
    """Forget a guest: the secret opens nothing from now on."""
    store.leave_share(_hash(secret))


def has_run_out(store: Store, secret: str, *, now: datetime | None = None) -> bool:
    """Return whether a guest's visit ended by itself, and the link would open again."""
    at = now or datetime.now(UTC)
    found = store.share_of_session(_hash(secret))
    if found.empty or at < _utc(found["until"].iloc[0]):
        return False
    return _share(store, int(found["share_id"].iloc[0])).state(at) == "open"


def opened(store: Store, secret: str, *, now: datetime | None = None) -> Share | None:
    """Return what a guest with this secret may see; None if nothing any more."""
    at = now or datetime.now(UTC)
    found = store.share_of_session(_hash(secret))
    if found.empty or _utc(found["until"].iloc[0]) <= at:
        return None
    share = _share(store, int(found["share_id"].iloc[0]))
    return share if share.state(at) == "open" else None


def frozen(store: Store, share_id: int) -> Frozen:
    """Return what a frozen link shows.

    Parameters
    ----------
    store : Store
        One's own workspace.
    share_id : int
        Number of a frozen link.

    Raises
    ------
    BrokenLinkError
        It is not what was kept, or not what this version keeps.
    """
    kept = store.share_answer(share_id)
    if kept is None or hashlib.sha256(kept[0]).hexdigest() != kept[1]:
        raise BrokenLinkError
    return frozen_answers.unpacked(kept[0])


class _Standing(NamedTuple):
    """An answer, and the data that it stands on."""

    answer: Frozen
    data_version: str
    fingerprint: str


def _standing(store: Store, scenario: Scenario, item: str, *, hides_money: bool) -> _Standing:
    """Return an answer; once more if somebody changed the data while it was made."""
    for _ in range(_TRIES):
        version = store.version
        answer = frozen_answers.made(store, scenario, item, money=not hides_money)
        found = _Standing(answer, version, fingerprint(store))
        if store.version == version:
            return found
    raise DataMovedError


def _meant(shown: Store, scenario: Scenario, stood: _Standing | None) -> dict[str, str]:
    """Return what a link asks, and of which data; of a live one (None) whatever will be there."""
    if stood is None:
        query = urlencode(scenario.to_query())
        return {"query": query, "data_version": shown.version, "fingerprint": "", "checksum": ""}
    return {
        "query": urlencode(stood.answer.impact.scenario.to_query()),
        "data_version": stood.data_version,
        "fingerprint": stood.fingerprint,
        "checksum": stood.answer.impact.checksum,
    }


def _share(store: Store, share_id: int) -> Share:
    found = store.shares()
    [row] = found.loc[found["share_id"] == share_id].to_dict("records")
    return Share(
        share_id=share_id,
        scenario=saved.read(row["query"]),
        created_at=_utc(row["created_at"]),
        expires_at=_utc(row["expires_at"]),
        revoked_at=_utc_or_none(row["revoked_at"]),
        views=int(row["views"]),
        hides_money=bool(row["hides_money"]),
        is_sample=bool(row["is_sample"]),
        **{name: str(row[name]) for name in _TEXTS},
    )


_TEXTS = ("kind", "name", "note", "author", "item", "data_version", "fingerprint", "checksum")


def _state(expires_at: datetime, revoked_at: datetime | None, now: datetime) -> str:
    if revoked_at is not None:
        return "revoked"
    return "open" if now < expires_at else "expired"


def _utc(time: pd.Timestamp) -> datetime:
    return time.to_pydatetime().replace(tzinfo=UTC)


def _utc_or_none(time: pd.Timestamp) -> datetime | None:
    return None if pd.isna(time) else _utc(time)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
