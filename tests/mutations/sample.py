"""`python -m tests.mutations.sample COUNT [TRIED]`: draw mutants with a seed, and print what comes of those not tried.

Run by a Python that has cosmic-ray, which is no dependency of this project; the tests run in its own `.venv`.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Final, NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT: Final = Path(__file__).parents[2]
SEED: Final = 12
AT_ONCE: Final = 2
LONGEST_S: Final = 150
"""More than twice as long as the slowest of these tests take where nothing is mutated."""
LONGEST_OF_ONE_S: Final = 60
FALLEN: Final = re.compile("(FAILED|ERROR) tests/")
NOT_DRAWN: Final = ("core/ReplaceBinaryOperator_BitOr", "core/Variable")
"""What is mutated in `str | None` is no code that runs; the others want names of variables."""

TESTS: Final = {
    "storage": "tests/storage",
    "bot/access": "tests/access tests/conversations/test_policy.py tests/conversations/test_grants.py",
    "bot/dispatch": "tests/dispatch tests/conversations/test_double_press.py tests/conversations/test_forms.py",
    "bot/stops": "tests/stops tests/conversations/test_stop.py tests/conversations/test_bulk.py",
}


class Mutant(NamedTuple):
    """The place of a mutation: the `occurrence` of an operator in a file."""

    path: str
    operator: str
    occurrence: int


def mutants() -> Iterator[Mutant]:
    """Yield every mutant of the four wings."""
    operators = {name: get_operator(name)() for name in operator_names() if not name.startswith(NOT_DRAWN)}
    for wing in TESTS:
        for file in sorted((ROOT / wing).rglob("*.py")):
            occurrences: Counter[str] = Counter()
            for node in ast_nodes(get_ast(file.read_text(encoding="utf-8"))):
                for name, operator in operators.items():
                    for _ in operator.mutation_positions(node):
                        yield Mutant(str(file.relative_to(ROOT)), name, occurrences[name])
                        occurrences[name] += 1


def outcome(trees: "SimpleQueue[Path]", mutant: Mutant) -> dict[str, object]:
    """Return what came of a mutant: `fell`, and the test that did, `survived`, `time-out`, or `no Python`."""
    tree = trees.get()
    file = tree / mutant.path
    source = file.read_text(encoding="utf-8")
    tests = next(tests for wing, tests in TESTS.items() if mutant.path.startswith(wing))
    mutated = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    if not is_python(mutated):
        trees.put(tree)
        return {**mutant._asdict(), "outcome": "no Python"}
    file.write_text(mutated, encoding="utf-8")
    own = f"test_{file.stem.lstrip('_')}.py"
    chosen = sorted(tests.split(), key=lambda each: not each.endswith(own))
    first = [str(each.relative_to(tree)) for folder in chosen for each in (tree / folder).rglob(own)]
    command = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider"]
    command.append(f"--timeout={LONGEST_OF_ONE_S}")
    try:
        for these in filter(None, (first, chosen)):
            ended, said = run([*command, *these], tree)
            if ended:
                fallen = next(filter(FALLEN.match, said.splitlines()), "")
                return {**mutant._asdict(), "outcome": "fell", "test": fallen.partition(" - ")[0]}
    except subprocess.TimeoutExpired:
        return {**mutant._asdict(), "outcome": "time-out"}
    else:
        return {**mutant._asdict(), "outcome": "survived"}
    finally:
        file.write_text(source, encoding="utf-8")
        trees.put(tree)


def _place(mutant: Mutant) -> str:
    """Return the place of a mutant in the draw, which a change of other files does not move."""
    return hashlib.sha256(f"{SEED} {mutant}".encode()).hexdigest()


def is_python(source: str) -> bool:
    """Return whether it compiles: cosmic-ray takes the mark of named parameters for an operator, too."""
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def run(command: list[str], tree: Path) -> tuple[int, str]:
    """Return the exit code and the output of a command; kill it with all that it started after the longest time."""
    ran = subprocess.Popen(  # noqa: S603 - our own words
        command, cwd=tree, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = ran.communicate(timeout=LONGEST_S)
    finally:
        if ran.returncode is None:
            os.killpg(ran.pid, signal.SIGKILL)
            ran.communicate()
    return ran.returncode, said


def main() -> None:
    """Print the outcomes of as many mutants as are asked for."""
    wanted, tried = (*map(int, sys.argv[1:]), 0)[:2]
    drawn = sorted(everyone := list(mutants()), key=_place)[tried:wanted]
    print(json.dumps({"mutants": len(everyone), "drawn": len(drawn)}), flush=True)  # noqa: T201 - for who runs it
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as at_once:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            tree = Path(folder) / str(number)
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__"))
            trees.put(tree)
        for each in at_once.map(partial(outcome, trees), drawn):
            print(json.dumps(each), flush=True)  # noqa: T201 - for who runs it


if __name__ == "__main__":
    main()
