"""What `symdl.nn` offers."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl import nn
from symdl.language.scalars import CATALOGUE


@pytest.mark.parametrize("name", dir(nn))
def test_every_name_resolves(name):
    assert getattr(nn, name) is not None


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_scalar_function_is_an_activation(name):
    assert getattr(nn, name) is getattr(sd, name)


def test_no_name_hides_a_module():
    folder = {path.stem for path in __import__("pathlib").Path(nn.__path__[0]).glob("*.py")}
    assert folder & set(nn.__all__) == {"init"}


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(AttributeError, match="Did you mean 'batch_norm'"):
        nn.batchnorm  # noqa: B018
