"""What the stand-in for Pinecone holds: namespaces that show their writes after a while."""

import json
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import mul
from typing import Any

NAME_LIMIT = 512
_RECORDS = 1_000
_METADATA_BYTES = 40 * 1024
_TOP_K = 10_000
_IN_VALUES = 10_000


class Refused(Exception):
    """An answer with an error status; `code` is that of gRPC."""

    def __init__(self, message: str, *, status: int = 400, code: int = 3) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class NoNamespace(Refused):
    """The answer for a namespace that does not exist."""

    def __init__(self) -> None:
        super().__init__("Namespace not found", status=404, code=5)


@dataclass
class Record:
    """A vector at unit length, and what is known of it."""

    values: list[float]
    metadata: dict[str, Any]


@dataclass
class Held:
    """A namespace: what can be seen, and the writes that cannot yet."""

    seen: dict[str, Record] = field(default_factory=dict)
    waiting: deque[tuple[float, int, Callable[["Held"], None]]] = field(default_factory=deque)
    written: int = 0
    indexed: int = 0
    gone: bool = False

    def catch_up(self) -> None:
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, self.indexed, change = self.waiting.popleft()
            change(self)


class Store:
    """The records of one index."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.lag = 0.0
        self._held: dict[str, Held] = {}

    def check_upsert(self, body: dict[str, Any]) -> None:
        vectors = body.get("vectors") or []
        if not 1 <= len(vectors) <= _RECORDS:
            raise Refused(f"Request must contain 1 to {_RECORDS} vectors, got {len(vectors)}")
        _check_name(body.get("namespace", ""))
        if len({one["id"] for one in vectors}) != len(vectors):
            raise Refused("Duplicate ids in one request")
        for one in vectors:
            _check_id(one["id"])
            self._check_values(one["values"])
            if not any(one["values"]):
                raise Refused("Dense vectors must contain at least one non-zero value")
            if len(json.dumps(one.get("metadata") or {})) > _METADATA_BYTES:
                raise Refused("Metadata size exceeds the limit of 40960 bytes per vector")

    def upsert(self, body: dict[str, Any]) -> int:
        new = {
            one["id"]: Record(_unit(one["values"]), one.get("metadata") or {})
            for one in body["vectors"]
        }
        return self._write(body.get("namespace", ""), lambda held: held.seen.update(new))

    def delete(self, body: dict[str, Any]) -> int:
        name, ids = body.get("namespace", ""), body.get("ids")
        if sum((bool(ids), bool(body.get("deleteAll")), bool(body.get("filter")))) != 1:
            raise Refused("Exactly one of ids, deleteAll and filter is to be given")
        if ids and len(ids) > _RECORDS:
            raise Refused(f"Delete request must contain at most {_RECORDS} ids")
        for one in ids or ():
            _check_id(one)
        self._existing(name)

        def change(held: Held) -> None:
            for key in list(held.seen) if ids is None else ids:
                record = held.seen.get(key)
                if record and _matches(record.metadata, body.get("filter")):
                    del held.seen[key]

        return self._write(name, change)

    def delete_namespace(self, name: str) -> None:
        self._existing(name)

        def change(held: Held) -> None:
            held.gone = True

        self._write(name, change)

    def query(self, body: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
        top_k, values = body.get("topK", 0), body.get("vector")
        if not 1 <= top_k <= _TOP_K:
            raise Refused(f"topK must be between 1 and {_TOP_K}")
        self._check_values(values)
        _check_filter(body.get("filter"))
        self._catch_up()
        held = self._held.get(body.get("namespace", ""))
        if held is None:
            return [], 0
        direction = _unit(values)
        scores = sorted(
            (-sum(map(mul, direction, record.values)), key)
            for key, record in held.seen.items()
            if _matches(record.metadata, body.get("filter"))
        )
        found = [{"id": key, "score": -score, "values": []} for score, key in scores[:top_k]]
        return found, held.indexed

    def ids(self, name: str, prefix: str) -> list[str]:
        self._catch_up()
        held = self._held.get(name)
        return sorted(key for key in held.seen if key.startswith(prefix)) if held else []

    def counts(self) -> dict[str, int]:
        self._catch_up()
        return {name: len(held.seen) for name, held in self._held.items() if held.indexed}

    def _write(self, name: str, change: Callable[[Held], None]) -> int:
        held = self._held.setdefault(name, Held())
        held.written += 1
        held.waiting.append((time.monotonic() + self.lag, held.written, change))
        return held.written

    def _existing(self, name: str) -> Held:
        self._catch_up()
        if name not in self._held:
            raise NoNamespace
        return self._held[name]

    def _catch_up(self) -> None:
        for name, held in list(self._held.items()):
            held.catch_up()
            if held.gone:
                del self._held[name]

    def _check_values(self, values: Any) -> None:
        if not isinstance(values, list) or not all(isinstance(x, float | int) for x in values):
            raise Refused("Invalid value for 'values'")
        if len(values) != self.dimension:
            raise Refused(
                f"Vector dimension {len(values)} does not match the dimension of the index "
                f"{self.dimension}"
            )


def _check_name(name: str) -> None:
    if len(name) > NAME_LIMIT or not name.isascii() or "\0" in name:
        raise Refused("Invalid namespace")


def _check_id(key: str) -> None:
    if not 1 <= len(key) <= NAME_LIMIT or not key.isascii() or "\0" in key:
        raise Refused("Vector ID must be 1 to 512 ASCII characters")


def _check_filter(condition: dict[str, Any] | None) -> None:
    for test in (condition or {}).values():
        [(operator, wanted)] = test.items()
        if operator not in ("$eq", "$in"):
            raise Refused(f"Invalid filter operator {operator}")
        if operator == "$in" and not 1 <= len(wanted) <= _IN_VALUES:
            raise Refused(f"$in takes 1 to {_IN_VALUES} values")


def _matches(metadata: dict[str, Any], condition: dict[str, Any] | None) -> bool:
    for name, test in (condition or {}).items():
        [(operator, wanted)] = test.items()
        if metadata.get(name) not in (wanted if operator == "$in" else [wanted]):
            return False
    return True


def _unit(values: list[float]) -> list[float]:
    length = math.hypot(*values) or 1.0
    return [value / length for value in values]
