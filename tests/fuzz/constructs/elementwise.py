"""Entry by entry: the catalogue, arithmetic, broadcasting, comparisons."""

from __future__ import annotations

from symdl.language.scalars import CATALOGUE, POSITIVE
from tests.fuzz.constructs.registry import also, construct, loop
from tests.fuzz.draft import Draft

UNARY = [name for name, entry in CATALOGUE.items() if entry.arity == 1]
PARAMETERS = {"leaky_relu": "negative_slope=0.3", "elu": "alpha=0.7", "celu": "alpha=1.5",
              "hardtanh": "min_val=-0.5, max_val=0.8", "polygamma": "order=2"}


@construct
def catalogue(d: Draft) -> str:
    name = d.pick(UNARY)
    x = d.within(d.real(), CATALOGUE[name].domain[0])
    params = f", {PARAMETERS[name]}" if name in PARAMETERS and d.one_in(2) else ""
    return f"sd.{name}({x}{params})"


@also("catalogue")
def catalogue_of_two(d: Draft) -> str:
    x = d.real()
    y = d.like(d.shape(x))
    return d.pick([f"sd.logaddexp({x}, {y})", f"sd.xlogy({x}, {d.within(y, POSITIVE)})",
                   f"sd.pow({d.within(x, POSITIVE)}, {y})", f"{d.within(x, POSITIVE)}**{y}"])


@construct
def extremum_of_two(d: Draft) -> str:
    x, name = d.real(), d.pick(["maximum", "minimum"])
    return f"sd.{name}({x}, {d.pick([d.like(d.shape(x)), '0.2', f'0.5*{x}**2 - 0.3'])})"


@also("extremum_of_two")
def clip(d: Draft) -> str:
    x = d.real()
    return f"sd.clip({x}, {d.pick(['-0.4', f'-1 - {x}**2'])}, {d.pick(['0.7', '1'])})"


@construct
def arithmetic(d: Draft) -> str:
    x = d.real()
    y = d.like(d.shape(x))
    return d.pick([f"{x} + {y}", f"{x} - 2*{y}", f"{x} * {y}", f"{x} / (1 + {y}**2)", f"-{x} + 1",
                   f"{x}**3", f"2**{x}", f"0.5*{x}*{y} + {x}", f"3 - abs({x})", f"1/(2 + {x}**2)"])


@also("index_as_data")
def size_as_number(d: Draft) -> str:
    x, n = d.real(), d.pick(list(d.sizes))
    return d.pick([f"{n} * {x}", f"{x} / ({n} + 1)", f"{x} + {n}*{x}**2", f"{x} - ({n} + 1)//2"])


@construct
def broadcast(d: Draft) -> str:
    x = d.real(least=1)
    shape = d.shape(x)
    ones = ["1" if d.one_in(2) else s for s in shape]
    choices = [f"{x} + {d.like(shape[-1:])}", f"{d.like([])} * {x}", f"{x} * {d.input(ones)}"]
    if len(shape) == 2:
        choices += [f"{x} - {d.like(shape[:1])}[:, None]", f"{x} * {d.like(shape[-1:])}[None]"]
    if len(shape) == 1:
        choices.append(f"{x}[:, None] - {d.like([d.size()])}")
    return d.pick(choices)


@construct
def broadcast_only(d: Draft) -> str:
    x, n = d.real(), d.size()
    shape = d.shape(x)
    whole = ", ".join([n, *shape])
    repeated = d.pick([f"sd.broadcast_to({x}, ({whole},))", f"sd.full(({whole},), {x})",
                       f"(sd.zeros({n}, {'1, ' * len(shape)}) + {x})"])
    return d.pick([repeated, f"{x}[..., None] * sd.ones({n})", f"sd.sum({repeated}, axis=0)",
                   f"sd.sum(sd.tanh({x}[..., None] + sd.zeros({n})), axis=-1)",
                   f"sd.full(({n}, {n}), 0.5)[:, 0] + {x}[..., None]" if d.value(n) else repeated])


@construct
def index_as_data(d: Draft) -> str:
    x = d.real(d.pick((1, 2)))
    if d.scope[x].ndim == 1:
        return d.pick([f"sd.arange({d.shape(x)[0]}) * {x}",
                       loop("i", f"sd.define(None, i, (i + 1) * {x}[i])"),
                       loop("i", f"sd.define(None, i, sd.sin(0.3*i) * {x}[i])")])
    return d.pick([loop("i j", f"sd.define(None, (i, j), (i + 2*j) * {x}[i, j])"),
                   loop("i j", f"sd.define(None, j, sd.sum((i - j) * {x}[i, j]**2, i))")])


@construct
def twice(d: Draft) -> str:
    x = d.real(d.pick((1, 2)))
    if d.scope[x].ndim == 1:
        return d.pick([f"{x}[:, None] * {x}[None, :]", f"{x} * {x}[::-1]", f"{x} @ {x}",
                       f"{x} * sd.sum({x})"])
    return d.pick([f"{x} @ {x}.T", f"sd.einsum('ij,ik->jk', {x}, {x})", f"{x} * {x}",
                   f"sd.einsum('ij,ij->i', {x}, {x})"])


@construct
def comparison(d: Draft) -> str:
    x = d.real()
    y = d.like(d.shape(x))
    return d.pick([f"{x} * ({y} > 0.3)", f"sd.less({x}, {y}) * {x}",
                   f"{y} * (({x} > 0) & ({y} < 1))",
                   f"{x} * sd.ne({y}, {x})", f"({x} >= {y}) * {y} - (~({x} < 0.5)) * {x}",
                   f"{x} * (({x} > 0) | ({y} > 0))"])


@construct
def stop_gradient(d: Draft) -> str | None:
    held = d.add(f"sd.stop_gradient({d.real()})", "stop_gradient")
    return held and f"{held} {d.pick('*-')} {d.like(d.shape(held))}"


@construct
def apply(d: Draft) -> str:
    x = d.real()
    y = d.like(d.shape(x))
    return d.pick([
        f"sd.apply(lambda t: sympy.Piecewise((t**2, t > 0), (sympy.sin(t), True)), {x})",
        f"sd.apply(lambda t: sympy.log(1 + t**2), {x})",
        f"sd.apply(lambda s, t: s*sympy.exp(-t**2), {x}, {y})",
        f"sd.apply(lambda s, t: sympy.Piecewise((s*t, s > t), (t, s < -1), (s - t**2, True)), "
        f"{x}, {y})"])


@construct
def constant(d: Draft) -> str:
    x = d.real(least=1)
    n = d.value(d.shape(x)[-1])
    shape = d.shape(x)
    if shape[-1].isdigit():
        return f"{x} * np.array({[round(d.rng.uniform(-1, 1), 2) for _ in range(n)]})"
    return f"{x}[..., None] * np.array({[round(d.rng.uniform(-1, 1), 2) for _ in range(2)]})"
