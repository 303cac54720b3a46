"""What a tenant has, and ids of nothing."""

from integration.api.client import Client

SECRET = "The vault code of the harbour office is 4711."  # pragma: allowlist secret
ABSENT = "00000000000000000000000000"


async def estate(ada: Client) -> dict[str, str]:
    """Make one thing of every kind and return their ids by path parameter."""
    bot = await ada.bot(system_prompt=SECRET)
    document = await ada.text(bot, SECRET)
    await ada.post(f"/bots/{bot}/versions")
    answer = await ada.ask(bot, "What is the vault code of the harbour office?")
    assert "4711" in answer["content"]
    return {
        "bot_id": bot,
        "document_id": document,
        "conversation_id": answer["conversation_id"],
        "message_id": answer["id"],
        "number": "1",
    }


def absent(value: str) -> str:
    """Return an id of the same kind that names nothing."""
    prefix, _, suffix = value.partition("_")
    return f"{prefix}_{ABSENT}" if suffix else value
