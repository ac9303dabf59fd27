"""Who wants to know that a workspace changed, once its forecast is made: a server that runs."""

from collections.abc import Callable

from analytics.store import Store

Follower = Callable[[Store], None]

_followers: list[Follower] = []


def add(follower: Follower) -> None:
    """Have somebody told of every change from now on; it must neither wait nor raise."""
    _followers.append(follower)


def remove(follower: Follower) -> None:
    """Have them told of nothing more."""
    _followers.remove(follower)


def tell(store: Store) -> None:
    """Say that a workspace changed, to whoever wants to know; alone, nobody does."""
    for follower in tuple(_followers):
        follower(store)
