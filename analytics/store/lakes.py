"""What a workspace does with lakes: writes one, reads its history from one, lets go of it."""

from datetime import datetime
from pathlib import Path

from analytics.progress import Progress, silent
from analytics.store import deeds, lake, lake_linking, lake_writing
from analytics.store.alert_acts import AlertActs
from analytics.store.lake_reading import Link


class Lakes(AlertActs):
    """History as a folder of Parquet files."""

    def linked_lake(self) -> tuple[Path | None, Link] | None:
        """Return where the lake lies that this reads, if that was said, and what it is; or None."""
        return lake_linking.linked(self)

    @deeds.deed("export_lake", reads=True, about=deeds.path("folder"))
    def export_lake(
        self, folder: Path, *, now: datetime | None = None, progress: Progress = silent
    ) -> lake.Manifest:
        """Write all sales, and the small tables, into the new folder ``folder``.

        Imports may go on meanwhile: all files tell of one moment.

        Parameters
        ----------
        folder : Path
            Does not exist, or is empty. Of a workspace that reads a lake already the new one holds
            both.
        now : datetime, optional
            When that is.
        progress : Progress
            Told the file in hand.

        Raises
        ------
        WriteFailedError
            The disk refused, or there is something in the folder; there is no half lake.
        ReadOnlyWorkspaceError
            The workspace is shown to a guest.
        """
        return lake_writing.export(self, folder, now, progress)

    @deeds.deed("link_lake", by="owner", about=deeds.path("folder"))
    def link_lake(self, folder: Path, *, progress: Progress = silent) -> lake.Manifest:
        """Read the history from the lake in ``folder`` from now on.

        The workspace that the lake was written from lets go of the lines that are in it; an empty
        one takes over the history and the small tables; one that is linked to this lake already is
        told where it lies now. Questions that are being answered meanwhile raise
        `WorkspaceReplacedError`.

        Raises
        ------
        BadLakeError
            It is no whole lake; nothing was changed.
        OtherLakeError
            The workspace holds other data; nothing was changed.
        ReadOnlyWorkspaceError
            The workspace only reads.
        """
        return lake_linking.link(self, folder, progress)

    @deeds.deed("unlink_lake", by="owner")
    def unlink_lake(self) -> int:
        """Bring the lines of the lake back into the workspace's own file; return how many stand.

        Raises
        ------
        NotLinkedError
            It reads no lake.
        LakeMissingError
            The lake is not at hand; nothing was changed.
        ReadOnlyWorkspaceError
            The workspace only reads.
        """
        return lake_linking.unlink(self)
