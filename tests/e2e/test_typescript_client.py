"""The client for JavaScript and TypeScript is the contract's, runs in Node against a running Spotter, and is packed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import playwright
import pytest

from clients import generate_typescript, pack
from tests.support.asking import KEY, send
from tests.support.contract import CONTRACT, operations
from tests.support.running import PATIENCE_SECONDS, RunningSpotter

_NODE: Final = Path(playwright.__file__).parent / "driver" / "node"
"""The one that Playwright brings along: the machine need have none."""

_CLIENTS: Final = Path(__file__).parents[2] / "clients"
_MADE: Final = _CLIENTS / "typescript"


_OF_THE_PLATFORM: Final = {
    *("AbortSignal", "ArrayBuffer", "Blob", "Error", "Headers", "HeadersInit", "Promise", "Uint8Array"),
    "Made",  # the parameter of a type
}
"""Types that the declarations name and do not declare."""


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    """A Spotter of these tests."""
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_API_KEY=KEY) as running:
        yield running


def _node(*arguments: str | Path, folder: Path | None = None) -> str:
    """What Node prints; fails where it fails."""
    variables = {**os.environ, "SPOTTER_API_KEY": KEY}
    done = subprocess.run(
        [_NODE, "--no-warnings", *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_what_the_contract_makes() -> None:
    """Whoever sees this fail has changed one of them: `make client`."""
    for name, text in generate_typescript.made_of(CONTRACT).items():
        assert (_MADE / name).read_text(encoding="utf-8") == text


def test_every_operation_is_a_method_and_every_schema_a_type_that_is_known() -> None:
    declared = (_MADE / "index.d.ts").read_text(encoding="utf-8")
    methods = set(re.findall(r"^  (\w+)\(parameters", declared, re.MULTILINE))
    wanted = {operation["operationId"] for _, _, operation in operations()}
    assert {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in methods} == wanted
    types = set(re.findall(r"^export type (\w+) = ", declared, re.MULTILINE))
    assert types == CONTRACT["components"]["schemas"].keys()


def test_the_example_logs_a_set_and_says_what_is_next(spotter: RunningSpotter) -> None:
    printed = _node(_CLIENTS / "example.mts", spotter.url, "ann")
    assert printed.startswith("version 1, appended\n2. ")
    assert re.search(r"^\d\. work: \d+(\.\d+)? kg$", printed, re.MULTILINE)


_LOSSES: Final = """
import { ProblemError, Spotter } from "CLIENT";
const [url, key] = process.argv.slice(1);
let losses = 2;
const lossy = async (...request) => {
  const answer = await fetch(...request);
  if (losses-- > 0) throw new TypeError("the reply is lost");
  return answer;
};
const set = { event_id: "a1", type: "set_logged", occurred_at: "2026-11-20T18:00:00Z",
  data: { exercise: "deadlift", load: { value: 102.5, unit: "kg" }, reps: 5 } };
