"""Imports point one way: settings, errors -> db, providers -> features -> app, cli."""

import ast
from pathlib import Path

import blogai

ROOT = Path(blogai.__file__).parent

BASE = {"settings", "errors", "secrets", "data_folder", "inputs", "cancellation"}
LOWER = {"db", "providers", "queue"}
FEATURES: dict[str, set[str]] = {
    "usage": set(),
    "brand": set(),
    "accounts": set(),
    "analytics": {"usage", "content", "tools"},
    "billing": {"usage"},
    "content": {"usage", "brand"},
    "templates": {"tools", "content", "usage"},
    "tools": {"content", "usage"},
    "conversations": {"content", "usage"},
    "remix": {"content", "usage"},
    "batch": {"content", "usage"},
    "images": {"content", "usage"},
}
"""For each feature, the features that it may import."""

ROOMS = {"routes", "pages", "commands", "jobs"}
"""The edges of a feature: no other feature may import them."""

TOP = {"app", "cli", "api", "worker", "local", "__main__", "doctor"}


def imports(path: Path) -> set[str]:
    """Names of the blogai modules that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.removeprefix("blogai.") for name in found if name.startswith("blogai.")}


def part(name: str) -> str:
    return name.split(".")[0]


def offences() -> list[str]:
    bad = []
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT).with_suffix("")
        here = relative.parts[0]
        for name in sorted(imports(path)):
            there = part(name)
            if there in (here, "__init__") or there in BASE:
                continue
            if here in BASE:
                bad.append(f"{relative}: {name} (settings and errors import nothing of ours)")
            elif here in LOWER and relative.name == "commands" and there == "terminal":
                continue
            elif here in LOWER and there not in LOWER:
                bad.append(f"{relative}: {name} (db and providers know no feature)")
            elif here == "web" and there in FEATURES:
                bad.append(f"{relative}: {name} (the page frame knows no feature)")
            elif here in FEATURES:
                if there in TOP:
                    bad.append(f"{relative}: {name} (a feature knows no edge of the program)")
                elif there in FEATURES and there not in FEATURES[here]:
                    bad.append(f"{relative}: {name} (features depend along usage <- content <- others)")
                elif there in FEATURES and len(name.split(".")) > 1 and name.split(".")[1] in ROOMS:
                    bad.append(f"{relative}: {name} (routes, pages, commands and jobs are private)")
    return bad


def test_imports_point_one_way() -> None:
    assert offences() == []


def test_the_rule_sees_an_offence(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("def f():\n    from blogai.content import routes\n")
    assert imports(sample) == {"content", "content.routes"}
