"""Recurrences over a symbolic length."""

from __future__ import annotations

from tests.fuzz.constructs.registry import also, construct
from tests.fuzz.draft import Draft


def _length(d: Draft) -> str:
    return d.pick(list(d.sizes))


def _read(d: Draft, state: str) -> str:
    return d.pick([state, state, f"sd.final({state})", f"{state}[::-1]"])


@construct
def recurrence(d: Draft) -> str | None:
    length, n = _length(d), d.size()
    a, start, u = d.input([length, n]), d.like([n]), d.input([n, n])
    step = d.pick([f"sd.tanh({a}[t] + {u} @ s)", f"sd.tanh(s @ {u}) * {a}[t]", f"0.5*s + {a}[t]",
                   f"sd.sin(s) * {a}[t] + 0.3*(t + 1)", f"sd.sigmoid(s * {a}[t]) @ {u}"])
    state = d.add(f"sd.recur('S', {length}, {start}, lambda t, s: {step} + PROBE(t))", "recurrence")
    return state and _read(d, state)


@also("recurrence")
def scalar_recurrence(d: Draft) -> str | None:
    length = _length(d)
    a, start = d.input([length]), d.like([])
    step = d.pick([f"sd.tanh({a}[t] * s)", f"0.7*s + {a}[t]**2", f"s * sd.cos({a}[t])"])
    state = d.add(f"sd.recur('S', {length}, {start}, lambda t, s: {step} + PROBE(t))",
                  "recurrence")
    return state and _read(d, state)


@construct
def two_states(d: Draft) -> str | None:
    length, n = _length(d), d.size()
    a, u = d.input([length, n]), d.input([n, n])
    h, c = d.like([n]), d.like([n])
    new_h, new_c = d.pick([
        (f"sd.tanh(c + {a}[t])", f"0.5*c + sd.sin({u} @ h)"),
        ("sd.tanh(h) * sd.sigmoid(c)", f"0.5*c + {a}[t] * h"),
        (f"0.3*h + 0.2*c @ {u}", f"c * {a}[t]")])
    text = (f"sd.recur(('h', 'c'), {length}, ({h}, {c}), lambda t, h, c: ({new_h}, {new_c}))")
    return d.pick([f"{text}[0]", f"{text}[1]", f"sd.final({text}[0]) * sd.final({text}[1])",
                   f"{text}[0] - {text}[1]**2"])


@also("two_states")
def dependent_states(d: Draft) -> str:
    length, n = _length(d), d.size()
    a = d.input([length, n])
    step = (f"(lambda z: (sd.tanh(z) * h, z + 0.1*c))(0.4*h + {a}[t] * c)")
    text = (f"sd.recur(('h', 'c'), {length}, ({d.like([n])}, {d.like([n])}), "
            f"lambda t, h, c: {step})")
    return d.pick([f"{text}[0]", f"{text}[1]", f"{text}[0] * {text}[1]"])


@construct
def lag_two(d: Draft) -> str | None:
    length = _length(d)
    shape = d.pick([[], [d.size()]])
    a = d.input([length, *shape])
    step = d.pick([f"0.5*s[0] - 0.3*s[1] + {a}[t]", f"sd.tanh(s[1] * {a}[t]) + 0.2*s[0]",
                   f"{a}[t] * s[1]"])
    state = d.add(f"sd.recur('S', {length}, ({d.like(shape)}, {d.like(shape)}), "
                  f"lambda t, s: {step} + PROBE(t), lags=2)", "lag_two")
    return state and _read(d, state)


@construct
def ragged_recurrence(d: Draft) -> str:
    length, n = _length(d), d.pick(list(d.sizes))
    a, ends = d.input([length, n]), d.labels([n], f"{length} + 1")
    step = f"sd.where({ends} > t, sd.tanh(0.6*s + {a}[t]), s)"
    return f"sd.recur('S', {length}, {d.like([n])}, lambda t, s: {step})"


@construct
def reduction_in_a_step(d: Draft) -> str | None:
    length, n = _length(d), d.size()
    a = d.input([length, n])
    step = d.pick([f"s - sd.mean(s) + {a}[t]", f"s / sd.sum(1 + s**2) + {a}[t]",
                   f"{a}[t] * sd.max(s + {a}[t])", f"sd.prod(s) * {a}[t]",
                   f"sd.cumsum(s * {a}[t])"])
    state = d.add(f"sd.recur('S', {length}, {d.like([n])}, lambda t, s: {step} + PROBE(t))",
                  "reduction_in_a_step")
    return state and _read(d, state)
