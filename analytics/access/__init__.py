"""Who may enter which workspace, who is signed in, and what was done: one SQLite file per host."""

from analytics.access.audit import ACTS, AuditRow
from analytics.access.database import FILE
from analytics.access.members import Member
from analytics.access.register import Register
from analytics.access.rooms import MAIN, Room
from analytics.access.secrets import SHORTEST
from analytics.access.sessions import IDLE, LONGEST, SessionRow, Visitor

__all__ = [
    "ACTS",
    "FILE",
    "IDLE",
    "LONGEST",
    "MAIN",
    "SHORTEST",
    "AuditRow",
    "Member",
    "Register",
    "Room",
    "SessionRow",
    "Visitor",
]
