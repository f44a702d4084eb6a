"""The table as a picture: a ratio a dot, a workload a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.ratios import Record, ratio

COLOURS = {"jax": "tab:blue", "jax_closed": "tab:cyan", "torch": "tab:red", "pytensor": "tab:green",
           "numexpr": "tab:purple", "casadi": "tab:orange", "symjit": "tab:brown",
           "limit": "black"}
BOUNDS = (1 / 50, 200)
"""What lies beyond is drawn at the edge."""


def draw(records: Sequence[Record], file: Path) -> None:
    """A panel for each type and number of threads; right of the line symdl is faster."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    groups = list(dict.fromkeys((r["dtype"], r["threads"]) for r in records))
    names = list(dict.fromkeys((r["row"], r["name"]) for r in records))
    figure, panels = pyplot.subplots(
        1, len(groups), sharey=True, squeeze=False, layout="constrained",
        figsize=(4 + 3 * len(groups), 1.5 + 0.18 * len(names)))
    for axes, (dtype, threads) in zip(panels[0], groups, strict=True):
        for peer, colour in COLOURS.items():
            found = [(ratio(r, peer), names.index((r["row"], r["name"]))) for r in records
                     if (r["dtype"], r["threads"]) == (dtype, threads)]
            dots = [(min(max(x, BOUNDS[0]), BOUNDS[1]), y) for x, y in found if x is not None]
            if dots:
                axes.scatter(*zip(*dots, strict=True), s=14, color=colour, label=peer,
                             marker="|" if peer == "limit" else "o")
        axes.axvline(1, color="black", linewidth=0.8)
        axes.axvline(0.9, color="grey", linewidth=0.8, linestyle=":")
        axes.set(xscale="log", xlim=(BOUNDS[0] / 1.2, BOUNDS[1] * 1.2), xlabel="peer / symdl",
                 title=f"{dtype}, {threads} thread{'s' * (threads > 1)}")
        axes.grid(axis="y", linewidth=0.3)
    panels[0][0].set_yticks(range(len(names)), [f"{row}  {name}" for row, name in names], size=7)
    panels[0][0].invert_yaxis()
    labels = {name: dot for axes in panels[0]
              for dot, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(labels.values(), labels.keys(), loc="outside lower center", ncols=8, fontsize=8)
    figure.savefig(file, dpi=110)
    pyplot.close(figure)
