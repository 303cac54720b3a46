"""LangChain in a process of its own: it is imported when it is used, and reports to nobody."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BUILD = """
import sys
from pathlib import Path
from adapters.langchain import plugin
from application.ports.embedder import Embedder
from application.ports.plugins import Context

context = Context(Path("."), resources={Embedder: lambda: embedder})
embedder = plugin.embedder.build(plugin.EmbedderOptions("a.b:c", "words", 64), context)
model = plugin.chat_model.build(
    plugin.ChatModelOptions("support.langchain_parts:ScriptedModel"), context
)
plugin.vector_index.build(plugin.VectorIndexOptions("a.b:c"), context)
heavy = {"langchain_core", "langsmith", "requests", "numpy"} & set(sys.modules)
assert not heavy, heavy
"""

_USE = """
import asyncio, socket, threading

connected = []
socket.socket.connect = lambda self, address: connected.append(address)
socket.getaddrinfo = lambda host, *_, **__: connected.append(host) or []

from application.ports.chat_model import ChatRequest, Role, ToolCall, Turn

async def use():
    request = ChatRequest("default", [Turn(Role.USER, "Hello?")], "Hello?")
    async for item in model.stream(request):
        print(item)
    from adapters.langchain.tool import LangChainTool
    from support.langchain_parts import get_weather
    print(await LangChainTool(get_weather).call(ToolCall("1", "get_weather", {"city": "Rome"})))
    await asyncio.sleep(0.3)

asyncio.run(use())
assert connected == [], connected
left = [one.name for one in threading.enumerate() if one is not threading.main_thread()]
assert left == [], left
"""


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_building_imports_nothing_of_langchain() -> None:
    done = run(_BUILD)
    assert done.returncode == 0, done.stderr


def test_nothing_is_reported_whatever_the_environment_says() -> None:
    done = run(
        _BUILD + _USE,
        LANGSMITH_TRACING="true",
        LANGCHAIN_TRACING_V2="true",
        LANGSMITH_API_KEY="ls-test",  # pragma: allowlist secret
        LANGSMITH_ENDPOINT="http://127.0.0.1:9",
    )
    assert done.returncode == 0, done.stderr
    assert "Finish(" in done.stdout
    assert "21.5 degrees in Rome" in done.stdout


def test_the_tracing_of_old_is_refused_with_a_sentence() -> None:
    done = run(_BUILD + _USE, LANGCHAIN_TRACING="true")
    assert done.returncode != 0
    assert "ModelRefused: LangChain takes no call while LANGCHAIN_TRACING" in done.stderr
