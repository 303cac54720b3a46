"""The part of the composition root for conversations and what people say of the answers in them."""

from typing import Any

from dependency_injector import containers, providers

from application.use_cases.conversations import (
    DeleteConversation,
    RenameConversation,
    StartConversation,
)
from application.use_cases.feedback import GiveFeedback, WithdrawFeedback

Single = providers.Singleton


class ConversationsContainer(containers.DeclarativeContainer):
    """Copied into Container, whose parts take the places of the dependencies that are named here."""

    clock: Any = providers.Dependency()
    units: Any = providers.Dependency()

    start_conversation = Single(StartConversation, units, clock)
    rename_conversation = Single(RenameConversation, units, clock)
    delete_conversation = Single(DeleteConversation, units)
    give_feedback = Single(GiveFeedback, units, clock)
    withdraw_feedback = Single(WithdrawFeedback, units)
