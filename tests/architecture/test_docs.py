"""The documents are held to the code: what they name exists, and what they count is counted so."""

import ast
import re
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import click
import pytest
from cryptography import x509
from litestar.handlers import HTTPRouteHandler

import ca.errors
import hsm_config.errors
import signer.errors
import store.errors
import verifier.errors
from api.audit.check import Break
from api.cli import COMMANDS, teken
from api.faces.desk.authorizing import AuthorizeController
from api.faces.public.controllers import PublicController
from api.faces.public.reading import as_sentence
from api.faces.public.wording import REASONS
from api.faces.rest.browser import docs
from api.metrics import Metrics
from api.permissions import ROLE_PERMISSIONS
from api.problems import every_problem
from api.settings import Settings
from ca.profiles import PROFILES
from signer.bulk.columns import COLUMNS
from signer.people import Role, StatusWord
from signer.revoking import REVOKERS
from store.attempts import SUSPEND_AT, WAIT_FROM
from tests.architecture.pages import EVERY_ROOM, PAGES, ROOT, anchor, fenced, name_of, prose, read, table
from tests.support.api_memory import memory_service, settings_in
from verifier.comparison import PAGES_LOOKED_AT, PAGES_SHOWN
from verifier.limits import MIB, Limits
from verifier.model import SubIndication
from verifier.worker import COMPARED_WIDTH, DOCUMENTS_PER_WORKER

