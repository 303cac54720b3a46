"""Looks after answers whose process died: each server that has room takes over what others left."""

import asyncio
import logging

from application.use_cases.settle_answers import SettleAnswers
from entrypoints.api.answers import Answers

_log = logging.getLogger(__name__)
PERIOD_SECONDS = 2.0


async def keep_answers(settle: SettleAnswers, answers: Answers) -> None:
    """Settle what others left, every two seconds until cancelled."""
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        try:
            settled = await settle(answers)
        except Exception as error:
            _log.warning("abandoned answers wait: %s", type(error).__name__)
        else:
            if settled:
                _log.warning("settled %d abandoned answers", settled)
