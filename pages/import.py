"""导入 · Import: is my data in, and is it right?"""

from pages.shared import intake, session

t = session.page()
is_loading = intake.loading(t)
intake.receipt(t)
found = intake.staged(t, intake.files(t))
if found and not is_loading:
    intake.preview(t, found)
    intake.load(t, found)
intake.history(t)
