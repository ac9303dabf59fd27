"""The commands that say who may come in: secrets, members, workspaces, sessions, the audit.

Who can run them may write the home's files anyway, so that nobody is asked who they are.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import export
from analytics.access import MAIN, Register, Room
from analytics.actor import ROLES
from analytics.errors import MissingFileError
from analytics.i18n import LANGUAGES, Translator
from analytics.services import hosting, workspaces
from analytics.services.host_settings import home_folder
from analytics.terminal import aligned, tell
from analytics.words import deed

Work = Callable[[Translator, argparse.Namespace, Register], int]

_SHOWN = 40  # deeds on the screen; a file holds all
_LONGEST_FILE = 4096  # bytes of a file that holds a secret


def add_commands(command: Callable[[str, Any], argparse.ArgumentParser], t: Translator) -> None:
    """Declare what the commands take."""
    parser = command("access", None)
    topics = parser.add_subparsers(required=True, metavar="TOPIC")

    def topic(name: str, work: Work, parent: Any = topics) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse's own kind
        text = t(f"access.{name.replace('-', '_')}")
        made: argparse.ArgumentParser = parent.add_parser(name, help=text, description=text)
        for option, how in (("--workspace", {"type": Path, "metavar": "PATH"}),
                            ("--language", {"choices": LANGUAGES})):  # fmt: skip
            help_text = t(f"cli.{option[2:]}")
            made.add_argument(option, default=argparse.SUPPRESS, help=help_text, **how)
        made.set_defaults(command=_with_register(work))
        return made

    _secret_takes(topic("secret", _secret), t)
    members = _of_team(topic("members", _members), t).add_subparsers(metavar="ACT")
    added = _of_team(topic("add", _add_member, members), t)
    added.add_argument("address", metavar="ADDRESS")
    added.add_argument("--role", choices=ROLES, default="viewer", help=t("access.role"))
    _of_team(topic("remove", _remove_member, members), t).add_argument("address", metavar="ADDRESS")
    rooms = topic("workspaces", _rooms).add_subparsers(metavar="ACT")
    topic("create", _create, rooms).add_argument("name", metavar="NAME")
    renamed = topic("rename", _rename, rooms)
    renamed.add_argument("name", metavar="NAME")
    renamed.add_argument("new_name", metavar="NEW-NAME")
    topic("delete", _delete, rooms).add_argument("name", metavar="NAME")
    topic("bring-back", _bring_back, rooms).add_argument("name", metavar="NAME")
    sessions = _of_team(topic("sessions", _sessions), t).add_subparsers(metavar="ACT")
    _of_team(topic("end", _end, sessions), t).add_argument("session_id", metavar="SESSION")
    _audit_takes(topic("audit", _audit), t)


def _secret_takes(parser: argparse.ArgumentParser, t: Translator) -> None:
    _of_team(parser, t).add_argument("--role", choices=ROLES, help=t("access.secret_role"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--from-file", type=Path, metavar="FILE", help=t("access.from_file"))
    how.add_argument("--forget", action="store_true", help=t("access.forget"))


def _audit_takes(parser: argparse.ArgumentParser, t: Translator) -> None:
    parser.add_argument("--team", metavar="NAME", help=t("access.audit_team"))
    parser.add_argument("--check", nargs="?", const="", metavar="NUMBER:HASH",
                        help=t("access.check"))  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help=t("cli.out"))


def _of_team(parser: argparse.ArgumentParser, t: Translator) -> argparse.ArgumentParser:
    parser.add_argument("--team", default=argparse.SUPPRESS, metavar="NAME", help=t("access.team"))
    return parser


def _with_register(work: Work) -> Callable[[Translator, argparse.Namespace], int]:
    def run(t: Translator, options: argparse.Namespace) -> int:
        named = {"LEEWAY_WORKSPACE": str(options.workspace)} if options.workspace else {}
        with Register.open(home_folder({**os.environ, **named})) as register:
            return work(t, options, register)

    return run


def _room(options: argparse.Namespace, register: Register) -> Room:
    return register.room(getattr(options, "team", None) or MAIN)


def _done() -> dict[str, Any]:
    """Return who does something, and when."""
    return {"who": workspaces.local_user(), "now": datetime.now(UTC)}


# Team secrets


def _secret(t: Translator, options: argparse.Namespace, register: Register) -> int:
    """Set a role's secret or drop it; without a role, say which roles have one."""
    room = _room(options, register)
    if options.role is None:
        known = register.secrets(room.workspace_id)
        rows = [(role, _when(known[role]) if role in known else "-") for role in ROLES]
        print(aligned([(t("access.role_column"), t("access.changed_column")), *rows]))
        return 0
    if options.forget:
        register.forget_secret(room.workspace_id, options.role, **_done())
        print(t("access.forgotten", role=options.role, room=room.name))
        return 0
    secret = _typed(t) if options.from_file is None else _read(options.from_file)
    if secret is None:
        tell(t("access.typed_differently"))
        return 1
    register.set_secret(room.workspace_id, options.role, secret, **_done())
    print(t("access.secret_kept", role=options.role, room=room.name))
    return 0


