"""Second derivatives of random programs: forward mode against reverse mode."""

from __future__ import annotations

import numpy as np

from symdl.calculus.gradient import grad
from symdl.calculus.jacobian import hessian
from symdl.calculus.tangent import hvp, jvp
from symdl.evidence.compare import compare_arrays
from symdl.kernels.oracle import oracle
from symdl.language.tensor import Variable
from tests.fuzz.check import LOOSE, Failure
from tests.fuzz.program import Program

LARGEST = 60


def second_order(p: Program) -> Failure | None:
    """Compare ⟨∇, v⟩ with J v, and the Hessian times v with the derivative of ∇ along v.

    A Hessian is formed if it has at most `LARGEST` rows.
    """
    scope = p.build()
    loss, wrt = scope[p.loss], [scope[name] for name in p.wrt]
    directions = [Variable.make(f"v_{k}", x.shape) for k, x in enumerate(wrt)]
    roots = [jvp(loss, wrt, directions), *grad(loss, wrt), *hvp(loss, wrt, directions)]
    shapes = [np.shape(a) for a in oracle(wrt, p.values, **p.sizes)]
    generator = np.random.default_rng(p.seed)
    along = [generator.normal(size=shape) for shape in shapes]
    values = {**p.values, **{v.name: a for v, a in zip(directions, along, strict=True)}}
    pushed, *rest = (np.asarray(a, float) for a in oracle(roots, values, **p.sizes))
    gradients, products = rest[:len(wrt)], rest[len(wrt):]
    expected = sum(np.sum(a * v) for a, v in zip(gradients, along, strict=True))
    apart = compare_arrays(pushed, np.asarray(expected))
    if not apart.rho <= LOOSE:
        return Failure("jvp", f"the gradient times v against the jvp: {apart}")
    if sum(a.size for a in along) > LARGEST:
        return None
    blocks = [block for row in hessian(loss, wrt) for block in row]
    arrays = iter(np.asarray(a, float) for a in oracle(blocks, values, **p.sizes))
    for name, product in zip(p.wrt, products, strict=True):
        found = sum(np.tensordot(next(arrays), v, axes=v.ndim) for v in along)
        apart = compare_arrays(np.asarray(found), product)
        if not apart.rho <= LOOSE:
            return Failure("hessian", f"the Hessian in {name} times v against the hvp: {apart}")
    return None