WIDTH = 120
every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text(encoding="utf-8"))):
        if target.startswith("https://"):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in map(anchor, headings), target


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = rf"`((?:{'|'.join((*EVERY_ROOM, 'tests', 'benchmarks', 'requirements'))})/[\w./-]*)`"
    for path in re.findall(named, page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


@every_page
def test_every_command_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = [*fenced(text), *re.findall(r"`([^`\n]+)`", prose(text))]
    called = [match[1] for line in lines if (match := re.search(r"(?:\bteken|python -m api) ([a-z].*)", line))]
    called += [f"ceremony {match[1]}" for line in lines if (match := re.search(r"run --rm ceremony (.*)", line))]
    for call in called:
        _require_command([word.strip("`(),") for word in call.split()])


def _require_command(words: list[str]) -> None:
    assert words[0] in COMMANDS, words
    command = teken.get_command(click.Context(teken), words[0])  # type: ignore[attr-defined] - a group
    while isinstance(command, click.Group) and len(words) > 1 and not words[1].startswith("--"):
        assert words[1] in command.commands, words
        command, words = command.commands[words[1]], words[1:]
    assert command is not None
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, words


def test_the_changelog_names_every_command() -> None:
    text = " ".join(read("CHANGELOG.md").split())
    listed = re.search(r"The command `teken`: (.+?)\.", text)
    assert listed is not None
    assert listed[1].split(", ") == list(COMMANDS)


@every_page
def test_every_address_that_is_named_is_served(page: Path, served: frozenset[str]) -> None:
    named = re.findall(r"`(?:GET |POST )?(/[^`\s]*)`", page.read_text(encoding="utf-8"))
    ours = [
        path for path in named if re.match(r"/(v1|v|c|pki|oauth2|problems|docs|openapi|healthz|readyz|metrics)\b", path)
    ]
    for path in ours:
        exists = path in served or (path.endswith("/") and any(each.startswith(path) for each in served))
        assert exists, path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Every address of the service, with its parameters in braces."""
    app = memory_service(settings_in(tmp_path_factory.mktemp("served"))).app()
    shown = (*vars(PublicController).values(), *vars(AuthorizeController).values(), docs)
    pages = [each for each in shown if isinstance(each, HTTPRouteHandler)]
    paths = {route.path_format for route in app.routes} | {path for handler in pages for path in handler.paths}
    return frozenset(re.sub(r":\w+}", "}", path) for path in paths)


@every_page
def test_every_problem_that_is_named_exists(page: Path) -> None:
    for slug in re.findall(r"/problems/([a-z][a-z-]+)", page.read_text(encoding="utf-8")):
        assert slug in every_problem()


@every_page
def test_every_error_that_is_named_exists(page: Path) -> None:
    trees = (ca.errors, hsm_config.errors, signer.errors, store.errors, verifier.errors)
    known = {name for tree in trees for name in vars(tree)}
    endings = (
        "Refused|Unavailable|Unknown|Unusable|Locked|Wrong|TooWeak|Unsound|Objected|Prepared|Damaged|Misconfigured"
    )
    for name in re.findall(rf"`([A-Z][A-Za-z]*(?:{endings}))`", page.read_text(encoding="utf-8")):
        assert name in known


@every_page
def test_prose_fits_the_width(page: Path) -> None:
    for line in page.read_text(encoding="utf-8").splitlines():
        assert len(line) <= WIDTH or line.startswith("|"), line


def test_the_list_of_decisions_is_complete() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/decisions/README.md"))
    assert listed == sorted(path.name for path in (ROOT / "docs" / "decisions").glob("0*.md"))


def test_the_readme_names_every_room_and_both_commands() -> None:
    text = read("README.md")
    assert [row[0] for row in table(text, "room")] == [f"{room}/" for room in EVERY_ROOM]
    for command in ("start", "check"):
        assert f"\n./{command} " in text
        assert (ROOT / command).stat().st_mode & 0o111
    assert (ROOT / "docs/pictures/verification-page.png").stat().st_size < 150_000


def test_the_settings_page_has_every_key_and_its_default() -> None:
    written = {key: default for key, default, _ in table(read("docs/settings.md"), "key")}
    assert written == dict(_settings(Settings))


def _settings(shape: type[Any], prefix: str = "") -> Any:
    kinds = get_type_hints(shape)
    for each in fields(shape):
        if is_dataclass(kinds[each.name]):
            yield from _settings(kinds[each.name], f"{prefix}{each.name}.")
        else:
            made = each.default if each.default_factory is MISSING else each.default_factory()
            yield f"{prefix}{each.name}", _as_toml(made)


def _as_toml(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if default == {}:
        return "{}"
    if isinstance(default, tuple):
        return f"[{', '.join(map(_as_toml, default))}]"
    if isinstance(default, (str, Enum, Path)):
        return f'"{default.value if isinstance(default, Enum) else default}"'
    return {MISSING: "needed", None: "none"}.get(default, str(default))


def test_the_page_on_verifying_says_what_people_read() -> None:
    written = [tuple(row) for row in table(read("docs/verifying.md"), "sub-indication")]
    assert written == [
        (reason.name, reason.indication.value, *as_sentence(REASONS[reason])) for reason in SubIndication
    ]


def test_the_page_on_verifying_has_the_limits_as_they_are() -> None:
    counted, set_ = Limits(), get_type_hints(Settings)["verification"]()
    written = {row[0]: row[1] for row in table(read("docs/verifying.md"), "limit")}
    expected = {
        "document": f"{set_.max_document_bytes // MIB} MiB (`max_document_bytes`)",
        "time": f"{set_.seconds} s of clock (`seconds`), as much of processor",
        "memory": f"{set_.memory_mib} MiB of address space (`memory_mib`)",
        "waiting": f"{set_.queue} (`queue`) behind {set_.workers} processes (`workers`)",
        "documents for one process": f"{DOCUMENTS_PER_WORKER}",
        "signatures": f"{counted.signatures}",
        "revisions": f"{counted.revisions}",
        "objects": f"{counted.objects:,}",
        "pages": f"{counted.pages:,}",
        "one signature container": f"{counted.cms_bytes // MIB} MiB",
        "certificates in one container": f"{counted.certificates}",
        "CRLs and OCSP responses in one file": f"{counted.status_items}, together {counted.status_bytes // MIB} MiB",
        "entries of one list in the DSS": f"{4 * counted.status_items}",
        "pages compared": f"{PAGES_LOOKED_AT} looked at, {PAGES_SHOWN} shown, {COMPARED_WIDTH} pixels wide",
        "picture of a page": f"{counted.preview_width:,} pixels wide, {counted.preview_pixels:,} in all",
    }
    assert {name: value.replace("`", "") for name, value in written.items()} == {
        name: value.replace("`", "") for name, value in expected.items()
    }


def test_the_page_on_signing_has_every_reason_for_refusing_a_document() -> None:
    written = {word for row in table(read("docs/signing.md"), "reason") for word in re.findall(r"[a-z-]+", row[0])}
    assert written == _document_reasons()


def _document_reasons() -> set[str]:
    """What `signer` says when it refuses a document: the words in its calls."""
    reasons = set()
    for module in (ROOT / "signer").glob("*.py"):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id == "DocumentRefused":
                reasons |= {_text(each.value) for each in call.keywords if each.arg == "reason"}
            elif module.name == "intake.py" and call.func.id in ("_require", "_refused"):
                reasons.add(_text(call.args[1 if call.func.id == "_require" else 0]))
    return reasons - {""}


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_the_page_on_signing_counts_wrong_passphrases_as_the_store_does() -> None:
    words = {5: "fifth", 10: "tenth"}
    text = " ".join(read("docs/signing.md").split())
    assert f"From the {words[WAIT_FROM]} failure on" in text
    assert f"the {words[SUSPEND_AT]} suspends the credential" in text


def test_the_page_on_issuing_has_every_profile_and_its_life() -> None:
    written = {row[0]: row[1].split()[0] for row in table(read("docs/issuing.md"), "profile")}
    assert written == {str(profile): str(profile.validity.days) for profile in PROFILES}


def test_the_page_on_people_has_every_role_with_its_permissions() -> None:
    written = {row[0]: set(re.findall(r"[a-z]+:[a-z]+", row[2])) for row in table(read("docs/people.md"), "role")}
    assert written == {role.value: {str(each) for each in given} for role, given in ROLE_PERMISSIONS.items()}


def test_the_page_on_people_says_who_may_give_which_reason() -> None:
    written = {
        reason: set(row[1].split(", "))
        for row in table(read("docs/people.md"), "reason")
        for reason in row[0].split(", ")
    }
    roles = {role.value for role in Role}
    assert written == {
        reason.value: {str(each) for each in who} & roles
        for reason, who in REVOKERS.items()
        if reason is not x509.ReasonFlags.certificate_hold
    }


def test_the_page_on_people_has_every_status_word_and_every_column() -> None:
    text = read("docs/people.md")
    assert {row[0] for row in table(text, "word")} == {word.value for word in StatusWord}
    columns = {word for row in table(text, "column") for word in re.findall(r"\w+", row[0])}
    assert columns == {headings[0] for headings in COLUMNS.values()}


def test_the_page_on_audit_has_every_finding() -> None:
    written = {word for row in table(read("docs/audit.md"), "finding") for word in row[0].split(", ")}
    assert written == {kind.value for kind in Break}


def test_the_picture_has_every_job() -> None:
    composed = ast.walk(ast.parse(read("api/composition/jobs.py")))
    jobs = [_keyword(call, "name") for call in composed if isinstance(call, ast.Call) and _called(call) == "Job"]
    assert sorted(row[0] for row in table(read("docs/architecture.md"), "job (`api/composition/jobs.py`)")) == sorted(
        jobs
    )


def test_the_page_on_monitoring_has_every_metric_and_check() -> None:
    text = read("docs/operations/monitoring.md")
    exposed = Metrics(dict).text().decode()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", exposed, re.MULTILINE))
    metrics = {name for name in kinds if not name.endswith("_created")}
    assert {row[0] for row in table(text, "name")} == metrics
    modules = [ast.walk(ast.parse(read(name))) for name in ("api/composition/services.py", "api/health.py")]
    calls = [each for nodes in modules for each in nodes if isinstance(each, ast.Call)]
    checks = {_keyword(call, "name") for call in calls if _called(call) == "HealthCheck"} - {""}
    assert checks <= {row[0] for row in table(text, "check")}


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _keyword(call: ast.Call, name: str) -> str:
    return next((_text(each.value) for each in call.keywords if each.arg == name), "")
