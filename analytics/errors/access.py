"""Who may, and the register of members, secrets and sessions that refuses."""

from analytics.errors.base import AnalyticsError


class NotAllowedError(AnalyticsError):
    """Somebody's role does not reach for what they asked."""

    code = "error.not_allowed"
    template = "This takes the role of {role} in the workspace. Ask one of its owners."


class UnknownRoleError(AnalyticsError, ValueError):
    """A role that there is not."""

    code = "error.unknown_role"
    template = "{role} is not a role; choose viewer, editor or owner."


class WeakSecretError(AnalyticsError, ValueError):
    """A team secret that could be guessed."""

    code = "error.weak_secret"
    template = (
        "This secret repeats a few characters and could be guessed. Use a longer mix, such as "
        "four or five words that nobody would put together."
    )


class ShortSecretError(WeakSecretError):
    """A team secret is too short."""

    code = "error.short_secret"
    template = "This secret is too short to be safe: use at least {least} characters."


class KnownSecretError(WeakSecretError):
    """A team secret stands on every list of those that are tried first."""

    code = "error.known_secret"
    template = "This secret is one of those that are tried first. Choose one that only you know."


class TakenSecretError(WeakSecretError):
    """Two roles would share one secret, so that it could not tell them apart."""

    code = "error.taken_secret"
    template = (
        "Another role of this workspace has this secret already. Choose a different one: the "
        "secret says who comes with which role."
    )


class NoOwnerSecretError(AnalyticsError):
    """A workspace would have secrets, but none for its owner."""

    code = "error.no_owner_secret"
    template = (
        "The owner's secret comes first and goes last. Set it before the others; to drop it, drop "
        "the others first."
    )


class UnknownSecretError(AnalyticsError, KeyError):
    """A secret that is to be dropped was never set."""

    code = "error.unknown_secret"
    template = "This role has no secret in the workspace."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class BadMemberError(AnalyticsError, ValueError):
    """A member's address is none."""

    code = "error.bad_member"
    template = "{address} is not a mail address; write one such as name@example.com."


class UnknownMemberError(AnalyticsError, KeyError):
    """Somebody who is to be changed or removed is no member."""

    code = "error.unknown_member"
    template = "{address} is not a member of this workspace."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class LastOwnerError(AnalyticsError):
    """The last owner of a workspace would go."""

    code = "error.last_owner"
    template = (
        "{address} is the only owner of this workspace. Make somebody else an owner first, so "
        "that there is one left."
    )


class BadRoomNameError(AnalyticsError, ValueError):
    """A workspace's name cannot be shown."""

    code = "error.bad_room_name"
    template = "A workspace's name has 1 to {longest} letters that can be printed."


class TakenRoomNameError(AnalyticsError, ValueError):
    """Two workspaces would have the same name."""

    code = "error.taken_room_name"
    template = (
        "There is a workspace called “{name}” already, or one that was deleted and can still be "
        "brought back. Choose another name."
    )


class UnknownRoomError(AnalyticsError, KeyError):
    """A workspace that there is not, or that this visitor must not know of."""

    code = "error.unknown_room"
    template = "There is no such workspace, or you have no access to it."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class MainRoomError(AnalyticsError):
    """The first workspace is to be deleted."""

    code = "error.main_room"
    template = "The first workspace cannot be deleted. Delete everything in it instead."


class UnknownSessionError(AnalyticsError, KeyError):
    """A session that is to be ended has ended."""

    code = "error.unknown_session"
    template = "This session has ended already; load the page again."

    __str__ = Exception.__str__  # KeyError would show the repr of the text


class RegisterUnusableError(AnalyticsError):
    """The register's file cannot be opened, read or written."""

    code = "error.register_unusable"
    template = (
        "The register of members and sessions, {file}, cannot be used: {reason}. Nothing was "
        "changed or deleted. See that its folder belongs to whoever runs the server."
    )


class RegisterBusyError(RegisterUnusableError):
    """Somebody else has been writing the register for too long."""

    code = "error.register_busy"
    template = (
        "The register of members and sessions, {file}, is being written by another process. Try "
        "again in a moment."
    )


class DamagedRegisterError(RegisterUnusableError):
    """The register's file is damaged, or none of ours."""

    code = "error.damaged_register"
    template = (
        "The register of members and sessions, {file}, is damaged or not Leeway's ({detail}). "
        "Nobody can sign in meanwhile; the workspaces are untouched. Put a copy of it back, or "
        "move it away and set secrets and members anew."
    )


class NewerRegisterError(RegisterUnusableError):
    """The register was written by a newer version."""

    code = "error.newer_register"
    template = (
        "The register of members and sessions, {file}, was written by a newer version (schema "
        "{found}; this one knows {known}). Update Leeway to open it."
    )
