"""A network that reads handwritten digits, from its formula to a trained classifier.

The question: what are the gradients of the loss of a network with one hidden layer, are they
right, and how fast is a step of training that is compiled from them?

A batch of n images with d pixels, a hidden layer of h rectified units, k classes:

    H = relu(X W1 + b1)                             (n, h)
    Z = H W2 + b2                                   (n, k)
    L = 1/n sum_i (logsumexp(Z_i) - Z[i, y_i]) + decay/2 (sum W1² + sum W2²)

Every derivative below is derived from these three lines. Run it with `make demo`; the pictures,
the trained parameters and the source of the kernel go to `out/`.

Data: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998; the 1,797
images of 8 x 8 pixels that scikit-learn brings along.
Reference: I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016, sections 6.1 to 6.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import symdl as sd
from symdl import nn

OUT = Path(__file__).parents[1] / "out"
PIXELS, HIDDEN, CLASSES = 64, 128, 10
SEED, EPOCHS, BATCH = 0, 40, 32
RATE, MOMENTUM, DECAY = 0.1, 0.9, 0.001
TURNS = 200
GOAL = 0.97

Array = NDArray[Any]
Parameters = dict[str, Any]


class Network(NamedTuple):
    """The formulas: inputs, parameters, logits and loss."""

    X: sd.Tensor
    y: sd.Tensor
    decay: sd.Tensor
    parameters: Parameters
    logits: sd.Tensor
    loss: sd.Tensor


class Data(NamedTuple):
    """Images as rows of pixels in [0, 1], and their digits."""

    images: Array
    digits: Array


class History(NamedTuple):
    """The mean loss of each epoch, and the accuracies after it."""

    loss: list[float]
    training: list[float]
    held_out: list[float]


# 1. The network. Its sizes are symbols: the 64, 128 and 10 of the digits first occur when the
# weights are drawn. `sd.define` gives an intermediate a name, and formulas are printed with it.


def network() -> Network:
    n, d, h, k = sd.dims("n d h k")
    i, u, c = sd.indices("i u c", n, h, k)
    X, y = sd.tensor("X", n, d), sd.tensor("y", n, integer=True)
    W1, b1 = sd.tensor("W1", d, h), sd.tensor("b1", h)
    W2, b2 = sd.tensor("W2", h, k), sd.tensor("b2", k)
    decay = sd.tensor("decay")
    A = sd.define("A", (i, u), nn.dense(X, W1, b1)[i, u])
    H = sd.define("H", (i, u), nn.relu(A[i, u]))
    Z = sd.define("Z", (i, c), nn.dense(H, W2, b2)[i, c])
    loss = nn.cross_entropy(Z, y) + decay / 2 * (sd.sum(W1**2) + sd.sum(W2**2))
    return Network(X, y, decay, {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, Z, loss)


# 2. The gradients, in matrix notation. The one in the logits is the well-known difference of
# probabilities and one-hot labels; the others are built on it.


def show_gradients(net: Network, console: Console) -> None:
    formulas = {"L": net.loss, "∂L/∂Z": sd.grad(net.loss, net.logits)}
    gradients = sd.grad(net.loss, net.parameters)
    formulas |= {f"∂L/∂{name}": gradient for name, gradient in gradients.items()}
    texts = {left: in_lines(formula) for left, formula in formulas.items()}
    below = dict.fromkeys(line for _, *lines in texts.values() for line in lines)
    names = Counter(line.partition(" = ")[0] for line in below)
    common = [line for line in below if names[line.partition(" = ")[0]] == 1]
    console.rule("Derived gradients")
    for left, (first, *lines) in texts.items():
        own = [f"    {line}" for line in lines if line not in common]
        say(console, "\n".join([f"{left} = {first}", *own]))
    say(console, "\n".join(["where", *(f"    {line}" for line in common)]))


def in_lines(formula: sd.Tensor) -> list[str]:
    """The formula in matrix notation, then the intermediates it is written with, a line each."""
    lines = formula.simplify().matrix().splitlines()
    return [line.removeprefix("where").strip() for line in lines]


def say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


# 3. The check. It knows only the values of the loss: derivatives along random directions and of
# single entries are measured by central differences, at a drawn point of small sizes and at the
# weights and images with which training begins.


def check_gradients(net: Network, train: Data, start: Parameters, console: Console) -> None:
    console.rule("Gradients against finite differences")
    few = {net.X: train.images[:8], net.y: train.digits[:8], net.decay: DECAY}
    for report in (
        sd.check_grad(net.loss, net.parameters, seed=SEED),
        sd.check_grad(net.loss, net.parameters, at={**few, **start}, seed=SEED),
    ):
        assert report, str(report)
        say(console, "\n".join(str(report).splitlines()[:2]))


# 4. The kernels. One step of stochastic gradient descent with momentum is a formula too: new
# parameters and new velocities in terms of the present ones. Loss, gradients and update are
# compiled together, into one function for every size of batch and network; and so is a loop of
# such steps, which is what trains.


def update(net: Network) -> tuple[Parameters, Parameters]:
    """The state of a training, and what a step makes of it."""
    state = {"parameters": net.parameters, "velocities": nn.velocities(net.parameters)}
    parameters, moved = nn.sgd(
        net.parameters, sd.grad(net.loss, net.parameters), state["velocities"],
        learning_rate=sd.tensor("rate"), momentum=MOMENTUM,
    )
    return state, {"parameters": parameters, "velocities": moved}


def compiled_step(net: Network, backend: str = "numba") -> sd.Kernel:
    state, new = update(net)
    return sd.compile(
        {**new, "loss": net.loss},
        backend=backend,
        inputs={"X": net.X, "y": net.y, **state, "rate": sd.tensor("rate"), "decay": net.decay},
    )


def compiled_training(net: Network) -> sd.Loop:
    return sd.compile_loop(*update(net), net.loss, data=[net.X, net.y])


def compiled_gradients(net: Network, backend: str = "numba") -> sd.Kernel:
    return sd.compile(
        sd.value_and_grad(net.loss, net.parameters),
        backend=backend,
        inputs={"X": net.X, "y": net.y, "parameters": net.parameters, "decay": net.decay},
    )


def compiled_probabilities(net: Network) -> sd.Kernel:
    return sd.compile(
        nn.softmax(net.logits), inputs={"X": net.X, "parameters": net.parameters}
    )


# 5. The data: three quarters to train with, one quarter held out, every digit in both alike.


def load_data() -> tuple[Data, Data]:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        digits.data / 16, digits.target, test_size=0.25, stratify=digits.target, random_state=SEED
    )
    return Data(train_x, train_y), Data(test_x, test_y)


def initial_parameters() -> Parameters:
    draw = np.random.default_rng(SEED)
    return {
        "W1": nn.init.he_normal((PIXELS, HIDDEN), draw),
        "b1": np.zeros(HIDDEN),
        "W2": nn.init.glorot_uniform((HIDDEN, CLASSES), draw),
        "b2": np.zeros(CLASSES),
    }


# 6. Training: minibatches in random order, the learning rate falling linearly to 0. An epoch is
# one call, which updates the parameters in place.


def train_network(
    training: sd.Loop, probabilities: sd.Kernel, data: tuple[Data, Data], parameters: Parameters,
    epochs: int, advance: Callable[[History], None] = lambda history: None,
) -> tuple[Parameters, History]:
    (train, held_out), history = data, History([], [], [])
    parameters = {name: p.copy() for name, p in parameters.items()}
    velocities = {name: np.zeros_like(p) for name, p in parameters.items()}
    shuffle = np.random.default_rng(SEED)
    for epoch in range(epochs):
        losses = training(X=train.images, y=train.digits, parameters=parameters,
                          velocities=velocities, rate=RATE * (1 - epoch / epochs), decay=DECAY,
                          order=shuffle.permutation(len(train.images)), batch=BATCH)
        history.loss.append(float(losses.mean()))
        history.training.append(accuracy(probabilities, train, parameters))
        history.held_out.append(accuracy(probabilities, held_out, parameters))
        advance(history)
    return parameters, history


def accuracy(probabilities: sd.Kernel, data: Data, parameters: Parameters) -> float:
    guesses = probabilities(X=data.images, parameters=parameters).argmax(axis=1)
    return float(np.mean(guesses == data.digits))


def train_under_a_bar(console: Console, epochs: int, **arguments: Any,
                      ) -> tuple[Parameters, History]:
    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("loss {task.fields[loss]:.4f}, held out {task.fields[accuracy]:.2%}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training", total=epochs, loss=float("nan"), accuracy=0.0)
        return train_network(
            epochs=epochs,
            advance=lambda history: progress.update(
                task, advance=1, loss=history.loss[-1], accuracy=history.held_out[-1]
            ),
            **arguments,
        )


# 7. The time of one step, against the same equations one after another with NumPy's functions.
# The two take turns, so that whatever else the machine does meets both.


def time_step(net: Network, train: Data, start: Parameters, turns: int) -> dict[str, float]:
    batch = {
        "X": train.images[:BATCH], "y": train.digits[:BATCH], "parameters": start,
        "velocities": {name: np.zeros_like(p) for name, p in start.items()},
        "rate": RATE, "decay": DECAY,
    }
    steps = {backend: compiled_step(net, backend) for backend in ("numba", "numpy")}
    seconds: dict[str, list[float]] = {backend: [] for backend in steps}
    for turn in range(turns + 5):
        for backend, step in steps.items():
            begin = perf_counter()
            step(**batch)
            if turn >= 5:  # the first turns compile and warm up
                seconds[backend].append(perf_counter() - begin)
    return {backend: median(times) for backend, times in seconds.items()}


# 8. The pictures.


def draw_curves(history: History, file: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    epochs = range(1, len(history.loss) + 1)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(epochs, history.loss, color="tab:blue")
    left.set(title="Loss on the training images", xlabel="epoch", ylim=(0, None))
    right.plot(epochs, history.training, color="tab:gray", label="training")
    right.plot(epochs, history.held_out, color="tab:orange", label="held out")
    right.axhline(GOAL, color="black", linewidth=0.8, linestyle=":")
    right.set(title="Accuracy", xlabel="epoch", ylim=(0.85, 1.005))
    right.legend(loc="lower right")
    figure.savefig(file, dpi=150)
    pyplot.close(figure)


def draw_examples(probabilities: Array, data: Data, file: Path) -> None:
    """Draw some images that were read right and the surest mistakes below, in red."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    guesses, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(guesses != data.digits)
    wrong = wrong[np.argsort(-sureness[wrong])][:8]
    right = np.flatnonzero(guesses == data.digits)[: 32 - len(wrong)]
    figure, cells = pyplot.subplots(4, 8, figsize=(10, 6), layout="constrained")
    for cell, example in zip(cells.flat, [*right, *wrong], strict=False):
        cell.imshow(data.images[example].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        hit = guesses[example] == data.digits[example]
        title = f"{guesses[example]}" if hit else f"{guesses[example]}, is {data.digits[example]}"
        cell.set_title(f"{title}  ({sureness[example]:.0%})", fontsize=9,
                       color="black" if hit else "tab:red")
    for cell in cells.flat:
        cell.axis("off")
    figure.savefig(file, dpi=150)
    pyplot.close(figure)


# The whole way.


def main(epochs: int = EPOCHS, turns: int = TURNS, goal: float = GOAL, out: Path = OUT) -> float:
    """Derive, check, compile, train and draw; return the accuracy on the held-out quarter."""
    begin = perf_counter()
    console = Console()
    out.mkdir(parents=True, exist_ok=True)
    net, (train, held_out), start = network(), load_data(), initial_parameters()
    show_gradients(net, console)
    check_gradients(net, train, start, console)

    console.rule("Compiled, trained, timed")
    gradients, step, training = (
        compiled_gradients(net), compiled_step(net), compiled_training(net))
    (out / "gradients.py").write_text(gradients.source, encoding="utf-8")
    (out / "step.py").write_text(step.source, encoding="utf-8")
    value, _ = gradients(X=held_out.images, y=held_out.digits, parameters=start, decay=DECAY)
    say(console, f"before training, the loss on the held-out images is {value:.3f}")
    probabilities = compiled_probabilities(net)
    trained, history = train_under_a_bar(
        console, epochs, training=training, probabilities=probabilities, data=(train, held_out),
        parameters=start,
    )
    nn.save(out / "digits.npz", trained)
    reached = accuracy(probabilities, held_out, nn.load(out / "digits.npz"))
    say(console, f"{reached:.2%} of {len(held_out.digits)} held-out digits are read right")
    assert reached >= goal, f"only {reached:.2%} of the held-out digits are read right"

    seconds = time_step(net, train, start, turns)
    say(
        console,
        f"one step on {BATCH} images: {seconds['numba'] * 1e6:.0f} µs compiled, "
        f"{seconds['numpy'] * 1e6:.0f} µs equation by equation with NumPy, "
        f"{seconds['numpy'] / seconds['numba']:.1f} times as long",
    )
    draw_curves(history, out / "training.png")
    draw_examples(probabilities(X=held_out.images, parameters=trained), held_out,
                  out / "examples.png")
    written = ", ".join(sorted(file.name for file in out.iterdir()))
    say(console, f"{out} holds {written}; {perf_counter() - begin:.0f} s in all")
    return reached


if __name__ == "__main__":
    main()
