"""What a model takes, by its name. Source: Anthropic's pages on thinking, effort and migration."""

import re

_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:-(\d{1,2})(?!\d))?")
_NEWEST = (999, 0)  # a name without a number, or of another server's model
_ADAPTIVE = (4, 6)
_UNTEMPERED = (4, 7)
_THINKING = (3, 7)


def version(model: str) -> tuple[int, int]:
    """Return the version in a model's name."""
    found = _VERSION.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else _NEWEST


def takes_temperature(model: str) -> bool:
    """Tell whether the model lets its sampling be set; where nobody knows, the server says."""
    return "claude-" not in model or version(model) < _UNTEMPERED


def thinks_by_effort(model: str) -> bool:
    """Tell whether the model chooses how long it thinks, by a level of effort."""
    return version(model) >= _ADAPTIVE


def thinks_by_budget(model: str) -> bool:
    """Tell whether the model is given tokens to think with."""
    return _THINKING <= version(model) < _ADAPTIVE
