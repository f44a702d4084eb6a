"""Write `tests/data/programs/*.npz`: losses and gradients of the programs by torch in float64.

    pip install torch==2.13.0 numpy
    python tests/reference/make_programs.py [name ...]

Inputs come from a stored seed and are redrawn until every kink is at least 1e-2 away. Every
gradient is compared with 7-point central differences of the loss before it is written.
"""

import sys
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch_axes  # noqa: F401  (enters its programs in the table)
import torch_programs  # noqa: F401
from registry import PROGRAMS, Program
from torch import Tensor
from torch.overrides import TorchFunctionMode

FOLDER = Path(__file__).parents[1] / "data" / "programs"
MARGIN = 1e-2
TOLERANCE = 1e-9
STEP = 5e-4
STENCIL = {1: 45 / 60, 2: -9 / 60, 3: 1 / 60}


class KinkMargin(TorchFunctionMode):
    """Collects the least distance from a kink of relu, abs, max-pooling and maxima along a row."""

    def __init__(self) -> None:
        super().__init__()
        self.least = float("inf")

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        distance = DISTANCES.get(func.__name__)
        if distance is not None:
            with torch._C.DisableTorchFunction():
                entries = distance(args[0].detach()).flatten().tolist()
            self.least = min([self.least, *entries])
        return func(*args, **(kwargs or {}))


def gap(rows: Tensor) -> Tensor:
    """Largest minus second largest entry along the last axis."""
    best = rows.topk(min(2, rows.shape[-1]), dim=-1).values
    return best[..., 0] - best[..., 1] if rows.shape[-1] > 1 else torch.tensor([])


def window_gap(X: Tensor) -> Tensor:
    """The gaps of all 3x3 windows at stride 2."""
    return gap(X.unfold(2, 3, 2).unfold(3, 3, 2).flatten(4))


DISTANCES = {"relu": torch.abs, "abs": torch.abs, "amax": gap, "max_pool2d": window_gap}


def loss_of(entry: Program, sizes: dict[str, int], inputs: dict[str, Tensor]) -> Tensor:
    """The program's loss at the given inputs."""
    loss = entry.formula(SimpleNamespace(**inputs, **sizes, **entry.static))
    assert loss.shape == () and loss.dtype == torch.float64 and torch.isfinite(loss)
    return loss


def draw(entry: Program, sizes: dict[str, int], rng: np.random.Generator) -> dict[str, Tensor]:
    """Inputs away from kinks."""
    for _ in range(10_000):
        inputs = {name: torch.tensor(make(rng)) for name, make in entry.draws(**sizes).items()}
        with KinkMargin() as margin:
            loss_of(entry, sizes, inputs)
        if margin.least > MARGIN:
            return inputs
    raise RuntimeError(f"{entry.name}: no draw at {sizes} keeps {MARGIN} away from kinks")


def gradients(
    entry: Program, sizes: dict[str, int], inputs: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Gradients in all floating inputs by reverse mode."""
    variables = {
        name: value.requires_grad_() for name, value in inputs.items() if value.is_floating_point()
    }
    loss = loss_of(entry, sizes, inputs)
    values = torch.autograd.grad(
        loss, list(variables.values()), allow_unused=True, materialize_grads=True
    )
    return dict(zip(variables, values, strict=True))


@torch.no_grad()
def differences(
    entry: Program, sizes: dict[str, int], inputs: dict[str, Tensor], name: str
) -> Tensor:
    """The gradient in one input by 7-point central differences."""
    base, result = inputs[name].detach(), torch.zeros_like(inputs[name])
    for place in np.ndindex(base.shape):
        for steps, weight in STENCIL.items():
            for sign in (1, -1):
                moved = base.clone()
                moved[place] += sign * steps * STEP
                result[place] += (
                    sign * weight / STEP * loss_of(entry, sizes, inputs | {name: moved})
                )
    return result


def closeness(a: Tensor, b: Tensor) -> float:
    """ADBench's measure: max |a-b| / max(1, |a|+|b|)."""
    ratios = (a - b).abs() / (a.abs() + b.abs()).clamp(min=1)
    return max(ratios.flatten().tolist(), default=0.0)


def make_case(entry: Program, number: int) -> tuple[Path, float]:
    """Draw, differentiate, check and write one case; its file and worst closeness."""
    sizes, seed = entry.cases[number], zlib.crc32(f"{entry.name}_{number}".encode())
    inputs = draw(entry, sizes, np.random.default_rng(seed))
    grads = gradients(entry, sizes, inputs)
    worst = max(
        closeness(grad, differences(entry, sizes, inputs, name)) for name, grad in grads.items()
    )
    assert worst < TOLERANCE, f"{entry.name}_{number}: differences disagree, rho = {worst:.1e}"
    arrays: dict[str, Any] = {"seed": seed} | {f"size/{name}": size for name, size in sizes.items()}
    arrays |= {f"static/{name}": value for name, value in entry.static.items()}
    arrays |= {
        f"in/{name}": array(value)
        for name, value in inputs.items()
        if not name.startswith("delta_")
    }
    arrays["out/loss"] = array(loss_of(entry, sizes, inputs))
    arrays |= {f"grad/{name.removeprefix('delta_')}": array(grad) for name, grad in grads.items()}
    path = FOLDER / f"{entry.name}_{number}.npz"
    np.savez_compressed(path, **arrays)
    return path, worst


def array(value: Tensor) -> np.ndarray:
    """A C-ordered NumPy copy."""
    return np.array(value.detach().numpy(), order="C")


def main(names: Iterable[str]) -> None:
    """Write the named programs, or all."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:
        for number, sizes in enumerate(PROGRAMS[name].cases):
            path, worst = make_case(PROGRAMS[name], number)
            print(
                f"{path.name:28} {path.stat().st_size:7d} bytes  rho {worst:.1e}  {sizes}",
                flush=True,
            )
    print(f"total {sum(path.stat().st_size for path in FOLDER.glob('*.npz'))} bytes")


if __name__ == "__main__":
    main(sys.argv[1:] or PROGRAMS)
