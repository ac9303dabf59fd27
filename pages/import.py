"""导入 · Import: is my data in, and is it right?"""

from pages.shared import history, intake, preview, session, working

t = session.page()
is_changing = working.changing(t)
intake.receipt(t)
found = intake.staged(t, intake.files(t))
if found and not is_changing:
    intake.load(t, found)
    preview.sheets(t, found)
else:
    intake.template_files(t)
history.show(t)
