"""Nobody is inside while the file is changed for another, however awkwardly they leave."""

import threading

import duckdb

from analytics.store.gate import Gate


class Leaving:
    """A cursor that is closed already, and still on the list of guests."""

    def __init__(self):
        self.asked = threading.Event()

    def interrupt(self):
        self.asked.set()
        raise duckdb.ConnectionException("Connection already closed!")


def test_who_is_on_the_way_out_is_waited_for():
    gate, guest, inside = Gate(), Leaving(), threading.Event()

    def visit():
        with gate.passed(lambda: guest):
            inside.set()
            guest.asked.wait(10)

    thread = threading.Thread(target=visit)
    thread.start()
    inside.wait(10)
    with gate.emptied(10) as is_empty:
        assert is_empty
    thread.join()
