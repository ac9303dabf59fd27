"""设置 · Settings: what do we assume, and how does everything come back?"""

from pages.shared import keeping, naming, session, working

t = session.page()
if not working.changing(t):
    naming.tables(t)
    keeping.readings(t)
    keeping.copies(t)
