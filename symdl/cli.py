"""The command line: each command calls the library, which is imported when one runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from symdl.language.errors import SymdlError, shape_text
from symdl.language.late import late

GRAMMARS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "text": {}, "latex": {"grammar": "latex"}, "numpy": {"grammar": "numpy"}})
"""What `symdl.parse` is told of each grammar."""
NOTATIONS = ("auto", "matrix", "index", "unicode", "code", "differential")


class Commands(click.Group):
    """Commands in the order of their definition; a user's mistake is a message and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SymdlError as error:
            raise click.UsageError(str(error)) from None
        except click.NoSuchOption as error:
            raise click.UsageError(f"{error.format_message()} A formula that begins with - stands "
                                   "last, behind --.", error.ctx) from None
        except OSError as error:
            raise click.UsageError(f"{error.filename}: {error.strerror}") from None


@click.group(cls=Commands)
@click.version_option(package_name="symdl")
def main() -> None:
    """Exact derivatives of tensor formulas, in closed form, as kernels, and checked.

    A formula is written as on matrixcalculus.org: symdl grad "x'*A*x" --wrt x.
    Undeclared names are guessed, and what they were taken for is printed.

    Exit codes: 0, all is well, a claim is proved; 1, a check failed, a claim is refuted; 2, a
    claim is neither, or there is a mistake in the formula, its declarations or the options.
    """


def _formula(command: Callable[..., None]) -> Callable[..., None]:
    """The formula, its declarations and its grammar."""
    for decorate in (
        click.option("--input", "grammar", type=click.Choice(list(GRAMMARS)), default="text",
                     help="The grammar of FORMULA."),
        click.option("--declare", "-d", multiple=True, metavar="TEXT",
                     help='Such as "A: matrix[n,n] symmetric, x: vector[n]"; may be repeated.'),
        click.argument("formula"),
    ):
        command = decorate(command)
    return command


def _printed(command: Callable[..., None]) -> Callable[..., None]:
    """How a result is printed."""
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--latex", is_flag=True, help="Print LaTeX, and nothing else."),
        click.option("--notation", type=click.Choice(NOTATIONS), default="auto",
                     help="auto: matrix notation where there is one, else index notation."),
    ):
        command = decorate(command)
    return command


def _layout(default: str) -> Callable[..., Any]:
    return click.option(
        "--layout", type=click.Choice(["numerator", "denominator"]), default=default,
        show_default=True,
        help="numerator: the axes of the function first, a gradient of a matrix transposed; "
             "denominator: the axes of the variable first.")


def _wrt(many: bool, help: str) -> Callable[..., Any]:
    return click.option("--wrt", multiple=many, required=not many, metavar="NAME", help=help)


def _parsed(formula: str, declare: tuple[str, ...], grammar: str) -> Any:
    """What a formula stands for: a tensor, or the request for a derivative."""
    parse = late("symdl.language.syntax.parse:parse")
    return parse(formula, ", ".join(declare), **GRAMMARS[grammar])


def _read(formula: str, declare: tuple[str, ...], grammar: str) -> Any:
    """The tensor of a formula."""
    found = _parsed(formula, declare, grammar)
    return found.derive() if hasattr(found, "derive") else found


def _input(f: Any, name: str) -> Any:
    inputs = {v.name: v for v in late("symdl.language.sizes:variables_of")([f])}
    if name not in inputs:
        raise SymdlError(f"{name} is no input of the formula: it has {', '.join(inputs)}")
    return inputs[name]


def _inputs(f: Any, names: tuple[str, ...]) -> list[Any]:
    if names:
        return [_input(f, name) for name in names]
    return [v for v in late("symdl.language.sizes:variables_of")([f]) if v.dtype == "real"]


def _show(f: Any, results: Mapping[str, Any], layout: str, notation: str, latex: bool,
          as_json: bool) -> None:
    """Print results, tensors or derivatives in a layout, by the name of their variable."""
    rows = {name: _texts(g, notation, latex) for name, g in results.items()}
    said = {"declarations": f.declarations, "layout": layout}
    if as_json:
        click.echo(json.dumps({**said, "results": rows}, ensure_ascii=False, indent=2))
        return
    for name, row in rows.items():
        click.echo(f"{name}: {row['formula']}" if len(rows) > 1 else row["formula"])
    if not latex:
        shapes = ", ".join(map(shape_text, (row["shape"] for row in rows.values())))
        click.echo(f"\nshape {shapes}; layout: {layout}\n{said['declarations']}")


