"""What people do about alarms. It says nothing of the data, and so does not move the version."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analytics.store import deeds
from analytics.store.cursors import one
from analytics.store.shares import Shares


class AlertActs(Shares):
    """What a workspace keeps of snoozes and acknowledgements."""

    def alert_acts(self) -> pd.DataFrame:
        """Return what was done about alarms, the newest first.

        Columns ``act_id``, ``alert_id``, ``act`` (``snooze``, ``acknowledge``, ``reopen``),
        ``as_of`` (the data's day), ``until`` (the last day of a snooze), ``money_per_day``,
        ``units`` (of the alarm, that day), ``reason``, ``who``, ``is_sample`` (an alarm of the
        sample seller), ``acted_at`` (UTC).
        """
        return self._frame("alert_acts")

    @deeds.deed("act_on_alerts", about=deeds.alike("acts", "act"))
    def act_on_alerts(self, acts: Sequence[Mapping[str, object]], *, who: str = "") -> list[int]:
        """Note what somebody did about alarms, all of it or nothing; return the acts' numbers.

        Parameters
        ----------
        acts : sequence of mapping of str to object
            The columns of `alert_acts`, without the number; one transaction and one copy of the
            workspace, however many they are.
        who : str
            Who is working, as others who have to wait are told.

        Raises
        ------
        ReadOnlyWorkspaceError
            The workspace only reads.
        """
        if not acts:
            return []
        with self._database.turnstile.held(who), self._database.transaction() as cursor:
            numbers = [int(one(cursor, "insert_alert_act", facts)[0]) for facts in acts]
        self._snapshot_or_warn()
        return numbers
