"""Is the app well? What a supervisor asks every half minute, whatever else goes on."""

from analytics.services import machine, workspaces
from analytics.services.host_settings import Hosting
from analytics.store.database import silent


def ailment(hosting: Hosting, *, least: int = machine.LEAST_ROOM) -> str:
    """Return what the app suffers from; empty if it is well.

    Parameters
    ----------
    hosting : Hosting
        Says where the workspaces beside the first one are.
    least : int
        Bytes that have to be free on each disk with workspaces.

    Returns
    -------
    str
        ``store`` if a workspace does not answer: the first one, or any other that is open now;
        those that rest are not asked. ``disk`` if there is no room to change anything.
    """
    if not workspaces.answers() or silent():
        return "store"
    places = (workspaces.default_folder(), hosting.home)
    return "disk" if any(machine.free_on_disk(place) < least for place in places) else ""
