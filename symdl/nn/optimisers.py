"""Optimisers: the next parameters as expressions in the present ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from symdl.language import operators as op
from symdl.language.declare import tensor
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.tensor import Tensor

Tree = Any  # a tensor, or a dict, list or tuple of trees


def sgd(
    parameters: Tree,
    gradients: Tree,
    velocities: Tree = None,
    *,
    learning_rate: Any,
    momentum: Any = 0,
    nesterov: bool = False,
) -> tuple[Tree, Tree]:
    r"""Take one step of stochastic gradient descent with momentum.

    .. math:: v' = \mu v + g, \qquad
              p' = p - \eta v' \quad\text{or, after Nesterov,}\quad p' = p - \eta (g + \mu v')

    The learning rate stands outside the velocity, as in torch.

    Parameters
    ----------
    parameters : Tensor, or a dict, list or tuple of them (nested too)
        p.
    gradients : like `parameters`
        g, of the same shapes.
    velocities : like `parameters`, optional
        v, zeros at first; `velocities` declares them. Needed with momentum only.
    learning_rate : float or scalar tensor
        η.
    momentum : float or scalar tensor
        μ.
    nesterov : bool
        Whether to look ahead.

    Returns
    -------
    tuple
        The new parameters and the new velocities, each like `parameters`; without velocities
        the second is None.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl, G. Hinton, On the importance of initialization and momentum
    in deep learning, ICML 2013, eq. 1 to 4; torch.optim.SGD.
    """
    if velocities is None:
        if nesterov or not (isinstance(momentum, int) and momentum == 0):
            raise SymdlError("sgd: momentum needs velocities; nn.velocities declares them")
        return _zipped(lambda p, g: p - learning_rate * g, parameters, gradients), None
    moving = _zipped(lambda v, g: momentum * v + g, velocities, gradients)
    ahead = moving
    if nesterov:
        ahead = _zipped(lambda g, v: g + momentum * v, gradients, moving)
    return _zipped(lambda p, v: p - learning_rate * v, parameters, ahead), moving


def velocities(parameters: Tree) -> Tree:
    """Declare a velocity for each parameter, W's as an input named `velocity_W`.

    Parameters
    ----------
    parameters : Tensor, or a dict, list or tuple of them (nested too)
        The parameters.

    Returns
    -------
    like `parameters`
    """
    return _zipped(lambda p: tensor(f"velocity_{p.said}", *p.shape), parameters)


def adam(
    parameters: Tree,
    gradients: Tree,
    moments: Moments,
    *,
    learning_rate: Any = 1e-3,
    beta1: Any = 0.9,
    beta2: Any = 0.999,
    epsilon: Any = 1e-8,
) -> tuple[Tree, Moments]:
    r"""Take one step of Adam.

    .. math:: m' = \beta_1 m + (1 - \beta_1) g, \qquad v' = \beta_2 v + (1 - \beta_2) g^2,
    .. math:: p' = p - \eta \frac{m' / (1 - \beta_1^{t'})}
                                  {\sqrt{v' / (1 - \beta_2^{t'})} + \epsilon}

    with t' = t + 1.

    Parameters
    ----------
    parameters : Tensor, or a dict, list or tuple of them (nested too)
        p.
    gradients : like `parameters`
        g, of the same shapes.
    moments : Moments
        m, v and t, zeros at first; `moments` declares them.
    learning_rate, beta1, beta2, epsilon : float or scalar tensor
        η, β₁, β₂ and ε.

    Returns
    -------
    tuple
        The new parameters, like `parameters`, and the new moments.

    References
    ----------
    D. Kingma, J. Ba, Adam: A method for stochastic optimization, ICLR 2015, algorithm 1;
    torch.optim.Adam.
    """
    steps = moments.steps + 1
    first = _zipped(lambda m, g: beta1 * m + (1 - beta1) * g, moments.first, gradients)
    second = _zipped(lambda v, g: beta2 * v + (1 - beta2) * g**2, moments.second, gradients)
    scale1, scale2 = 1 - beta1**steps, 1 - beta2**steps
    new = _zipped(
        lambda p, m, v: p - learning_rate * (m / scale1) / ((v / scale2) ** 0.5 + epsilon),
        parameters, first, second)
    return new, Moments(first, second, steps)


class Moments(NamedTuple):
    """What Adam remembers: means of gradients and of their squares, and the number of steps."""

    first: Tree
    second: Tree
    steps: Tensor


def moments(parameters: Tree) -> Moments:
    """Declare Adam's memory: W's as inputs `first_W` and `second_W`, and the number `steps`.

    Parameters
    ----------
    parameters : Tensor, or a dict, list or tuple of them (nested too)
        The parameters.

    Returns
    -------
    Moments
        `first` and `second` are like `parameters`.
    """
    first = _zipped(lambda p: tensor(f"first_{p.said}", *p.shape), parameters)
    second = _zipped(lambda p: tensor(f"second_{p.said}", *p.shape), parameters)
    return Moments(first, second, tensor("steps"))


def _zipped(function: Callable[..., Tensor], first: Tree, *rest: Tree) -> Tree:
    """Apply a function to the tensors that stand at the same places."""
    for other in rest:
        if not _alike(first, other):
            raise SymdlError(f"optimiser: {_said(first)} and {_said(other)} aren't built alike")
    if isinstance(first, dict):
        return {key: _zipped(function, first[key], *(r[key] for r in rest)) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)(_zipped(function, *branch) for branch in zip(first, *rest, strict=True))
    leaves = [op.as_tensor(x) for x in (first, *rest)]
    for leaf in leaves[1:]:
        if leaf.shape != leaves[0].shape:
            raise ShapeError(
                f"optimiser: {leaves[0].said} is {shape_text(leaves[0].shape)} but its partner is "
                f"{shape_text(leaf.shape)}"
            )
    return function(*leaves)


def _alike(a: Tree, b: Tree) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys()
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b)
    return not isinstance(b, (dict, list, tuple))


def _said(tree: Tree) -> str:
    if isinstance(tree, dict):
        return f"a dict of {', '.join(map(str, tree))}"
    if isinstance(tree, (list, tuple)):
        return f"a {type(tree).__name__} of {len(tree)}"
    return f"the tensor {op.as_tensor(tree).said}"
