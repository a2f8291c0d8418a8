import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qa_service

PACKAGE = Path(qa_service.__file__).parent
ROOT = PACKAGE.parent
_COMMANDS = (
    "__init__",
    "asking",
    "checking",
    "console",
    "doctoring",
    "feedback",
    "indexes",
    "measuring",
    "wiring",
)
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}


def imports(path: Path) -> Iterator[str]:
    """The dotted names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_a_module_imports_only_from_rows_below_it() -> None:
    # In a process of its own: it switches off the loggers there are.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_read_in_one_go(name: str) -> None:
    assert len(MODULES[name].read_text().splitlines()) <= 350


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("faiss", {"stores/vectors.py"}),
        ("sqlite3", {"stores/local.py", "stores/writing.py", "feedback.py"}),
        ("tantivy", {"lexical.py"}),
        ("sentence_transformers", {"models/torch.py"}),
        ("transformers", {"models/torch.py"}),
        ("torch", {"models/torch.py"}),
        ("onnxruntime", {"models/onnx.py"}),
        ("sentencex", {"sentences.py"}),
        ("py3langid", {"languages.py"}),
        ("yaml", {"corpus/front_matter.py"}),
        ("pypdfium2", {"corpus/pdf.py"}),
        ("charset_normalizer", {"corpus/decoding.py"}),
        ("jinja2", {"report.py"}),
        ("filelock", {"snapshot.py"}),
        ("fcntl", {"builds.py"}),
        ("watchfiles", {"web/watching.py"}),
        ("pydantic_settings", {"settings.py"}),
        ("sklearn", {"reader/fitting.py"}),
        ("typer", {f"cli/{part}.py" for part in _COMMANDS}),
        ("training", set()),
    ],
)
def test_a_library_has_one_home(library: str, homes: set[str]) -> None:
    found = {
        name
        for name, path in MODULES.items()
        if library in {imported.split(".")[0] for imported in imports(path)}
    }
    assert found == homes


def test_only_settings_read_the_environment() -> None:
    readers = {
        name
        for name, path in MODULES.items()
        if {"environ", "getenv", "getenvb", "environb"}
        & {getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(ast.parse(path.read_text()))}
        or {"os.environ", "os.getenv"} & set(imports(path))
    }
    assert readers <= {"__init__.py", "settings.py"}