def _typed(t: Translator) -> str | None:
    """Ask for a secret twice without showing it; what a pipe says is read once."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    first = getpass.getpass(t("access.type_it"))
    return first if getpass.getpass(t("access.type_again")) == first else None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            lines = file.read(_LONGEST_FILE).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MissingFileError(file=str(path)) from error
    return lines[0] if lines else ""


# Members


def _members(t: Translator, options: argparse.Namespace, register: Register) -> int:
    rows = [
        (member.address, member.role, _when(member.added_at), member.added_by)
        for member in register.members(_room(options, register).workspace_id)
    ]
    heads = ("access.address_column", "access.role_column", "access.changed_column",
             "access.by_column")  # fmt: skip
    print(aligned([tuple(map(t, heads)), *rows]) if rows else t("access.no_members"))
    return 0


def _add_member(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = _room(options, register)
    made = register.set_member(room.workspace_id, options.address, options.role, **_done())
    print(t("access.member_kept", address=made.address, role=made.role, room=room.name))
    return 0


def _remove_member(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = _room(options, register)
    register.remove_member(room.workspace_id, options.address, **_done())
    print(t("access.member_removed", address=options.address, room=room.name))
    return 0


# Workspaces


def _rooms(t: Translator, _: argparse.Namespace, register: Register) -> int:
    rows = [
        (room.workspace_id, room.name, _when(room.created_at), room.created_by or "-",
         _when(room.gone_at) if room.gone_at else "-")
        for room in register.rooms(now=datetime.now(UTC), with_deleted=True)
    ]  # fmt: skip
    heads = ("access.id_column", "access.name_column", "access.created_column",
             "access.by_column", "access.gone_column")  # fmt: skip
    print(aligned([tuple(map(t, heads)), *rows]))
    return 0


def _create(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = register.create_room(options.name, **_done())
    print(t("access.created", room=room.name, id=room.workspace_id))
    return 0


def _rename(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = register.room(options.name)
    renamed = register.rename_room(room.workspace_id, options.new_name, **_done())
    print(t("access.renamed", room=renamed.name, before=room.name))
    return 0


def _delete(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = register.room(options.name)
    gone = register.delete_room(room.workspace_id, grace_days=hosting.GRACE_DAYS, **_done())
    print(t("access.deleted", room=room.name, until=_when(gone.gone_at)))
    return 0


def _bring_back(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = register.room(options.name, deleted=True)
    register.bring_back_room(room.workspace_id, **_done())
    print(t("access.brought_back", room=room.name))
    return 0


# Sessions


def _sessions(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = _room(options, register)
    rows = [
        (row.session_id, row.name, row.address or "-", row.role, _when(row.created_at),
         _when(row.seen_at))
        for row in register.sessions(room.workspace_id, now=datetime.now(UTC))
    ]  # fmt: skip
    heads = ("access.session_column", "access.name_column", "access.address_column",
             "access.role_column", "access.began_column", "access.seen_column")  # fmt: skip
    print(aligned([tuple(map(t, heads)), *rows]) if rows else t("access.no_sessions"))
    return 0


def _end(t: Translator, options: argparse.Namespace, register: Register) -> int:
    room = _room(options, register)
    register.end_session(room.workspace_id, options.session_id, **_done())
    print(t("access.ended", session=options.session_id))
    return 0


# Audit


def _audit(t: Translator, options: argparse.Namespace, register: Register) -> int:
    if options.check is not None:
        return _check(t, options.check, register)
    most = _SHOWN if options.out is None else 1 << 62
    room = None if options.team is None else register.room(options.team).workspace_id
    deeds = register.audit(room, most=most)
    if options.out is not None:
        table = pd.DataFrame(
            [(row.number, f"{row.at:%Y-%m-%d %H:%M:%S}", row.workspace_id, row.who, row.act,
              row.object, _counted(row.counts)) for row in deeds],
            columns=["number", "at", "workspace_id", "who", "act", "object", "counts"],
        )  # fmt: skip
        export.write(options.out, table)
        print(t("cli.written", rows=t.number(len(table)), path=options.out))
        return 0
    rows = [
        (row.number, _when(row.at), row.workspace_id or "-", row.who or "-", deed(t, row.act),
         row.object or "-", _counted(row.counts))
        for row in deeds
    ]  # fmt: skip
    heads = ("access.number_column", "access.at_column", "access.id_column", "access.by_column",
             "access.act_column", "access.object_column", "access.counts_column")  # fmt: skip
    print(aligned([tuple(map(t, heads)), *rows]) if rows else t("access.no_deeds"))
    return 0


def _check(t: Translator, noted: str, register: Register) -> int:
    """Go through the whole chain, and through a head that was noted before if there is one."""
    number, _, hashed = noted.partition(":")
    if noted and not (number.isdecimal() and hashed):
        tell(t("access.check_form"))
        return 1
    for finding in register.findings():
        tell(t("access.file_finding", finding=finding))
        return 1
    broken = register.broken_link((int(number), hashed.lower()) if noted else None)
    if broken is not None:
        tell(t("access.broken", number=t.number(broken)))
        return 1
    last, head = register.audit_head()
    print(t("access.whole", count=t.number(last), head=f"{last}:{head}"))
    return 0


def _counted(counts: Any) -> str:  # noqa: ANN401 - a mapping of numbers
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"


def _when(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
