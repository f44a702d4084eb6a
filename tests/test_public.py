"""The public names: each one resolves, none hides a module, and the stub says the same."""

from __future__ import annotations

import pytest

import symdl
from symdl import _public
from tests.architecture.imports import ROOT, modules_of


@pytest.mark.parametrize("name", symdl.__all__)
def test_a_public_name_resolves(name):
    assert getattr(symdl, name) is not None
    assert name in dir(symdl)


def test_no_public_name_hides_a_module():
    inner = {module.split(".")[1] for module in modules_of(ROOT / "symdl") if "." in module}
    assert inner.isdisjoint(_public.PUBLIC)


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(AttributeError, match="Did you mean 'gradient_check'"):
        symdl.gradent_check  # noqa: B018


def test_the_stub_is_up_to_date():
    stub = ROOT / "symdl" / "__init__.pyi"
    assert stub.read_text(encoding="utf-8") == _public.stub_text(), "run `make stub`"