const receipt = await new Spotter({ url: url + "/", key, fetch: lossy }).appendEvent({ lifter: "cy", body: set });
const spotter = new Spotter({ url, key });
const log = await spotter.listEvents({ lifter: "cy", exercise: "deadlift", limit: 5 });
const said = (error) => [error.name, error.problem?.status, error instanceof ProblemError];
const thrown = async (asked) => asked().then(() => "nothing", said);
const lines = await spotter.appendEvents({ body: JSON.stringify({ lifter: "eve", ...set }) + "\\n" });
const full = async () => new Response("busy", { status: 429, headers: { "Retry-After": "9999" } });
console.log(JSON.stringify({
  outcome: receipt.outcome, losses, loads: log.events.map(({ data }) => data.load.value),
  unknown: await thrown(() => spotter.getProfile({ lifter: "nobody" })),
  invalid: await thrown(() => spotter.appendEvent({ lifter: "cy", body: { ...set, event_id: "a2", data: {} } })),
  stranger: await thrown(() => new Spotter({ url, key: "none" }).listLifters()),
  astray: await thrown(() => spotter.getProfile({ lifter: ".." })),
  slash: await thrown(() => spotter.getProfile({ lifter: "a/../b" })),
  ended: await thrown(() => spotter.listLifters({}, { signal: AbortSignal.abort() })),
  full: await thrown(() => new Spotter({ url, key, fetch: full }).listLifters()),
  kept: await thrown(() => new Spotter({ url, key, fetch: lossy, patienceMs: 0 }).createTicket()),
  line: JSON.parse(lines).outcome, alive: (await spotter.getLiveness()).status,
  contract: (await spotter.getContract()).startsWith("openapi"),
  nothing: await spotter.revokeAllTokens({ lifter: "cy" }) === undefined,
}));
"""


def test_what_is_lost_is_sent_again_and_what_is_refused_is_thrown(spotter: RunningSpotter) -> None:
    script = _LOSSES.replace("CLIENT", (_MADE / "index.js").as_uri())
    said = json.loads(_node("--input-type=module", "-e", script, spotter.url, KEY))
    assert said == {
        "outcome": "already_appended",
        "losses": -1,
        "loads": [102.5],
        "unknown": ["NotFoundError", 404, True],
        "invalid": ["InvalidInputError", 422, True],
        "stranger": ["UnauthorizedError", 401, True],
        "astray": ["TypeError", None, False],
        "slash": ["NotFoundError", 404, True],
        "ended": ["AbortError", None, False],
        "full": ["ProblemError", None, True],
        "kept": "nothing",
        "line": "appended",
        "alive": "ok",
        "contract": True,
        "nothing": True,
    }
    assert len(json.loads(send(spotter, "GET", "/v1/lifters/cy/events").text)["events"]) == 1


def test_its_declarations_can_be_read_and_name_no_type_that_there_is_not() -> None:
    """What can be held of them where there is no compiler: Node's own reader takes them for TypeScript."""
    script = "require('node:module').stripTypeScriptTypes(require('node:fs').readFileSync(process.argv[1], 'utf8'))"
    _node("-e", script, _MADE / "index.d.ts")
    declared = (_MADE / "index.d.ts").read_text(encoding="utf-8")
    code = re.sub(r'/\*.*?\*/|"(?:[^"\\]|\\.)*"', "", declared, flags=re.DOTALL)
    known = set(re.findall(r"^export (?:declare )?(?:type|class|interface) (\w+)", code, re.MULTILINE))
    assert set(re.findall(r"\b[A-Z]\w*", code)) - known == _OF_THE_PLATFORM


@pytest.mark.skipif(shutil.which("tsc") is None, reason="types are checked where there is a TypeScript compiler")
def test_its_types_hold() -> None:
    options = ["--noEmit", "--strict", "--target", "esnext", "--module", "nodenext", "--lib", "esnext,dom"]
    subprocess.run(["tsc", *options, str(_MADE / "index.d.ts")], check=True)  # noqa: S607 - the machine's own


@pytest.mark.long
def test_the_packages_are_installed_in_an_empty_folder(
    spotter: RunningSpotter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack.main(tmp_path / "dist")
    (tarball,) = (tmp_path / "dist").glob("*.tgz")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert list((tmp_path / "dist").glob("*.tar.gz"))
    assert tarball.read_bytes() == pack.tarball(_MADE, tmp_path).read_bytes()
    empty = tmp_path / "empty"
    (empty / "node_modules").mkdir(parents=True)
    with tarfile.open(tarball) as archive:  # as npm unpacks it
        archive.extractall(empty / "node_modules", filter="data")
    (empty / "node_modules" / "package").rename(empty / "node_modules" / "spotter-client")
    example = (_CLIENTS / "example.mts").read_text(encoding="utf-8").replace("./typescript/index.js", "spotter-client")
    (empty / "example.mts").write_text(example, encoding="utf-8")
    assert _node("example.mts", spotter.url, "gus", folder=empty).startswith("version 1, appended\n")
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    uv = Path(sys.executable).with_name("uv")
    installing: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--offline",
        "--no-config",
        "--no-deps",
        "--python",
        environment / "bin" / "python",
    ]
    subprocess.run([*installing, wheel], check=True, capture_output=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    monkeypatch.setenv("SPOTTER_API_KEY", KEY)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    done = subprocess.run(
        [environment / "bin" / "python", _CLIENTS / "example.py", spotter.url, "hal"],
        cwd=empty,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("version 1, appended\n")
    licences = [*packages.glob("spotter_client-*.dist-info/licenses/LICENSE")]
    assert len(licences) == 1
