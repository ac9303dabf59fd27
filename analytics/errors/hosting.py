"""A server that is not set up so that others may reach it."""

from analytics.errors.base import AnalyticsError


class HostingError(AnalyticsError, ValueError):
    """The server is not set up so that it could be reached safely."""

    code = "error.hosting"
    template = "The server is not set up to be reached by others."


class NotLoopbackError(HostingError):
    """The server was asked to listen where anybody could reach it, whoever they are."""

    code = "error.not_loopback"
    template = (
        "{host} can be reached from other machines. Choose who may come in with --access password "
        "or --access oidc, or listen on 127.0.0.1."
    )


class UnknownModeError(HostingError):
    """There is no such way to let people in."""

    code = "error.unknown_mode"
    template = "LEEWAY_ACCESS is {mode}; it must be open, password or oidc."


class NoTeamSecretError(HostingError):
    """People are to come in with a team secret, and there is none."""

    code = "error.no_team_secret"
    template = (
        "There is no team secret yet. Set one with leeway access secret --role owner, or name a "
        "file that holds one in LEEWAY_SECRET_FILE."
    )


class UnreadableSecretError(HostingError):
    """The file that is to hold a secret cannot be read."""

    code = "error.unreadable_secret"
    template = "The file that {name} names cannot be read, or holds no secret."


class UnfitSecretError(HostingError):
    """The environment, or the file that it names, holds a team secret that is easily guessed."""

    code = "error.unfit_secret"
    template = (
        "The team secret that {name} gives is too short or easily guessed. Put one of at least 12 "
        "characters there that nobody else uses; four or five words that nobody would put "
        "together are good."
    )


class MissingSettingError(HostingError):
    """A setting is needed for the chosen way to let people in."""

    code = "error.missing_setting"
    template = (
        "With --access {mode} the setting {name} is needed, and it is empty. docs/hosting.md says "
        "what to write."
    )


class PlainAddressError(HostingError):
    """The address that others type is none, or sends what they type for everybody to read."""

    code = "error.plain_address"
    template = (
        "The public address is {address}; it must begin with https:// and name this server, for "
        "what people type would be readable on the way. Set LEEWAY_PUBLIC_URL."
    )


class BadSettingError(HostingError):
    """A setting does not say what it should."""

    code = "error.bad_setting"
    template = "{name} cannot be {value}; write something like {example}."


class OwnerShutOutError(HostingError):
    """The first owner is not among those who may sign in."""

    code = "error.owner_shut_out"
    template = (
        "LEEWAY_OWNER is {owner}, whom LEEWAY_ALLOWED does not let in. Add that address there, or "
        "everybody of its company, such as @example.com."
    )
