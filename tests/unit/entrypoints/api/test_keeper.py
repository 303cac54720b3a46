"""The keeper of a server's answers looks again and again, whatever a look meets."""

import asyncio
from typing import cast

import pytest

from application.use_cases.settle_answers import SettleAnswers, Writers
from domain.errors import DependencyUnavailable
from entrypoints.api import keeper
from entrypoints.api.answers import Answers
from unit.entrypoints.api.test_answers import Writer, answers_of


async def test_a_server_looks_for_abandoned_answers_for_as_long_as_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeper, "PERIOD_SECONDS", 0.001)
    answers, looks = answers_of(Writer(), 1), asyncio.Queue[Writers | None]()
    errors = iter([None, DependencyUnavailable(), RuntimeError("out of shape")])

    async def settle(writers: Writers | None = None) -> int:
        looks.put_nowait(writers)
        if error := next(errors, None):
            raise error
        return 1

    keeping = asyncio.create_task(keeper.keep_answers(cast(SettleAnswers, settle), answers))
    async with asyncio.timeout(5):
        assert [await looks.get() for _ in range(5)] == [answers] * 5
    keeping.cancel()
    await asyncio.wait([keeping])
    assert keeping.cancelled()


def _room(answers: Answers) -> bool:
    return answers.has_room()


async def test_a_server_takes_over_what_it_has_room_for_and_nothing_when_it_ends() -> None:
    answers = answers_of(Writer(), 1)
    assert _room(answers)
    with answers.room():
        assert not _room(answers)
    assert _room(answers)
    answers.departure.begin()
    assert not _room(answers)
