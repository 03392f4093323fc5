"""The house: who may import whom, where things belong, and how long they may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from flask import Flask

from tests.support.house import (
    ARROWS,
    FLOOR_ONE,
    ROOT,
    floor_of,
    functions,
    imports,
    modules,
    own_imports,
    reachable,
    room_of,
)

LONGEST = {"file": 250, "function": 40, "template": 120, "conftest": 120, "javascript": 60}
NAMES_FLASK = {"db", "people"}
# A thread that nobody else can start again goes on whatever happens in its turn.
OUTERMOST_LOOPS = {
    "sysmail/outbox/runner.py": ("run",),
    "sysmail/account/keeper.py": ("run",),
    "sysmail/jobs/runner.py": ("run", "_do"),
}


def test_nothing_is_imported_from_a_floor_above() -> None:
    wrong = [
        f"{found}: it stands on a floor above; hand the thing down as a parameter"
        for path in modules()
        for room, found in own_imports(path)
        if floor_of(room) > floor_of(room_of(path))
    ]
    assert wrong == []


def test_knowledge_flows_along_the_arrows_only() -> None:
    wrong = []
    for path in modules():
        here = room_of(path)
        for room, found in own_imports(path):
            if here in ARROWS and room in ARROWS and room != here and room not in reachable(here):
                wrong.append(f"{found}: no arrow leads from {here} to {room} (ARROWS in support)")
    assert wrong == []


def test_floor_one_rooms_know_only_each_other() -> None:
    small = {"clock", "words", "vault", "config"}
    wrong = [
        f"{found}: smtp and mime know nothing of settings or data"
        for path in modules()
        if room_of(path) in ("smtp", "mime")
        for room, found in own_imports(path)
        if room not in {room_of(path)} | small & {"clock", "words"}
    ]
    assert wrong == []


def test_arrows_make_no_circle() -> None:
    assert [room for room in ARROWS if room in reachable(room)] == []


def test_features_are_entered_by_their_front_door() -> None:
    """`from sysmail.outbox import post`, never `from sysmail.outbox.post import post`."""
    wrong = [
        f"{found}: import from sysmail.{room} what its __init__ offers"
        for path in modules()
        for room, found in own_imports(path)
        if room != room_of(path)
        and room in set(ARROWS) | {"smtp", "mime"}
        and found.target.count(".") > 1
    ]
    assert wrong == []


def test_only_screens_and_wiring_import_flask() -> None:
    wrong = [
        f"{found}: knowledge and wire do not know the web"
        for path in modules()
        if floor_of(room_of(path)) < 3 and room_of(path) not in NAMES_FLASK
        for found in imports(path)
        if re.match(r"flask|werkzeug|wtforms", found.target)
    ]
    assert wrong == []


def test_dangerous_libraries_stay_where_they_belong() -> None:
    allowed = {
        "smtplib": set(),
        "cryptography": {"vault.py", "mime/dkim.py", "smtp/tls.py"},
    }
    wrong = [
        f"{found}: {library} belongs in {sorted(places) or 'no file'}"
        for path in modules()
        for found in imports(path)
        for library, places in allowed.items()
        if found.target.split(".")[0] == library
        and str(path.relative_to(ROOT / "sysmail")) not in places
    ]
    assert wrong == []


def test_only_the_clock_reads_the_wall_clock() -> None:
    pattern = re.compile(r"datetime\.now|datetime\.utcnow|time\.time\(|date\.today")
    wrong = [
        f"{path.relative_to(ROOT)}: call sysmail.clock.now() instead"
        for path in modules()
        if path.name != "clock.py" and pattern.search(path.read_text())
    ]
    assert wrong == []


def test_files_and_functions_are_short() -> None:
    wrong = []
    for path in modules():
        lines = path.read_text().count("\n")
        if lines > LONGEST["file"]:
            wrong.append(f"{path.relative_to(ROOT)}: {lines} lines; give a part of it a name")
        for function in functions(path):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > LONGEST["function"]:
                wrong.append(f"{path.relative_to(ROOT)}: {function.name} has {length} lines")
    assert wrong == []


def test_templates_conftest_and_javascript_are_short() -> None:
    budgets = dict.fromkeys((ROOT / "templates").rglob("*.html"), LONGEST["template"])
    budgets |= dict.fromkeys((ROOT / "tests").rglob("conftest.py"), LONGEST["conftest"])
    wrong = [
        f"{path.relative_to(ROOT)} is longer than {most} lines"
        for path, most in budgets.items()
        if len(path.read_text().splitlines()) > most
    ]
    own = [path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts]
    script = sum(len(path.read_text().splitlines()) for path in own)
    if script > LONGEST["javascript"]:
        wrong.append(f"own JavaScript has {script} lines in all")
    assert wrong == []


def test_nothing_catches_everything() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} catches everything; name what may happen"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and not _is_outermost_loop(path, node.lineno)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
    ]
    assert wrong == []


def _is_outermost_loop(path: Path, line: int) -> bool:
    names = OUTERMOST_LOOPS.get(str(path.relative_to(ROOT)), ())
    loops = [found for found in functions(path) if found.name in names]
    return any(loop.lineno < line <= (loop.end_lineno or 0) for loop in loops)


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    theirs = ("security.", "static")
    wrong = [
        f"{rule}: put one guard of web/kit.py on {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(theirs)
        and not hasattr(app.view_functions[rule.endpoint], "_guard")
    ]
    assert wrong == []


def test_every_template_is_used() -> None:
    places = [*modules(), *(ROOT / "templates").rglob("*.html")]
    text = "\n".join(path.read_text() for path in places)
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        name = str(path.relative_to(ROOT / "templates"))
        if not _is_named(name, text):
            wrong.append(f"templates/{name} is used nowhere; delete it")
    assert wrong == []


def _is_named(name: str, text: str) -> bool:
    if name.startswith(("security/", "mail/", "errors/")):
        return True
    return f'"{name}"' in text or f"'{name}'" in text


def test_template_folders_mirror_the_pages() -> None:
    shared = {"components", "errors", "mail", "security"}
    pages = {path.name for path in (ROOT / "sysmail/web").iterdir() if path.is_dir()}
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - pages - shared == set()


def test_the_floors_cover_every_room() -> None:
    rooms = {room_of(path) for path in modules()}
    wiring = {"__init__", "backup", "cli", "run", "worker", "migrating", "demo", "web"}
    assert rooms - wiring - FLOOR_ONE - set(ARROWS) == set()


def test_tests_never_sleep_a_fixed_time() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if "time" + ".sleep(" in path.read_text()
    ]
    assert wrong == []


def test_what_the_readme_calls_by_name_is_there() -> None:
    named = re.findall(r"`(\w[\w./-]*/[\w./-]*|\w+\.py)`", (ROOT / "README.md").read_text())
    missing = [
        name for name in named if not any((top / name).exists() for top in (ROOT, ROOT / "sysmail"))
    ]
    assert len(named) > 20
    assert missing == []
