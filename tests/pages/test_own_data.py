"""The pages on a workspace of one's own: what only shows once something was imported."""

from pathlib import Path

import pytest

from analytics import jobs
from analytics.errors import WriteFailedError
from analytics.i18n import Translator
from analytics.services import importing, workspaces
from pages.shared import session

EN = Translator("en")
SALES = "date,sku,quantity,market\n" + "".join(
    f"2026-05-{day:02d},{sku},{day % 3 + 1},US\n" for sku in ("A-1", "B-2") for day in range(1, 29)
)


@pytest.fixture(scope="module", autouse=True)
def own_sales(workspace, tmp_path_factory):
    path = Path(tmp_path_factory.mktemp("files"), "sales.csv")
    path.write_text(SALES, "utf-8")
    store = session.own_store()
    staged = importing.stage(store, [importing.Upload(path.name, path)])
    workspaces.load_and_forecast(store, staged)
    return store


@pytest.mark.parametrize("page", ["replenish", "forecast", "safety_stock", "import", "settings"])
def test_a_page_opens_on_ones_own_data(visit, page):
    app = visit(page)
    assert not app.exception
    assert EN("app.sample_banner") not in [text.value for text in app.markdown]


def test_the_sample_can_be_looked_at_and_left_again(visit):
    app = visit("replenish")
    own = app.metric[0].value
    app.toggle(key="sample").set_value(True).run()
    assert not app.exception
    assert EN("app.sample_banner") in [text.value for text in app.markdown]
    app.toggle(key="sample").set_value(False).run()
    assert app.metric[0].value == own


def test_a_link_made_on_the_sample_opens_on_the_sample(visit):
    app = visit("replenish", sample="true", lead_time_delay_days="7")
    assert not app.exception
    assert EN("app.sample_banner") in [text.value for text in app.markdown]
    assert app.slider(key="lead_time_delay_days").value == 7


def upload(app, *files):
    uploader = app.get("file_uploader")[0]
    uploader.set_value([(name, text.encode(), "text/csv") for name, text in files]).run()
    for _ in range(100):
        if app.get("metric") or app.error:
            return app.run()
        app.run()
    raise AssertionError("the files were never read")


def test_two_files_of_one_name_with_bad_rows_are_both_listed(visit):
    bad = "date,sku,quantity\n2026-05-01,A-1,2\nno date,A-1,3\n"
    app = upload(visit("import"), ("x.csv", bad), ("x.csv", bad.replace("3", "4")))
    assert not app.exception
    labels = [box.label for box in app.expander]
    assert labels.count(EN("import.rejected", count="1")) == 2
    assert "shop" in " ".join(box.key or "" for box in app.text_input)


def test_a_reading_that_failed_can_be_tried_again(visit, monkeypatch):
    """The disk was full, and then it was not: the page must not be stuck in the error."""

    def refuse(*arguments, **options):
        raise WriteFailedError(path="raw", reason="No space left on device")

    good = ("x.csv", "date,sku,quantity\n2026-05-01,A-1,2\n")
    with monkeypatch.context() as patch:
        patch.setattr(importing, "stage", refuse)
        app = upload(visit("import"), good)
    assert "No space left" in app.error[0].value
    again = next(button for button in app.button if button.label == EN("import.again"))
    again.click().run()
    for _ in range(100):
        if app.get("metric"):
            break
        app.run()
    assert not app.error
    assert app.get("metric")


def test_a_change_that_failed_is_told_and_uses_nothing_up(visit):
    def refuse(progress):
        raise WriteFailedError(path="leeway.duckdb", reason="No space left on device")

    app = visit("import")
    app.session_state["change_job"] = jobs.start(refuse, name="y.csv")
    app.run()
    assert "No space left" in app.error[0].value
    assert "imports_done" not in app.session_state  # the files that wait are still there
    app.run()
    assert "No space left" in app.error[0].value
    assert not app.exception
