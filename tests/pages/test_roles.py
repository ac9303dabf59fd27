"""What each role meets on the pages, in which workspaces, and what it hears of the others."""

from datetime import UTC, datetime

import pytest

from analytics.i18n import Translator
from analytics.services import hosting, judgements
from analytics.services.judgements import Launch
from pages.shared import acting, render, session

EN, ZH = Translator("en"), Translator("zh")
LOCALES = {"en-GB": EN, "zh-CN": ZH}
VIEWS = {
    "overview": ("alerts",),
    "replenish": ("board", "decisions"),
    "delays": ("compare", "links"),
    "forecast": ("item",),
    "tiers": ("by_hand", "thresholds"),
    "clearance": ("assumptions",),
    "settings": ("policies", "routes", "alarm_rules", "workspace"),
    "import": ("",),
    "team": acting.VIEWS,
}  # fmt: skip
# Whatever else can be pressed writes; sliders are moved for oneself alone.
HARMLESS = {EN(key) for key in (
    "team.sign_out", "scenario.reset", "forecast.look", "compare.take", "replay.run",
)}  # fmt: skip

SLIDERS = EN("forecast.use_price", demand="").split(" %")[0]


def now():
    return datetime.now(UTC)


def said(app):
    parts = ("caption", "markdown", "header", "subheader", "info", "warning", "error", "success")
    return "\n".join(str(part.value) for name in parts for part in app.get(name))


def writers(app):
    """Whatever is drawn that writes: buttons, places for files, tables that take letters."""
    editors = [table for table in app.get("arrow_data_frame") if not table.proto.disabled]
    editing = [table for table in editors if table.proto.editing_mode]
    pressed = [button.label for button in app.button if button.label not in HARMLESS]
    pressed = [label for label in pressed if not label.startswith(SLIDERS)]
    return [*pressed, *editing, *app.get("file_uploader")]


@pytest.mark.parametrize("page", VIEWS)
def test_a_viewer_meets_nothing_that_writes_and_one_line_that_says_who_may(enter, page):
    for view in VIEWS[page]:
        app = enter("aspen", "viewer", page, view=view)
        assert not app.exception, view
        assert not app.error, view
        assert writers(app) == [], view
        assert said(app).count(EN("team.looks_only")) == 1, view


def test_a_viewer_is_told_so_in_chinese(enter):
    app = enter("aspen", "viewer", "tiers", "zh-CN", view="by_hand")
    assert said(app).count(ZH("team.looks_only")) == 1


def test_an_editor_meets_what_writes(enter):
    for page, view in (("import", ""), ("settings", "policies"), ("delays", "links"),
                       ("tiers", "by_hand"), ("forecast", "item")):  # fmt: skip
        assert writers(enter("aspen", "editor", page, view=view)), (page, view)
    for view in ("members", "audit"):
        assert not enter("aspen", "editor", "team", view=view).error, view
    app = enter("aspen", "editor", "settings", view="workspace")
    assert EN("team.looks_only") not in said(app)
    assert EN("team.only_owner") in said(app)


@pytest.mark.parametrize(
    ("room", "locale"),
    [("../x", "en-GB"), ("birch", "zh-CN"), ("main\x00", "en-GB"), ("workspaces/x", "zh-CN")],
)
def test_a_room_that_is_not_ones_own_is_refused_with_a_sentence(enter, house, room, locale):
    asked = house[1] if room == "birch" else room
    app = enter("aspen", "viewer", "tiers", locale, room=asked)
    t = LOCALES[locale]
    assert t("link.room_refused", room=t("team.first_room")) in said(app)
    assert session.own_store().folder.name == "shop"


def test_who_is_granted_two_rooms_goes_from_one_to_the_other(enter, house):
    first = enter("aspen", "owner", "tiers")
    both = enter("birch", "viewer", "tiers", held=first.held, room=house[1])
    assert EN("team.looks_only") in said(both)
    assert both.selectbox(key="room_choice").options == [EN("team.first_room"), "Birch"]
    assert both.query_params["room"] == house[1]
    assert both.session_state["room"] == house[1]
    both.selectbox(key="room_choice").select("main").run()
    assert both.session_state["room"] == house[1]  # this visit stays where it is, to its end


def test_a_visit_that_has_ended_shows_nothing_and_its_deeds_are_refused(enter, house):
    register, _ = house
    app = enter("aspen", "editor", "settings", view="money")
    register.sign_out(app.held, now=now())
    app.run()
    assert [info.value for info in app.info] == [EN("team.out")]
    assert not app.dataframe
    assert not app.button


def test_a_role_that_shrinks_is_felt_at_the_next_move(enter, house):
    register, _ = house
    app = enter("aspen", "owner", "settings", view="money")
    assert writers(app)
    visitor = register.visitor(app.held, now=now())
    register.grant(visitor.session_id, "main", "viewer", who="lead", now=now())
    app.run()
    assert writers(app) == []
    assert EN("team.looks_only") in said(app)


def test_a_viewer_reads_what_others_judged_and_cannot_take_it_back(enter, house):
    with hosting.open_room(hosting.settings(), "main") as store:
        judgements.launch(store, "A-1", "DE", Launch(multiplier=1.5))
        judgements.event(store, "black_friday", "DE", None)
    viewer, editor = (
        enter("aspen", role, "forecast", item="A-1 · DE") for role in ("viewer", "editor")
    )
    for app in (viewer, editor):
        assert "times 1.50" in said(app)
        assert EN("forecast.events_stand") in said(app)
    assert EN("forecast.launch_withdraw") in [button.label for button in editor.button]
    assert writers(viewer) == []


def test_who_takes_a_file_is_told_to_the_audit(enter, house, monkeypatch):
    register, _ = house
    offered = {}

    def offer(label, content, file, *_, **__):
        offered[file] = content

    monkeypatch.setattr(render.st, "download_button", offer)
    app = enter("aspen", "viewer", "tiers")
    assert {"leeway-tiers.xlsx", "leeway-tiers.csv"} <= {*offered}
    assert "export" not in [row.act for row in register.audit("main")]
    assert offered["leeway-tiers.csv"]().count(b"A-1") == 2
    newest, *_ = register.audit("main")
    assert (newest.act, newest.who, newest.object) == ("export", "Lin", "leeway-tiers.csv")
    register.sign_out(app.held, now=now())
