"""What waits to be told, and for how long."""

from __future__ import annotations

from app.messages import NOTICE_SECONDS, Message, Messages


def test_errors_stay_in_order_until_they_are_dismissed() -> None:
    messages = Messages()
    messages.error("first")
    messages.error("second")
    assert messages.shown(1e9) == Message("first", "error") and messages.errors == 2
    assert messages.dismiss()
    assert messages.shown(1e9) == Message("second", "error")
    assert messages.dismiss() and not messages.dismiss()
    assert messages.shown(1e9) is None


def test_an_error_that_waits_is_not_repeated_but_may_come_again() -> None:
    messages = Messages()
    for text in ("a", "b", "a", "b", "b"):
        messages.error(text)
    assert messages.errors == 2
    messages.dismiss()
    messages.error("a")
    assert [messages.shown(0.0), messages.dismiss(), messages.shown(0.0)] == [
        Message("b", "error"),
        True,
        Message("a", "error"),
    ]


def test_the_error_that_is_shown_is_not_pushed_out_by_many_others() -> None:
    messages = Messages()
    for number in range(1000):
        messages.error(f"error {number}")
    assert messages.shown(0.0) == Message("error 0", "error") and messages.errors < 100


def test_notices_fade_and_the_latest_one_counts() -> None:
    messages = Messages()
    messages.notice("first", 10.0)
    messages.notice("second", 11.0)
    assert messages.shown(11.0 + NOTICE_SECONDS - 0.01) == Message("second", "info")
    assert messages.shown(11.0 + NOTICE_SECONDS) is None
    assert not messages.dismiss()


def test_an_error_comes_before_a_notice() -> None:
    messages = Messages()
    messages.notice("notice", 0.0)
    messages.error("error")
    assert [message.text for message in (messages.shown(1.0),) if message] == ["error"]
    messages.dismiss()
    assert messages.shown(1.0) == Message("notice", "info")
    assert messages.dismiss() and messages.shown(1.0) is None


def test_a_notice_that_no_longer_holds_is_taken_back_unless_another_came() -> None:
    messages = Messages()
    messages.notice("look around", 0.0)
    messages.withdraw("look around")
    assert messages.shown(0.0) is None
    messages.notice("saved", 0.0)
    messages.withdraw("look around")
    shown = messages.shown(0.0)
    assert shown is not None and shown.text == "saved"
