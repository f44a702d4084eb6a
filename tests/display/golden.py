"""Golden forms: what is differentiated, and the text that a textbook prints for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import symdl as sd
from symdl import nn
from symdl.language.form import Form
from symdl.language.tensor import Tensor

Total = Callable[..., Tensor]
"""Adds its arguments, in an order that a test chooses."""


@dataclass(frozen=True)
class Golden:
    """One formula.

    Attributes
    ----------
    source : str
        Where it stands: book, edition or year, equation.
    text : str
        The simplified derivative, in matrix notation unless that is said otherwise.
    expression : callable
        Builds what is differentiated; its sums are added by the function it is handed.
    wrt : Tensor
        In what it is differentiated.
    order : int
        How often.
    known : tuple of Tensor
        Named tensors that may occur.
    notation : str
        "matrix" or "index".
    """

    source: str
    text: str
    expression: Callable[[Total], Tensor]
    wrt: Tensor
    order: int = 1
    known: tuple[Tensor, ...] = ()
    notation: str = "matrix"

    def differentiated(self, total: Total) -> Tensor:
        """What the last derivative is taken of."""
        y = self.expression(total)
        return y if self.order == 1 else sd.grad(y, self.wrt)

    def derivative(self, total: Total) -> Tensor:
        """The derivative as it was derived."""
        y = self.differentiated(total)
        return sd.jacobian(y, self.wrt) if y.ndim else sd.grad(y, self.wrt)

    def print(self, t: Tensor) -> str:
        """The simplified form of a result as text."""
        return getattr(t.simplify(*self.known), self.notation)()


n, m, d, k, h = sd.dims("n m d k h")
COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook, 2012, eq. "
PRML = "Bishop, Pattern Recognition and Machine Learning, 2006, "
NIELSEN = "Nielsen, Neural Networks and Deep Learning, 2015, chapter 2, "
LAUE = "Laue, Mitterreiter & Giesen, Computing Higher Order Derivatives, 2018, experiments"
GOODFELLOW = "Goodfellow, Bengio & Courville, Deep Learning, 2016, "
MURPHY = "Murphy, Machine Learning: A Probabilistic Perspective, 2012, section "
BOYD = "Boyd & Vandenberghe, Convex Optimization, 2004, "
VASWANI = "Vaswani et al., Attention Is All You Need, 2017, eq. 1, differentiated"
LSTM = "Gers, Schmidhuber & Cummins, Learning to Forget, 2000"


def vectors(names: str, size: Form = n) -> list[Tensor]:
    """Inputs with one axis."""
    return [sd.tensor(name, size) for name in names.split()]


def square(names: str, **facts: bool) -> list[Tensor]:
    """Inputs of n rows and n columns."""
    return [sd.tensor(name, n, n, **facts) for name in names.split()]


tr, inv, log, exp, sigmoid = sd.trace, sd.inv, sd.log, sd.exp, sd.sigmoid
a, b, c, s, x, z = vectors("a b c s x z")
A, B, C, D, X = square("A B C D X")
S, W = square("S W", symmetric=True)
B_sym, C_sym = square("B C", symmetric=True)
A_inner = sd.tensor("A", k, k)
t = sd.tensor("t")
F, G, U, L = sd.tensor("F", n, d), sd.tensor("G", n, k), sd.tensor("U", d, k), sd.tensor("L", n, k)
w, mu, bias = sd.tensor("w", d), sd.tensor("mu", d), sd.tensor("bias", k)
Y, y = sd.tensor("Y", n, k, one_hot=True), sd.tensor("y", n, integer=True)
logits, target = sd.tensor("a", k), sd.tensor("t", k)
simplex, one_hot = sd.tensor("t", k, simplex=True), sd.tensor("t", k, one_hot=True)
positive = sd.tensor("p", n, positive=True)


def residual(total: Total) -> Tensor:
    return total(X @ b, c)


def weighted(total: Total) -> Tensor:
    r = total(x, -(A @ s))
    return r @ W @ r


def dense(total: Total) -> Tensor:
    return total(F @ U, bias)


def by_hand(labels: Tensor) -> Callable[[Total], Tensor]:
    return lambda total: -sd.sum(labels * log(sd.softmax(logits)))


def logistic(total: Total) -> Tensor:
    return sd.sum(log(1 + exp(-z * (F @ w))))


Sigma = sd.tensor("Sigma", d, d, positive_definite=True)
Lambda = sd.tensor("Lambda", d, d, positive_definite=True)


def gaussian(total: Total) -> Tensor:
    """The log-likelihood of a Gaussian without its constant."""
    return total(-n * sd.logdet(Sigma) / 2, -sd.sum(((F - mu) @ inv(Sigma)) * (F - mu)) / 2)


def divergence(total: Total) -> Tensor:
    """KL(N(mu, Sigma) || N(w, Lambda)) without its constant."""
    return total(tr(inv(Lambda) @ Sigma), (mu - w) @ inv(Lambda) @ (mu - w),
                 sd.logdet(Lambda), -sd.logdet(Sigma)) / 2


Q, K = sd.tensor("Q", n, d), sd.tensor("K", m, d)
V, dO, scores = sd.tensor("V", m, k), sd.tensor("dO", n, k), sd.tensor("S", n, m)


def attention(total: Total) -> Tensor:
    return sd.sum((sd.softmax(Q @ K.T / sd.sqrt(d)) @ V) * dO)


gamma, beta = sd.tensor("gamma", d), sd.tensor("beta", d)
dY, eps = sd.tensor("dY", n, d), sd.tensor("eps", positive=True)
mean = (sd.sum(F, axis=0) / n).renamed("m")
sigma = sd.sqrt(sd.sum((F - mean) ** 2, axis=0) / n + eps).renamed("sigma")
x_hat = ((F - mean) / sigma).renamed("xhat")
BATCH_NORM = """
where xhat = (F - m)/sigma
      sigma = sqrt(sum((F - m)**2, axis=0)/n + eps)
      m = sum(F, axis=0)/n"""
row_mean = (sd.sum(F, axis=1) / d).renamed("m")
row_sigma = sd.sqrt(sd.sum((F - row_mean[:, None]) ** 2, axis=1) / d + eps).renamed("sigma")
row_hat = ((F - row_mean[:, None]) / row_sigma[:, None]).renamed("xhat")
ROWS = """
where xhat = (F - m[:, None])/sigma[:, None]
      sigma = sqrt(sum((F - m[:, None])**2, axis=1)/d + eps)
      m = sum(F, axis=1)/d"""


def batch_norm(total: Total) -> Tensor:
    return sd.sum(total(gamma * x_hat, beta) * dY)


def layer_norm(total: Total) -> Tensor:
    return sd.sum(total(gamma * row_hat, beta) * dY)


first, W1, b1 = sd.tensor("x", d), sd.tensor("W1", h, d), sd.tensor("b1", h)
W2, b2, wanted = sd.tensor("W2", k, h), sd.tensor("b2", k), sd.tensor("y", k)
z1 = (W1 @ first + b1).renamed("z1")
a1 = sigmoid(z1).renamed("a1")
z2 = (W2 @ a1 + b2).renamed("z2")
a2 = sigmoid(z2).renamed("a2")
NETWORK = """
where a2 = sigmoid(z2)
      z2 = W2 @ a1 + b2
      a1 = sigmoid(z1)
      z1 = W1 @ x + b1"""


def quadratic_cost(total: Total) -> Tensor:
    return sd.sum((a2 - wanted) ** 2) / 2


zi, zf, zo, zg, c_prev, dh = vectors("zi zf zo zg c_prev dh")
gates = [sigmoid(u).renamed(name) for u, name in ((zi, "i"), (zf, "f"), (zo, "o"))]
cell_input = sd.tanh(zg).renamed("g")
CELL = """
where o = sigmoid(zo)
      c = c_prev*f + g*i
      f = sigmoid(zf)
      g = tanh(zg)
      i = sigmoid(zi)"""


def lstm(total: Total) -> Tensor:
    i, f, o = gates
    cell = total(f * c_prev, i * cell_input).renamed("c")
    return sd.sum(o * sd.tanh(cell) * dh)


N, channels, rows, columns, filters = sd.dims("n c h w o")
image, kernel = sd.tensor("X", N, channels, rows, columns), sd.tensor("F", filters, channels, 3, 3)
convolved = nn.conv2d(image, kernel)
upstream = sd.tensor("G", *convolved.shape)
pooled = sd.tensor("dP", n, m)
windows = sd.tensor("X", n, m, 3)

P_LOGITS, P_SCORES = "\nwhere P = softmax(a)", "\nwhere P = softmax(S, axis=1)"
P_DENSE = "\nwhere P = softmax(F @ U + bias, axis=1)"
P_ATTENTION = "\nwhere P = softmax(Q @ K.T / sqrt(d), axis=1)"
DELTA = "(P*(dO @ V.T - sum(P*(dO @ V.T), axis=1, keepdims=True)))"

GOLDEN: dict[str, Golden] = {
    "det": Golden(COOKBOOK + "49", "det(X)*inv(X).T", lambda _: sd.det(X), X),
    "logdet": Golden(COOKBOOK + "57", "inv(X).T", lambda _: sd.logdet(X), X),
    "inverse of a scalar": Golden(COOKBOOK + "59", "-inv(t*B + A) @ B @ inv(t*B + A)",
                                  lambda total: inv(total(A, t * B)), t),
    "bilinear inverse": Golden(COOKBOOK + "61", "-inv(X).T @ outer(a, b) @ inv(X).T",
                               lambda _: a @ inv(X) @ b, X),
    "trace of an inverse": Golden(COOKBOOK + "63, 124", "-inv(X).T @ A.T @ B.T @ inv(X).T",
                                  lambda _: tr(A @ inv(X) @ B), X),
    "trace of a shifted inverse": Golden(COOKBOOK + "64", "-inv(A + X).T @ inv(A + X).T",
                                         lambda total: tr(inv(total(X, A))), X),
    "bilinear": Golden(COOKBOOK + "70", "outer(a, b)", lambda _: a @ X @ b, X),
    "bilinear, transposed": Golden(COOKBOOK + "71", "outer(b, a)", lambda _: a @ X.T @ b, X),
    "quadratic in X": Golden(COOKBOOK + "77", "X @ (outer(b, c) + outer(c, b))",
                             lambda _: b @ X.T @ X @ c, X),
    "affine factors": Golden(
        COOKBOOK + "78", "B.T @ C @ (D @ x + c) + D.T @ C.T @ (B @ x + b)",
        lambda total: total(B @ x, b) @ C @ total(D @ x, c), x),
    "quadratic form": Golden(COOKBOOK + "81", "(B + B.T) @ x", lambda _: x @ B @ x, x),
    "symmetric quadratic form": Golden(COOKBOOK + "81, B symmetric", "2*S @ x",
                                       lambda _: x @ S @ x, x),
    "form in X": Golden(COOKBOOK + "82", "outer(D @ X @ c, b) + outer(D.T @ X @ b, c)",
                        lambda _: b @ X.T @ D @ X @ c, X),
    "residual's form": Golden(COOKBOOK + "83", "outer((D + D.T) @ (X @ b + c), b)",
                              lambda total: residual(total) @ D @ residual(total), X),
    "weighted squares in s": Golden(COOKBOOK + "84", "-2*A.T @ W @ (x - A @ s)", weighted, s),
    "weighted squares in x": Golden(COOKBOOK + "87", "2*W @ (x - A @ s)", weighted, x),
    "weighted squares in A": Golden(COOKBOOK + "88", "-2*outer(W @ (x - A @ s), s)", weighted, A),
    "trace XA": Golden(COOKBOOK + "100", "A.T", lambda _: tr(X @ A), X),
    "trace AXB": Golden(COOKBOOK + "101", "A.T @ B.T", lambda _: tr(A @ X @ B), X),
    "trace AX'B": Golden(COOKBOOK + "102", "B @ A", lambda _: tr(A @ X.T @ B), X),
    "trace X'A": Golden(COOKBOOK + "103", "A", lambda _: tr(X.T @ A), X),
    "trace AX'": Golden(COOKBOOK + "104", "A", lambda _: tr(A @ X.T), X),
    "trace XX": Golden(COOKBOOK + "106", "2*X.T", lambda _: tr(X @ X), X),
    "trace XXB": Golden(COOKBOOK + "107", "B.T @ X.T + X.T @ B.T", lambda _: tr(X @ X @ B), X),
    "trace X'BX": Golden(COOKBOOK + "108", "(B + B.T) @ X", lambda _: tr(X.T @ B @ X), X),
    "trace BXX'": Golden(COOKBOOK + "109", "(B + B.T) @ X", lambda _: tr(B @ X @ X.T), X),
    "trace XX'B": Golden(COOKBOOK + "110", "(B + B.T) @ X", lambda _: tr(X @ X.T @ B), X),
    "trace XBX'": Golden(COOKBOOK + "111", "X @ (B + B.T)", lambda _: tr(X @ B @ X.T), X),
    "trace BX'X": Golden(COOKBOOK + "112", "X @ (B + B.T)", lambda _: tr(B @ X.T @ X), X),
    "trace X'XB": Golden(COOKBOOK + "113", "X @ (B + B.T)", lambda _: tr(X.T @ X @ B), X),
    "trace AXBX": Golden(COOKBOOK + "114", "A.T @ X.T @ B.T + B.T @ X.T @ A.T",
                         lambda _: tr(A @ X @ B @ X), X),
    "trace X'X": Golden(COOKBOOK + "115", "2*X", lambda _: tr(X.T @ X), X),
    "trace B'X'CXB": Golden(COOKBOOK + "116", "(C + C.T) @ X @ B @ B.T",
                            lambda _: tr(B.T @ X.T @ C @ X @ B), X),
    "trace X'BXC": Golden(COOKBOOK + "117", "B @ X @ C + B.T @ X @ C.T",
                          lambda _: tr(X.T @ B @ X @ C), X),
    "trace AXBX'C": Golden(COOKBOOK + "118", "A.T @ C.T @ X @ B.T + C @ A @ X @ B",
                           lambda _: tr(A @ X @ B @ X.T @ C), X),
    "squared affine trace": Golden(
        COOKBOOK + "119", "2*A.T @ (A @ X @ B + C) @ B.T",
        lambda total: tr(total(A @ X @ B, C) @ total(A @ X @ B, C).T), X),
    "trace XXX": Golden(COOKBOOK + "121, k = 3", "3*X.T @ X.T", lambda _: tr(X @ X @ X), X),
    "inverse of a symmetric form": Golden(
        COOKBOOK + "125", "-C @ G @ v1 @ (A + A.T) @ v1\nwhere v1 = inv(G.T @ C @ G)",
        lambda _: tr(inv(G.T @ C_sym @ G) @ A_inner), G),
    "quotient of symmetric forms": Golden(
        COOKBOOK + "126", "2*B @ G @ v1 - 2*C @ G @ v1 @ G.T @ B @ G @ v1\n"
        "where v1 = inv(G.T @ C @ G)",
        lambda _: tr(inv(G.T @ C_sym @ G) @ (G.T @ B_sym @ G)), G),
    "distance": Golden(COOKBOOK + "129", "(x - a)/sqrt(sum((x - a)**2))",
                       lambda total: sd.sqrt(sd.sum(total(x, -a) ** 2)), x),
    "least squares": Golden(BOYD + "section 1.2.1", "2*F.T @ (F @ w - x)",
                            lambda total: sd.sum(total(F @ w, -x) ** 2), w),
    "ridge": Golden(PRML + "section 3.1.4, regularized least squares",
                    "2*F.T @ (F @ w - x) + 2*t*w",
                    lambda total: total(sd.sum((F @ w - x) ** 2), t * sd.sum(w**2)), w),
    "Gauss-Newton": Golden(PRML + "section 5.4.2, outer product approximation", "F.T @ F",
                           lambda total: sd.sum(total(F @ w, -x) ** 2) / 2, w, 2),
    "Hessian of a quadratic form": Golden(COOKBOOK + "98", "A + A.T", lambda _: x @ A @ x, x, 2),
    "dense, weights": Golden(GOODFELLOW + "section 6.5.6", "F.T @ G",
                             lambda total: sd.sum(dense(total) * G), U),
    "dense, inputs": Golden(GOODFELLOW + "section 6.5.6", "G @ U.T",
                            lambda total: sd.sum(dense(total) * G), F),
    "dense, bias": Golden(GOODFELLOW + "algorithm 6.4", "sum(G, axis=0)",
                          lambda total: sd.sum(dense(total) * G), bias),
    "sigmoid layer": Golden(GOODFELLOW + "algorithm 6.4",
                            "F.T @ (G*s*(1 - s))\nwhere s = sigmoid(F @ U)",
                            lambda _: sd.sum(sigmoid(F @ U) * G), U),
    "tanh layer": Golden(GOODFELLOW + "algorithm 6.4", "F.T @ (G*(1 - tanh(F @ U)**2))",
                         lambda _: sd.sum(sd.tanh(F @ U) * G), U),
    "softmax cross-entropy": Golden(PRML + "eq. 4.109", "F.T @ (P - Y) / n" + P_DENSE,
                                    lambda total: sd.cross_entropy(dense(total), Y), U),
    "softmax cross-entropy by class": Golden(
        PRML + "eq. 4.109", "F.T @ (P - one_hot(y, k)) / n" + P_DENSE,
        lambda total: sd.cross_entropy(dense(total), y), U),
    "cross-entropy, simplex": Golden(PRML + "eq. 4.108", "P - t" + P_LOGITS,
                                     by_hand(simplex), logits),
    "cross-entropy, one-hot": Golden(PRML + "eq. 4.108", "P - t" + P_LOGITS,
                                     by_hand(one_hot), logits),
    "cross-entropy, any target": Golden(PRML + "eq. 4.108 before the targets sum to 1",
                                        "sum(t)*P - t" + P_LOGITS, by_hand(target), logits),
    "log-sum-exp": Golden(BOYD + "section 3.1.5", "softmax(x)",
                          lambda _: log(sd.sum(exp(x))), x),
    "log-sum-exp, Hessian": Golden(BOYD + "section 3.1.5",
                                   "diag(P) - outer(P, P)\nwhere P = softmax(x)",
                                   lambda _: log(sd.sum(exp(x))), x, 2),
    "logistic regression": Golden(
        MURPHY + "8.3.1", "F.T @ (sigmoid(F @ w) - s)",
        lambda _: sd.binary_cross_entropy(F @ w, s, reduction="sum"), w),
    "logistic regression, Hessian": Golden(
        MURPHY + "8.3.1", "F.T @ diag(s*(1 - s)) @ F\nwhere s = sigmoid(F @ w)",
        lambda _: sd.binary_cross_entropy(F @ w, z, reduction="sum"), w, 2),
    "logistic loss": Golden(MURPHY + "8.3.1", "-F.T @ (z*sigmoid(-z*(F @ w)))", logistic, w),
    "logistic loss, Hessian": Golden(
        LAUE, "F.T @ diag(s*z**2*(1 - s)) @ F\nwhere s = sigmoid(-z*(F @ w))",
        logistic, w, 2),
    "sum of logarithms": Golden("entry by entry, d log p = dp/p", "a/p",
                                lambda _: a @ log(positive), positive),
    "matrix factorisation": Golden(LAUE, "2*(L @ U.T - F) @ U",
                                   lambda total: sd.sum(total(L @ U.T, -F) ** 2), L),
    "Gaussian, mean": Golden(PRML + "section 2.3.4", "inv(Sigma) @ sum(F - mu, axis=0)",
                             gaussian, mu),
    "Gaussian, covariance": Golden(
        PRML + "eq. 2.122 before it is set to 0",
        "inv(Sigma) @ (F - mu).T @ (F - mu) @ inv(Sigma) / 2 - n*inv(Sigma)/2", gaussian, Sigma),
    "divergence of Gaussians, mean": Golden(MURPHY + "2.8.2, for Gaussians",
                                            "inv(Lambda) @ (mu - w)", divergence, mu),
    "divergence of Gaussians, covariance": Golden(
        MURPHY + "2.8.2, for Gaussians", "inv(Lambda)/2 - inv(Sigma)/2", divergence, Sigma),
    "BP1": Golden(NIELSEN + "BP1", "a2*(1 - a2)*(a2 - y)" + NETWORK, quadratic_cost, z2),
    "BP2": Golden(NIELSEN + "BP2", "a1*(W2.T @ (a2*(1 - a2)*(a2 - y)))*(1 - a1)" + NETWORK,
                  quadratic_cost, z1),
    "BP3": Golden(NIELSEN + "BP3", "a2*(1 - a2)*(a2 - y)" + NETWORK, quadratic_cost, b2),
    "BP4": Golden(NIELSEN + "BP4", "outer(a2*(1 - a2)*(a2 - y), a1)" + NETWORK,
                  quadratic_cost, W2),
    "batch norm, inputs": Golden(
        "Ioffe & Szegedy, Batch Normalization, 2015, section 3, three terms joined",
        "gamma*(dY - xhat*sum(dY*xhat, axis=0)/n - sum(dY, axis=0)/n)/sigma" + BATCH_NORM,
        batch_norm, F, known=(x_hat,)),
    "batch norm, scale": Golden("Ioffe & Szegedy, Batch Normalization, 2015, section 3",
                                "sum(dY*xhat, axis=0)" + BATCH_NORM, batch_norm, gamma),
    "batch norm, shift": Golden("Ioffe & Szegedy, Batch Normalization, 2015, section 3",
                                "sum(dY, axis=0)", batch_norm, beta),
    "layer norm, inputs": Golden(
        "Ba, Kiros & Hinton, Layer Normalization, 2016, section 3, differentiated",
        "(dY*gamma - ((dY*xhat) @ gamma)[:, None]*xhat/d - (dY @ gamma)[:, None]/d)/sigma[:, None]"
        + ROWS, layer_norm, F, known=(row_hat, row_sigma, row_mean)),
    "layer norm, scale": Golden("Ba, Kiros & Hinton, Layer Normalization, 2016, section 3",
                                "sum(dY*xhat, axis=0)" + ROWS, layer_norm, gamma),
    "layer norm, shift": Golden("Ba, Kiros & Hinton, Layer Normalization, 2016, section 3",
                                "sum(dY, axis=0)", layer_norm, beta),
    "attention, values": Golden(VASWANI, "P.T @ dO" + P_ATTENTION, attention, V),
    "attention, queries": Golden(VASWANI, DELTA + " @ K / sqrt(d)" + P_ATTENTION, attention, Q),
    "attention, keys": Golden(VASWANI, DELTA + ".T @ Q / sqrt(d)" + P_ATTENTION, attention, K),
    "attention, scores": Golden(VASWANI, DELTA[1:-1] + P_SCORES,
                                lambda _: sd.sum((sd.softmax(scores) @ V) * dO), scores),
    "LSTM, input gate": Golden(LSTM, "dh*g*i*o*(1 - i)*(1 - tanh(c)**2)" + CELL, lstm, zi),
    "LSTM, forget gate": Golden(LSTM, "c_prev*dh*f*o*(1 - f)*(1 - tanh(c)**2)" + CELL, lstm, zf),
    "LSTM, output gate": Golden(LSTM, "dh*o*tanh(c)*(1 - o)" + CELL, lstm, zo),
    "LSTM, cell input": Golden(LSTM, "dh*i*o*(1 - g**2)*(1 - tanh(c)**2)" + CELL, lstm, zg),
    "LSTM, state": Golden(LSTM, "dh*f*o*(1 - tanh(c)**2)" + CELL, lstm, c_prev),
    "convolution, image": Golden(
        GOODFELLOW + "section 9.5",
        "[n,c,i,j]: sum_{o,k,l | h + k >= i + 3 and w + l >= j + 3 and k <= i and l <= j} "
        "G[n,o,i-k,j-l]*F[o,c,k,l]",
        lambda _: sd.sum(convolved * upstream), image, notation="index"),
    "convolution, kernel": Golden(
        GOODFELLOW + "eq. 9.11", "sum_{k,n,l} G[n,o,k,l]*X[n,c,i+k,j+l]",
        lambda _: sd.sum(convolved * upstream), kernel, notation="index"),
    "max-pooling": Golden(
        GOODFELLOW + "section 9.3", "[n,m,i]: [i == argmax_j X[n,m,j]]*dP[n,m]",
        lambda _: sd.sum(sd.max(windows, axis=2) * pooled), windows, notation="index"),
}
