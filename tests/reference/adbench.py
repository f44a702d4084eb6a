"""Copy ADBench's small GMM files and their reference values, checked against torch.

    python tests/reference/adbench.py FOLDER

FOLDER holds `LICENSE_ADBench.txt`, `data/gmm/*.txt` (from microsoft/ADBench) and
`reference/gmm_*.json` (value `F` and gradient `J`, made as `tests/data/adbench/README.md` says).
A file is copied to `tests/data/adbench/` only if `program_gmm` (prior sign +1) or
`program_gmm_adbench` (-1) gives the same value and gradient to 1e-12.
"""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from torch_programs import positions, program_gmm, program_gmm_adbench

FOLDER = Path(__file__).parents[1] / "data" / "adbench"
FILES = ("test", "1k_gmm_d2_K5")
VARIANTS = {"gradbench": program_gmm, "adbench": program_gmm_adbench}
TOLERANCE = 1e-12


def read_gmm(path: Path) -> SimpleNamespace:
    """The sizes and tensors of one file: `d k n`, alpha, mu, icf, X, then `gamma m`."""
    tokens = path.read_text().split()
    d, k, n = map(int, tokens[:3])
    shapes = {"alpha": (k,), "mu": (k, d), "icf": (k, d * (d + 1) // 2), "X": (n, d), "gamma": ()}
    numbers = torch.tensor([float(token) for token in tokens[3:-1]], dtype=torch.float64)
    parts = numbers.split([torch.Size(shape).numel() for shape in shapes.values()])
    tensors = {name: part.reshape(shapes[name]) for name, part in zip(shapes, parts, strict=True)}
    return SimpleNamespace(
        d=d, k=k, n=n, m=int(tokens[-1]), pos=torch.tensor(positions(d)), **tensors
    )


def closeness(v: SimpleNamespace, variant: str, reference: dict[str, object]) -> float:
    """Worst |a-b| / max(1, |a|+|b|) over value and gradient."""
    variables = [v.alpha.requires_grad_(), v.mu.requires_grad_(), v.icf.requires_grad_()]
    value = VARIANTS[variant](v)
    gradient = torch.cat([part.flatten() for part in torch.autograd.grad(value, variables)])
    ours = torch.cat([value.detach()[None], gradient])
    theirs = torch.tensor([reference["F"], *reference["J"]], dtype=torch.float64)
    return ((ours - theirs).abs() / (ours.abs() + theirs.abs()).clamp(min=1)).max().item()


def main(source: Path) -> None:
    """Check and copy."""
    (FOLDER / "gmm").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "LICENSE_ADBench.txt", FOLDER / "LICENSE_ADBench.txt")
    for name in FILES:
        data = source / "data" / "gmm" / f"{name}.txt"
        shutil.copyfile(data, FOLDER / "gmm" / data.name)
        for variant in VARIANTS:
            path = source / "reference" / f"gmm_{variant}_{name}.json"
            rho = closeness(read_gmm(data), variant, json.loads(path.read_text()))
            assert rho < TOLERANCE, f"{path.name}: torch disagrees, rho = {rho:.1e}"
            shutil.copyfile(path, FOLDER / path.name)
            print(f"{path.name:36} rho {rho:.1e}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
