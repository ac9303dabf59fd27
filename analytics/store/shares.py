"""Links that show a scenario, and the browsers that came by one.

They say nothing of the data, and so do not move the version. No token is kept, only its SHA-256.
"""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from analytics.errors import UnknownLinkError
from analytics.store import deeds, sql_files
from analytics.store.cursors import one
from analytics.store.scenarios import Scenarios


class Shares(Scenarios):
    """What a workspace keeps of links."""

    def shares(self) -> pd.DataFrame:
        """Return the links that were made, the newest first; also those that open no more.

        Columns ``share_id``, ``kind`` (``live``, ``frozen``), ``name``, ``note``, ``author``,
        ``query`` (the scenario as a link spells it), ``item``, ``hides_money``, ``is_sample``,
        ``data_version``, ``fingerprint``, ``checksum``, ``created_at``, ``expires_at``,
        ``revoked_at``, ``revoked_by``, ``views``, ``last_viewed_at``; times are UTC.
        """
        return self._frame("shares")

    def share_of_token(self, token_hash: str) -> pd.DataFrame:
        """Return the link of a token: ``share_id``, ``expires_at``, ``revoked_at``; or no row."""
        return self._frame("share_of_token", token_hash=token_hash)

    def share_of_session(self, session_hash: str) -> pd.DataFrame:
        """Return the link that a browser came by: ``share_id``, ``until``; or no row."""
        return self._frame("share_of_session", session_hash=session_hash)

    def share_answer(self, share_id: int) -> tuple[bytes, str] | None:
        """Return what a frozen link shows and its SHA-256, or None if it is not frozen."""
        found = self._frame("share_answer", share_id=share_id)
        return None if found.empty else (bytes(found["answer"].iloc[0]), found["sha256"].iloc[0])

    @deeds.deed("save_share", about=deeds.given)
    def save_share(
        self, facts: Mapping[str, object], answer: bytes | None = None, sha256: str = ""
    ) -> int:
        """Make a link; return its number.

        Parameters
        ----------
        facts : mapping of str to object
            ``token_hash`` and the columns of `shares` up to ``expires_at``, without the number.
        answer : bytes, optional
            What it shows, if that never changes.
        sha256 : str
            Of the answer.
        """
        with (
            self._database.turnstile.held(str(facts["author"])),
            self._database.transaction() as cursor,
        ):
            number = int(one(cursor, "insert_share", facts)[0])
            if answer is not None:
                cursor.execute(
                    sql_files.step("insert_share_answer"),
                    {"share_id": number, "answer": answer, "sha256": sha256},
                )
        self._snapshot_or_warn()
        return number

    @deeds.deed("revoke_share", about=deeds.number("share_id"))
    def revoke_share(self, share_id: int, *, now: datetime, who: str = "") -> None:
        """Close a link for good.

        Raises
        ------
        UnknownLinkError
            There is no such link, or it was closed already.
        """
        facts = {"share_id": share_id, "who": who, "now": now}
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            if not one(cursor, "revoke_share", facts):
                raise UnknownLinkError(share_id=share_id)
            cursor.execute(sql_files.step("forget_share_sessions"), {"now": now})
        self._snapshot_or_warn()

    @deeds.deed("enter_share", about=deeds.number("share_id"))
    def enter_share(
        self, share_id: int, session_hash: str, *, now: datetime, until: datetime
    ) -> None:
        """Count a view, and remember the browser ``until`` its cookie ends."""
        browser = {"session_hash": session_hash, "share_id": share_id, "now": now, "until": until}
        with self._database.turnstile.held("view"), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("forget_share_sessions"), {"now": now})
            cursor.execute(sql_files.step("count_view"), {"share_id": share_id, "now": now})
            cursor.execute(sql_files.step("insert_share_session"), browser)

    @deeds.deed("leave_share", is_told=False)
    def leave_share(self, session_hash: str) -> None:
        """Forget a browser that came by a link."""
        with self._database.turnstile.held("view"), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("forget_share_session"), {"session_hash": session_hash})
