"""All prose runs: the Python blocks of the documents and the examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.architecture.imports import ROOT, modules_of

DOCUMENTS = sorted(
    path
    for pattern in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/**/*.md")
    for path in ROOT.glob(pattern)
)
MODULES = sorted(
    module
    for module, path in modules_of(ROOT / "symdl").items()
    if ">>> " in path.read_text(encoding="utf-8")
)
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A Python block and the number of lines above it."""

    above: int
    source: str


def blocks_of(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        yield Block(text[: match.start(1)].count("\n"), match[1])


def run_document(text: str, name: str) -> None:
    """Run the blocks in order and in one namespace; one that begins with >>> is a doctest."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks_of(text):
        if block.source.startswith(">>> "):
            run_dialogue(block, name, namespace)
        else:
            padded = "\n" * block.above + block.source
            exec(compile(padded, name, "exec"), namespace)


def run_dialogue(block: Block, name: str, namespace: dict[str, object]) -> None:
    examples = doctest.DocTestParser().get_doctest(block.source, namespace, name, name, block.above)
    runner = doctest.DebugRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(examples, clear_globs=False)
    namespace.update(examples.globs)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_document(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_run(module):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(importlib.import_module(module), optionflags=flags).failed == 0


def test_blocks_share_a_namespace():
    run_document("```python\nx = 1\n```\ntext\n```python\nassert x == 1\n```\n", "a.md")
    run_document("```python\nx = 1\n```\n```python\n>>> x\n1\n>>> y = 2\n```\n", "a.md")
    run_document("```python\n>>> x = 1\n```\n```python\nassert x == 1\n```\n", "a.md")


def test_blocks_of_other_languages_do_not_run():
    run_document("```\nnonsense(\n```\n```text\nnonsense(\n```\n", "a.md")


def test_a_failing_block_is_noticed_with_its_line():
    with pytest.raises(ZeroDivisionError) as caught:
        run_document("# Title\n\n```python\nx = 1\nx / 0\n```\n", "a.md")
    assert caught.traceback[-1].lineno == 4


@pytest.mark.parametrize("source", ["assert 1 == 2", "x = (", "raise ValueError"])
def test_any_failure_is_noticed(source):
    with pytest.raises((AssertionError, SyntaxError, ValueError)):
        run_document(f"```python\n{source}\n```\n", "a.md")


def test_a_wrong_answer_in_a_dialogue_is_noticed():
    with pytest.raises(doctest.DocTestFailure):
        run_document("```python\n>>> 1 + 1\n3\n```\n", "a.md")
