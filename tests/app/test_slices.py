"""Work that is done a slice at a time, and what is owned of OpenGL."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from app.gl.owner import Owner, Sized
from app.work.slices import Slices, completed


def work(done: list[str], name: str, slices: int = 2) -> Generator[None, None, str]:
    try:
        for _ in range(slices):
            done.append(name)
            yield
        return name
    finally:
        done.append(f"{name} left")


def test_all_of_a_work_gives_what_it_returns() -> None:
    done: list[str] = []
    assert completed(work(done, "a")) == "a" and done == ["a", "a", "a left"]


def test_works_are_done_in_order_and_the_later_one_of_a_name_wins() -> None:
    done: list[str] = []
    slices = Slices(lambda: False)
    slices.begin("first", work(done, "a"))
    slices.begin("second", work(done, "b"))
    slices.advance()
    slices.begin("first", work(done, "c"))
    assert done == ["a", "a left"] and slices.busy and "second" in slices.works
    slices.advance(10.0)
    assert done[2:] == ["b", "b", "b left", "c", "c", "c left"] and not slices.busy


def test_nothing_is_done_while_another_thread_is_waited_for_and_an_error_ends_all() -> None:
    done: list[str] = []
    waiting = [True]
    slices = Slices(lambda: waiting[0])
    slices.begin("a", work(done, "a", 5))
    assert not slices.busy
    slices.advance(10.0)
    assert done == ["a"], "the first slice asks"
    slices.drop_all()

    def failing() -> Generator[None, None, None]:
        raise ValueError("of this test")
        yield

    slices.begin("b", failing())
    with pytest.raises(ValueError, match="of this test"):
        slices.advance()
    assert "b" not in slices.works


class _Part:
    def __init__(self, given_back: list[str], name: str) -> None:
        self._given_back, self._name = given_back, name

    def release(self) -> None:
        self._given_back.append(self._name)


def test_an_owner_gives_back_once_what_it_owns_the_latest_first() -> None:
    given_back: list[str] = []
    owner = Owner()
    sized = owner.own(Sized(lambda size: _Part(given_back, f"{size[0]}")))
    owner.own(_Part(given_back, "b"))
    assert sized.of((4, 3)) is sized.of((4, 3)) is sized.latest
    sized.of((5, 3))
    assert given_back == ["4"]
    owner.release()
    owner.release()
    assert given_back == ["4", "b", "5"]
