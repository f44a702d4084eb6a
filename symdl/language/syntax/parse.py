"""Reading a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdl.language.errors import SymdlError
from symdl.language.syntax import text as notation
from symdl.language.syntax.declarations import Declarations, declared
from symdl.language.syntax.elaborate import elaborate
from symdl.language.syntax.latex import parse as latex
from symdl.language.syntax.python.parse import parse_numpy
from symdl.language.syntax.request import Derivative
from symdl.language.syntax.tree import Node
from symdl.language.tensor import Tensor


def parse(text: str, declarations: str | Mapping[str, Any] = "", /, *,
          grammar: str = "text", **names: Any) -> Tensor | Derivative:
    r"""Read a formula in matrixcalculus.org's notation, in LaTeX or in NumPy's. No code is run.

    `A*x` is the product that the shapes ask for (of matrices and vectors, or scaling), `x'` a
    transpose; a vector is a column, so `x'*y` is a scalar and `x*y'` a matrix. `+ - .* ./ .^`
    act entry by entry on equal shapes, and on scalars with anything; `A^2` and `A^-1` are powers of
    a square matrix. `vector(1)`, `matrix(0)` and `eye` have the size that fits. Beside every
    function of the scalar catalogue there are `sum`, `mean`, `prod`, `max`, `min`, `var`,
    `logsumexp` (over all entries, or `axis=1`, counted from 0), `softmax`, `log_softmax`, `cumsum`,
    `tr`, `det`, `logdet`, `inv`, `adj`, `diag`, `solve`, `cholesky`, `tril`, `triu`, `norm1`,
    `norm2`, `normF`, `where` and comparisons. In index notation `sum[i,j](A[i,j]*x[j])` sums over
    indices, which count from 0; indices that stay free become axes, in the order in which they
    appear.

    `d f / dx`, `d/dx f`, `d2 f / dx2` and `d^2 f / dx dy` ask for a derivative: the answer is then
    a `Derivative`, and its `derive()` takes it.

    LaTeX: letters side by side are multiplied, `x^\top A x` and `x^T`, `X^{-1}`, `A \odot B`,
    `\frac`, `\log\det X`, `\operatorname{tr}`, `\|x\|_2^2`, `\sigma(\cdot)` the logistic
    function, `\sum_{i=1}^n a_{ij} x_j`, `\sum_{i<j}`, `\sum_{j=1}^{i}` (indices count from 1,
    or from 0 where a sum starts there), `|A|` the determinant of a matrix, `W^{(2)}` a name,
    `\begin{cases}`; `\nabla_x f` and `\frac{\partial f}{\partial x}` ask for a derivative.
    Dollar signs and a left side such as `\mathcal{L}(w) =` are passed over.

    NumPy: `X.T @ (X @ w - y)`, `np.linalg.inv(A)`, `einsum("ij,j->i", A, x)`, slices, `.sum(0)`,
    comprehensions over fixed ranges, assignments before the expression; arrays broadcast.

    Parameters
    ----------
    text : str
        The formula.
    grammar : {"text", "latex", "numpy"}
        Which notation it is written in.
    declarations : str or mapping
        `"A: matrix[n,n] symmetric, x: vector[n], c: scalar"`; the facts are those of
        `symdl.tensor`.
    **names : str, Tensor or callable
        Declarations one by one: `X="matrix[n,d]"`; a tensor stands in place of the name, and in
        NumPy's notation a function of tensors in place of its name.

    Returns
    -------
    Tensor or Derivative
        Either says in `.declarations` what its names were taken for. What isn't declared is
        guessed: a capital letter is a matrix, a small Greek one a scalar, another one a vector, or
        a scalar where no vector fits; sizes are found from the shapes.

    Raises
    ------
    ParseError
        With the column and what may have been meant.

    Examples
    --------
    >>> import symdl as sd
    >>> f = sd.parse("x'*A*x")
    >>> f.declarations
    'A: matrix[n,n], x: vector[n]'
    >>> sd.parse("d x'*A*x / dx", A="matrix[n,n] symmetric").derive().shape
    (n,)
    """
    given = {**(declarations if isinstance(declarations, Mapping) else {}), **names}
    functions = {name: f for name, f in given.items() if callable(f)}
    others = {name: value for name, value in given.items() if name not in functions}
    known = declared(declarations if isinstance(declarations, str) else {}, **others)
    if grammar == "numpy":
        return parse_numpy(text, known, functions)
    for name in functions:
        raise SymdlError(f"{name} is a function: only the grammar numpy takes functions")
    if grammar not in _TREES:
        raise SymdlError(f"there is no grammar {grammar!r}; there are text, latex and numpy")
    return elaborate(text, _TREES[grammar](text, known), known)


_TREES: Mapping[str, Callable[[str, Declarations], Node]] = {
    "text": notation.tree, "latex": latex.tree}