def _texts(found: Any, notation: str, latex: bool) -> dict[str, Any]:
    value = getattr(found, "value", found)
    if notation == "differential" and value is found:
        raise SymdlError("differential notation is for grad and jacobian")
    if latex and notation in ("unicode", "code"):
        raise SymdlError(f"--latex prints LaTeX and --notation {notation} doesn't: leave one out")
    shown = found if notation == "differential" else value
    if notation == "auto":
        text = value.latex() if latex else str(value)
    else:
        text = getattr(shown, notation)(*["latex"] * latex)
    return {"formula": text, "shape": [str(s) for s in value.shape]}


@main.command()
@_formula
@_wrt(True, "A variable; may be repeated. Left out: every real input.")
@_layout("denominator")
@_printed
def grad(formula: str, declare: tuple[str, ...], grammar: str, wrt: tuple[str, ...], layout: str,
         **printed: Any) -> None:
    """The gradient of a scalar."""
    f = _read(formula, declare, grammar)
    variables = _inputs(f, wrt)
    if f.ndim:
        raise SymdlError(f"grad takes a scalar, but the formula has shape {shape_text(f.shape)}: "
                         "ask for its jacobian")
    derivative = late("symdl.display.derived:derivative")
    _show(f, {v.name: derivative(f, v, layout) for v in variables}, layout, **printed)


@main.command()
@_formula
@_wrt(False, "The variable.")
@_layout("numerator")
@_printed
def jacobian(formula: str, declare: tuple[str, ...], grammar: str, wrt: str, layout: str,
             **printed: Any) -> None:
    """The Jacobian of a tensor."""
    f = _read(formula, declare, grammar)
    found = late("symdl.display.derived:derivative")(f, _input(f, wrt), layout)
    _show(f, {wrt: found}, layout, **printed)


@main.command()
@_formula
@_wrt(False, "The variable.")
@_printed
def hessian(formula: str, declare: tuple[str, ...], grammar: str, wrt: str, **printed: Any) -> None:
    """The second derivative of a scalar."""
    f = _read(formula, declare, grammar)
    found = late("symdl.calculus.jacobian:hessian")(f, _input(f, wrt))
    _show(f, {wrt: found.simplify()}, "either", **printed)


@main.command()
@_formula
@_printed
def derive(formula: str, declare: tuple[str, ...], grammar: str, **printed: Any) -> None:
    """What a formula such as "d logdet(A) / dA" asks for; another formula, simplified."""
    asked = _parsed(formula, declare, grammar)
    if not hasattr(asked, "derive"):
        _show(asked, {formula: asked.simplify()}, "none", **printed)
        return
    layout = "numerator" if asked.function.ndim else "denominator"
    _show(asked, {formula: asked.derive().simplify()}, layout, **printed)


@main.command()
@_formula
@_wrt(False, "The variable.")
@click.option("--order", type=click.IntRange(1, 2), default=1, show_default=True,
              help="Of the derivative.")
@click.option("--latex", is_flag=True, help="Print LaTeX.")
@click.option("--html", is_flag=True, help="Print an HTML table.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(formula: str, declare: tuple[str, ...], grammar: str, wrt: str, order: int,
            latex: bool, html: bool, as_json: bool) -> None:
    """The gradient of a scalar, derived line by line."""
    f = _read(formula, declare, grammar)
    steps = late("symdl.display.steps.explain:explain")(f, _input(f, wrt), order)
    text = steps.latex() if latex else steps.html() if html else steps.text()
    click.echo(json.dumps({"declarations": f.declarations, "derivation": text},
                          ensure_ascii=False, indent=2) if as_json else text)


@main.command()
@_formula
@_wrt(True, "Count the gradient in these variables too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def cost(formula: str, declare: tuple[str, ...], grammar: str, wrt: tuple[str, ...],
         as_json: bool) -> None:
    """Operations and bytes as polynomials in the sizes."""
    f = _read(formula, declare, grammar)
    gradients = late("symdl.calculus.gradient:grad")(f, _inputs(f, wrt)) if wrt else []
    found = late("symdl.lowering.cost:cost")([f, *gradients])
    numbers = {k: str(getattr(found, k)) for k in ("flops", "bytes", "workspace")}
    click.echo(json.dumps({"declarations": f.declarations, **numbers}, indent=2) if as_json else
               f"{found}\n{f.declarations}")


@main.command()
@_formula
@_wrt(True, "Compute the gradient in these variables too.")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64",
              show_default=True, help="The type of real arrays.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the source to a file instead.")
