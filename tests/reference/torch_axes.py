"""The eleventh hard program in torch: losses in which a factor is easily lost.

Axes that occur by broadcasting only, indices inside a scalar, repeated tensors and indices.
"""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from registry import integers, normal, program, sizes, zeros_in_rows
from torch import Tensor

# Sizes and indices that occur in no access


@program(lambda n, m: {"x": normal(n)}, sizes("n m", (4, 3), (1, 1), (3, 0), (0, 2)))
def program_axes_broadcast(v: SimpleNamespace) -> Tensor:
    return torch.tanh(v.x[:, None] + torch.zeros(v.m)).sum()


@program(lambda n, m: {"x": normal(n), "z": normal(m)}, sizes("n m", (4, 3), (1, 1), (2, 5)))
def program_axes_mean(v: SimpleNamespace) -> Tensor:
    broadcast = torch.exp(v.x)[:, None] + torch.zeros(v.m)
    return broadcast.mean() + (v.x[:, None] * v.z**2).mean(dim=1).sum()


@program(lambda n: {"x": normal(n)}, sizes("n", (5,), (1,), (0,)))
def program_axes_index(v: SimpleNamespace) -> Tensor:
    return (torch.arange(v.n) * v.x**2).sum()


@program(lambda n, m: {"x": normal(n, scale=0.5)}, sizes("n m", (4, 3), (1, 1), (2, 5), (3, 0)))
def program_axes_index_only(v: SimpleNamespace) -> Tensor:
    return torch.tanh(torch.arange(v.m) * v.x[:, None]).sum()


# One tensor twice


@program(lambda n: {"x": normal(n), "A": normal(n, n)}, sizes("n", (4,), (1,), (0,)))
def program_axes_quadratic(v: SimpleNamespace) -> Tensor:
    return v.x @ v.A @ v.x


@program(lambda n: {"X": normal(n, n)}, sizes("n", (4,), (1,), (0,)))
def program_axes_transpose(v: SimpleNamespace) -> Tensor:
    return (v.X * v.X.T).sum()


@program(
    lambda n, m: {"X": normal(n, m, scale=0.5), "R": normal(n, n)},
    sizes("n m", (4, 3), (1, 1), (0, 2), (3, 0)),
)
def program_axes_gram(v: SimpleNamespace) -> Tensor:
    return (v.R * torch.tanh(v.X @ v.X.T)).sum()


@program(lambda n: {"A": normal(n, n), "B": normal(n, n)}, sizes("n", (4,), (1,), (0,)))
def program_axes_trace(v: SimpleNamespace) -> Tensor:
    return torch.trace(v.A @ v.B @ v.A)


@program(
    lambda n, m: {"x": normal(m), "p": integers(m, n)}, sizes("n m", (5, 3), (1, 1), (0, 2), (2, 4))
)
def program_axes_gather(v: SimpleNamespace) -> Tensor:
    return (torch.arange(1, v.n + 1) * v.x[v.p] ** 2).sum() * torch.exp(v.x).sum()


# Diagonals and repeated indices


@program(lambda n: {"A": normal(n, n), "r": normal(n)}, sizes("n", (4,), (1,), (0,)))
def program_axes_diagonal(v: SimpleNamespace) -> Tensor:
    return (torch.diag(v.A) ** 2 * v.r).sum()


@program(
    lambda n, m: {"C": normal(n, n, m), "r": normal(m)},
    sizes("n m", (4, 3), (1, 1), (0, 2), (3, 0)),
)
def program_axes_repeated(v: SimpleNamespace) -> Tensor:
    return (torch.einsum("iij->j", v.C) ** 2 * v.r).sum()


@program(lambda n: {"A": normal(n, n), "x": normal(n)}, sizes("n", (4,), (1,), (0,)))
def program_axes_tril(v: SimpleNamespace) -> Tensor:
    return v.x @ torch.tril(v.A) @ torch.tanh(v.x)


# Products with zeros, cumulative and other reductions


@program(
    lambda n, m: {"X": zeros_in_rows(n, m), "r": normal(n)},
    sizes("n m", (6, 4), (1, 1), (0, 3), (2, 0), (3, 2)),
)
def program_axes_prod(v: SimpleNamespace) -> Tensor:
    return (v.r * torch.prod(v.X, dim=1)).sum()


@program(
    lambda n, m: {"X": zeros_in_rows(n, m, step=True), "r": normal(n)},
    sizes("n m", (6, 4), (1, 1), (0, 3), (3, 5)),
)
def program_axes_cumsum_prod(v: SimpleNamespace) -> Tensor:
    return (v.r * torch.prod(torch.cumsum(v.X, dim=1), dim=1)).sum()


@program(
    lambda n, m: {"X": zeros_in_rows(n, m), "R": normal(n, m)},
    sizes("n m", (6, 4), (1, 1), (0, 3), (3, 5)),
)
def program_axes_cumprod(v: SimpleNamespace) -> Tensor:
    return (v.R * torch.cumprod(v.X, dim=1)).sum()


@program(
    lambda n, m: {"X": normal(n, m), "r": normal(n)}, sizes("n m", (5, 4), (1, 1), (0, 3), (2, 6))
)
def program_axes_max(v: SimpleNamespace) -> Tensor:
    return (v.r * torch.amax(v.X, dim=1) ** 2).sum()


# Pieces, slices and merged axes


@program(lambda n: {"x": normal(n), "r": normal((n + 1) // 2)}, sizes("n", (7,), (1,), (0,), (6,)))
def program_axes_stride(v: SimpleNamespace) -> Tensor:
    return (v.r * v.x[::2] ** 3).sum()


@program(
    lambda n, m, d: {"A": normal(n, d), "B": normal(m, d), "R": normal(n + m, d)},
    sizes("n m d", (3, 2, 4), (1, 1, 1), (0, 3, 2), (2, 0, 3)),
)
def program_axes_concatenate(v: SimpleNamespace) -> Tensor:
    return (v.R * torch.tanh(torch.cat([v.A, v.B]))).sum() + v.A.sum() * v.B.sum()


@program(
    lambda n, m: {"X": normal(n, m), "R": normal(n, m + 3)},
    sizes("n m", (3, 4), (1, 1), (0, 2), (2, 0)),
)
def program_axes_pad(v: SimpleNamespace) -> Tensor:
    return (v.R * torch.exp(F.pad(v.X, (1, 2)))).sum()


@program(lambda n: {"x": normal(n)}, sizes("n", (5,), (1,), (2,)))
def program_axes_roll(v: SimpleNamespace) -> Tensor:
    return (v.x * torch.cat([v.x[1:], v.x[:1]]) ** 2).sum()


@program(
    lambda n, m, d: {"X": normal(n, m * d), "W": normal(d), "R": normal(n * m)},
    sizes("n m d", (3, 2, 4), (1, 1, 1), (0, 3, 2)),
)
def program_axes_reshape(v: SimpleNamespace) -> Tensor:
    return (v.R * torch.tanh(v.X.reshape(v.n * v.m, v.d) @ v.W)).sum()
