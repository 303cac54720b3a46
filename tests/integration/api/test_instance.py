"""What an installation is, and its models, over HTTP."""

from importlib.metadata import version
from typing import Any

from integration.api.client import Client, Contract
from integration.api.keys import member
from integration.api.service import MAX_UPLOAD_MB
from standins.openai_server import OpenAIServer

OWN_KEY = "sk-ada-0123456789-abcdefgh"  # pragma: allowlist secret


async def models(client: Client) -> dict[str, Any]:
    found = (await client.get("/models")).json["data"]
    return {choice["id"]: choice for choice in found}


async def test_anyone_learns_what_forms_need_to_know(anyone: Client) -> None:
    told = (await anyone.get("/instance")).json
    kinds = {kind["suffix"]: kind["media_type"] for kind in told.pop("media_types")}
    assert kinds[".pdf"] == "application/pdf"
    assert kinds[".md"] == "text/markdown"
    assert told == {
        "name": "ChatSphere",
        "version": version("chatsphere"),
        "registration": "open",
        "email_verification": False,
        "oidc": {"enabled": False, "name": ""},
        "max_upload_bytes": MAX_UPLOAD_MB * 2**20,
    }


async def test_models_tell_whether_they_can_be_had(ada: Client, model: OpenAIServer) -> None:
    found = await models(ada)
    assert next(iter(found)) == "extractive/default"
    assert found["extractive/default"] == {
        "id": "extractive/default",
        "provider": "extractive",
        "name": "default",
        "configured": True,
        "provided_by": "installation",
        "local": True,
        "default": True,
        "capabilities": [],
    }
    openai = found["openai/gpt-5-mini"]
    assert (openai["configured"], openai["provided_by"]) == (True, "installation")
    assert "tools" in openai["capabilities"]
    gemini = found["gemini/gemini-3.5-flash-lite"]
    assert (gemini["configured"], gemini["provided_by"]) == (False, None)
    assert not any(name.startswith("langchain/") for name in found)  # no key would do


async def test_a_workspaces_own_key_and_default_count_for_it_alone(
    ada: Client, eve: Client, own_model: OpenAIServer
) -> None:
    own = {"api_key": OWN_KEY, "base_url": own_model.base_url}
    await ada.put("/provider_credentials/openai", own)
    workspace = f"/workspaces/{ada.account['workspace']['id']}"
    await ada.patch(workspace, {"default_model": "openai/stand-in"})
    found = await models(ada)
    assert [name for name, choice in found.items() if choice["default"]] == ["openai/stand-in"]
    assert found["openai/stand-in"]["provided_by"] == "workspace"
    assert not found["extractive/default"]["default"]
    assert (await models(eve))["openai/gpt-5-mini"]["provided_by"] == "installation"


async def test_a_model_that_is_offered_can_be_chosen(ada: Client, model: OpenAIServer) -> None:
    for name, choice in (await models(ada)).items():
        bot = {"name": "A bot", "configuration": {"llm_model": name}}
        assert (await ada.post("/bots", bot)).status == (201 if choice["configured"] else 422), name


async def test_viewers_see_the_models(ada: Client, contract: Contract) -> None:
    async with member(ada, contract, "viewer") as viewer:
        assert "extractive/default" in await models(viewer)