def kernel(formula: str, declare: tuple[str, ...], grammar: str, wrt: tuple[str, ...], dtype: str,
           output: Path | None) -> None:
    """The source of a compiled kernel, as it is generated."""
    f = _read(formula, declare, grammar)
    gradients = late("symdl.calculus.gradient:grad")(f, _inputs(f, wrt)) if wrt else []
    source = late("symdl.kernels.kernel:compile")([f, *gradients], dtype).source
    if output is None:
        click.echo(source)
    else:
        output.write_text(source, encoding="utf-8")


@main.command()
@_formula
@_wrt(True, "A variable; may be repeated. Left out: every real input.")
@click.option("--seed", default=0, show_default=True, help="Of the point and the directions.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(formula: str, declare: tuple[str, ...], grammar: str, wrt: tuple[str, ...],
          seed: int, as_json: bool) -> None:
    """The gradient against differences at a random point; exit code 1 if they disagree."""
    f = _read(formula, declare, grammar)
    report = late("symdl.claims.check:check_grad")(f, _inputs(f, wrt), seed=seed)
    click.echo(json.dumps({"declarations": f.declarations, "status": report.status,
                           "report": str(report)}, ensure_ascii=False, indent=2)
               if as_json else str(report))
    if not report:
        raise click.exceptions.Exit(1)


@main.command()
@click.option("--input", "grammar", type=click.Choice(list(GRAMMARS)), default="text",
              help="The grammar of CLAIM.")
@click.option("--declare", "-d", multiple=True, metavar="TEXT",
              help='Such as "A: matrix[n,n] symmetric, x: vector[n]"; may be repeated.')
@click.option("--layout", type=click.Choice(["mixed", "numerator", "denominator"]), default="mixed",
              show_default=True, help="The order of a derivative's axes.")
@click.option("--size", "sizes", multiple=True, metavar="NAME=NUMBER",
              help="A size at which the formula is meant; may be repeated.")
@click.option("--source", default="", help="Book, edition, equation.")
@click.option("--seed", default=0, show_default=True, help="Of the points that are tried.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with the proof.")
@click.option("--latex", is_flag=True, help="Print LaTeX.")
@click.argument("claim")
def verify(claim: str, declare: tuple[str, ...], sizes: tuple[str, ...], seed: int, as_json: bool,
           latex: bool, **parts: str) -> None:
    """Judge a claim, "d tr(A*X)/dX = A'".

    Exit code 0: proved; 1: refuted; 2: supported by numbers only, or undecided.
    """
    found = late("symdl.claims.verify.verify:verify")(
        claim, ", ".join(declare), seed=seed, sizes=dict(map(_size, sizes)), proof=as_json, **parts)
    click.echo(json.dumps(found.json(), ensure_ascii=False, indent=2) if as_json else
               found.latex() if latex else str(found))
    raise click.exceptions.Exit(found.exit_code)


def _size(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.strip().isdigit():
        raise SymdlError(f"a size is stated as n=3, not as {text}")
    return name.strip(), int(number)


@main.command("verify-derivation")
@click.option("--input", "grammar", type=click.Choice(list(GRAMMARS)),
              help="The grammar; left out: LaTeX where there is an environment, else text.")
@click.option("--declare", "-d", multiple=True, metavar="TEXT", help="As for verify.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_derivation(file: Path, grammar: str | None, declare: tuple[str, ...],
                      as_json: bool) -> None:
    """Judge the lines of a derivation, each from the one before, and name the first wrong one.

    FILE holds LaTeX with align environments, or one equation a line. Exit codes as of verify.
    """
    found = late("symdl.claims.verify.derivation:verify_derivation")(
        file.read_text(encoding="utf-8"), ", ".join(declare), grammar=grammar or "")
    click.echo(json.dumps(found.json(), ensure_ascii=False, indent=2) if as_json else str(found))
    raise click.exceptions.Exit(found.exit_code)


@main.command("check-proof")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_proof(file: Path) -> None:
    """Check a proof step by step: FILE is what verify --json printed.

    Exit code 0: all steps hold and lead from one side to the other; 1: they don't.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise SymdlError(f"{file} holds no JSON: {error}") from None
    proof = found.get("proof", found) if isinstance(found, dict) else {}
    checked = late("symdl.claims.verify.checker.check:check_proof")(proof)
    click.echo(str(checked))
    raise click.exceptions.Exit(0 if checked else 1)
