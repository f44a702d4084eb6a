"""Points to try: arrays drawn from named domains, and kept away from kinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from symdl.evidence.domains import Domain
from symdl.evidence.line import Array, Point

Kinks: TypeAlias = Callable[[dict[str, Array]], ArrayLike]


@dataclass(frozen=True)
class Source:
    """What an array is drawn from.

    Attributes
    ----------
    domain : Domain
        The set that its values lie in.
    shape : tuple of int
        Its shape.
    """

    domain: Domain
    shape: tuple[int, ...]


def draw_point(
    sources: Mapping[str, Source],
    *,
    seed: int = 0,
    kinks: Kinks | None = None,
    distance: float = 1e-2,
    tries: int = 2000,
) -> dict[str, Array]:
    """Draw a point.

    Parameters
    ----------
    sources : mapping of str to Source
        The domain and the shape of every array.
    seed : int
        The seed: the same one gives the same point.
    kinks : callable, optional
        Maps a point to an array of numbers that vanish at the kinks of a function, such as the
        arguments of its relu's; their magnitudes are kept above `distance`.
    distance : float
        The least distance from a kink.
    tries : int
        How many points are tried.

    Returns
    -------
    dict of str to ndarray
        The point.
    """
    generator = np.random.default_rng(seed)
    point = {name: s.domain.draw(s.shape, generator) for name, s in sources.items()}
    if kinks is None:
        return point
    return away_from(kinks, point, sources, generator, distance=distance, tries=tries)


def away_from(
    kinks: Kinks,
    point: Point,
    sources: Mapping[str, Source],
    generator: Generator,
    *,
    distance: float = 1e-2,
    tries: int = 2000,
) -> dict[str, Array]:
    """Redraw parts of a point until it is away from all kinks.

    A point with thousands of kinks would never be far from all of them by luck, so that a part
    is redrawn at a time, and kept unless it brings more kinks near.

    Parameters
    ----------
    kinks : callable
        Maps a point to an array of numbers that vanish at the kinks.
    point : mapping of str to ndarray
        Where to begin.
    sources : mapping of str to Source
        The domain and the shape of every array.
    generator : numpy.random.Generator
        The source of randomness.
    distance : float
        The least distance from a kink.
    tries : int
        How many points are tried.

    Returns
    -------
    dict of str to ndarray
        A point that is at least `distance` away from every kink.
    """
    best = dict(point)
    near = _near(kinks(dict(best)), distance)
    left = tries
    while near.any():
        if not left:
            raise ValueError(
                f"no point found in {tries} tries that is at least {distance:g} away from every "
                f"kink: {int(near.sum())} of {near.size} kinks are nearer in the best one"
            )
        left -= 1
        candidate = _redraw(best, sources, generator)
        candidate_near = _near(kinks(dict(candidate)), distance)
        if candidate_near.sum() <= near.sum():
            best, near = candidate, candidate_near
    return best


def _near(distances: ArrayLike, distance: float) -> Array:
    return np.asarray(~(np.abs(np.asarray(distances, dtype=np.float64)) >= distance))


def _redraw(point: Point, sources: Mapping[str, Source], generator: Generator) -> dict[str, Array]:
    """Redraw one array, or a few entries of it where they are independent."""
    names = [name for name, source in sources.items() if np.prod(source.shape) > 0]
    if not names:
        return dict(point)
    name = names[int(generator.integers(len(names)))]
    old, source = point[name], sources[name]
    new = source.domain.draw(source.shape, generator)
    if source.domain.entrywise:
        share = generator.uniform() ** 4
        moves = generator.uniform(size=source.shape) < share
        moves.flat[generator.integers(moves.size)] = True
        new = np.where(moves, new, old)
    return {**point, name: new}
