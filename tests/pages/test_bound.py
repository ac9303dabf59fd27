"""A visit stays whose it was at its first run, whatever cookies come with a later one."""

from datetime import UTC, datetime

import pytest

from analytics.errors import NotAllowedError
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import hosting, saved, serving, sharing
from analytics.web import visits
from analytics.web.visits import House
from pages.shared import alert_settings, handing, session

EN = Translator("en")
FORGED = ("junkjunk", "junk.junk", "../x.junk", ".", "main.junk")


@pytest.fixture
def carry(monkeypatch):
    """Let the browser carry other cookies from now on."""

    def carried(**cookies):
        monkeypatch.setattr(session, "_cookie", lambda name: cookies.get(name, ""))

    return carried


@pytest.fixture(scope="module")
def links(house):
    """Two links of the first workspace and one of the other, as guests hold them."""
    hosted, held = hosting.settings(), []
    for room_id, days in (("main", 37), ("main", 38), (house[1], 39)):
        with hosting.open_room(hosted, room_id) as store:
            late = Scenario(lead_time_delay_days=days)
            saved.save(store, f"Late {days}", late)
            made = sharing.create(
                store, store, late, kind="live", hides_money=False, name=f"Late {days}"
            )
        held.append(hosting.enter_link(hosted, sharing.in_room(room_id, made.token)))
    return held


def as_member(held):
    return {serving.SESSION: held}


def as_guest(cookie):
    return {sharing.COOKIE: cookie}


def take(app):
    """Press what reads the first saved scenario, by its key, and puts it on the sliders."""
    return next(button for button in app.button if (button.key or "").startswith("take_"))


def days(app):
    return app.session_state["lead_time_delay_days"]


def shown(app):
    return [*app.metric, *app.dataframe, *app.slider, *app.header]


@pytest.mark.parametrize("forged", [*FORGED, "open link"])
def test_a_guests_cookie_opens_nothing_to_a_member_of_another_team(enter, carry, links, forged):
    app = enter("birch", "viewer", "delays", view="compare")
    before = days(app)
    cookie = links[0] if forged == "open link" else forged
    carry(**as_member(app.held), **as_guest(cookie))
    take(app).click().run()
    assert not shown(app)
    carry(**as_member(app.held))
    app.run()
    assert days(app) == before
    assert take(app)


def test_the_members_own_press_does_it(enter, links):
    app = enter("birch", "viewer", "delays", view="compare")
    take(app).click().run()
    assert days(app) == 39


def ask_everything():
    """Return what of the visit still answers, asked as a callback would."""
    answered = []
    for name, ask in {
        "own_store": session.own_store, "store": session.store, "seat": session.seat,
        "who": session.who, "plan": lambda: session.plan(Scenario()),
        "send": lambda: alert_settings._send(EN), "period": session.period,
    }.items():  # fmt: skip
        try:
            ask()
        except NotAllowedError:
            continue
        answered.append(name)
    return [*answered, *["may"] * _may()]


def _may():
    try:
        return session.may("viewer")
    except NotAllowedError:
        return False


@pytest.fixture
def visit(house, carry, visit):
    """Open the delay lab with cookies; return what goes on with others."""

    def opened(**cookies):
        carry(**cookies)
        return visit("overview")

    return opened


def press(app, asked):
    """Run a callback in the visit, as a press would; return what answered."""
    heard = []
    asked.append(lambda: heard.extend(ask_everything()))
    app.run()
    asked.clear()
    return heard


@pytest.fixture
def asked(monkeypatch):
    """What is done at the very start of a run, before the frame: where callbacks run."""
    waiting, begin = [], session.begin

    def begun():
        for one in waiting:
            one()
        return begin()

    monkeypatch.setattr(session, "begin", begun)
    return waiting


def test_a_guest_stays_the_guest_of_one_link(visit, carry, links, asked, enter):
    member = enter("aspen", "owner").held
    app = visit(**as_guest(links[0]))
    assert app.header[0].value == "Late 37"
    assert set(press(app, asked)) == {"own_store", "store", "plan", "period"}
    for others in (as_guest(links[1]), as_guest(links[2]), as_member(member), {},
                   *map(as_guest, FORGED)):  # fmt: skip
        carry(**others)
        assert press(app, asked) == [], others
        assert not shown(app), others
    carry(**as_guest(links[0]))
    app.run()
    assert app.header[0].value == "Late 37"


def test_a_member_stays_a_member_of_one_room(enter, carry, links, asked):
    other = enter("birch", "owner").held
    app = enter("aspen", "owner", "tiers")
    held = app.held
    assert "send" in press(app, asked)
    guests = [as_guest(cookie) for cookie in (links[0], links[2], "x")]
    for others in (as_member(other), {}, *guests, *(as_member(held) | guest for guest in guests)):
        carry(**others)
        assert press(app, asked) == [], others
        assert not shown(app), others


def test_whoever_carries_a_guests_cookie_is_a_guest(visit, links, enter, asked):
    """Also one of the team: they see what their guests see, until they leave."""
    held = enter("aspen", "owner").held
    app = visit(**as_member(held), **as_guest(links[0]))
    assert app.header[0].value == "Late 37"
    assert set(press(app, asked)) == {"own_store", "store", "plan", "period"}
    guard = House(hosting.settings())
    assert visits.knows(guard, as_member(held))
    assert visits.knows(guard, as_member(held) | as_guest(links[0]))
    for forged in FORGED:
        assert not visits.knows(guard, as_member(held) | as_guest(forged))


def test_a_message_is_sent_by_owners_alone(enter, house, asked):
    register, _ = house
    app = enter("aspen", "owner", "tiers")
    one = register.visitor(app.held, now=datetime.now(UTC))
    register.grant(one.session_id, "main", "editor", who="lead", now=datetime.now(UTC))
    app.session_state["looked_at"] = -1.0  # more than a moment ago
    assert "send" not in press(app, asked)


def test_a_guests_file_is_made_while_the_link_is_open(house, carry, links):
    carry(**as_guest(links[2]))
    made = handing.noted(lambda: b"file", "a.csv")
    assert made() == b"file"
    hosting.leave_link(hosting.settings(), links[2])
    with pytest.raises(NotAllowedError):
        made()
