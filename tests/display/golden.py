"""Golden forms: what is differentiated, and the text that a textbook prints for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import symdl as sd
from symdl.language.tensor import Tensor

Total = Callable[..., Tensor]
"""Adds its arguments, in an order that a test chooses."""

n, m, d, k, h, p, q, T = sd.dims("n m d k h p q T")
COOKBOOK = "Petersen & Pedersen, The Matrix Cookbook, 2012, eq. "
PRML = "Bishop, Pattern Recognition and Machine Learning, 2006, eq. "
NIELSEN = "Nielsen, Neural Networks and Deep Learning, 2015, chapter 2, "
MATRIXCALCULUS = "Laue, Mitterreiter & Giesen, matrixcalculus.org, front page, "


@dataclass(frozen=True)
class Golden:
    """One formula.

    Attributes
    ----------
    derive : callable
        Builds the loss, its sums added by the function it is handed, and derives the result.
    text : str
        The matrix notation of the simplified result.
    source : str
        Where it stands: book, edition or year, equation.
    """

    derive: Callable[[Total], Tensor]
    text: str
    source: str


def vectors(names: str, size: sd.Form) -> list[Tensor]:
    """Inputs with one axis."""
    return [sd.tensor(name, size) for name in names.split()]


def square(names: str, **facts: bool) -> list[Tensor]:
    """Inputs of n rows and n columns."""
    return [sd.tensor(name, n, n, **facts) for name in names.split()]


a, b, c, s, x, z = vectors("a b c s x z", n)
A, B, C, D, X, V = square("A B C D X V")
S, W = square("S W", symmetric=True)
w, mu = sd.tensor("w", d), sd.tensor("mu", d)
t = sd.tensor("t")
"""Scalars, vectors and square matrices of the Cookbook's letters."""

F, G, U = sd.tensor("F", n, d), sd.tensor("G", n, k), sd.tensor("U", d, k)
bias = sd.tensor("bias", k)
Y = sd.tensor("Y", n, k, one_hot=True)
y = sd.tensor("y", n, integer=True)
"""A design matrix, an upstream gradient, weights, labels."""


def of(loss: Tensor, wrt: Tensor) -> Tensor:
    return sd.grad(loss, wrt)


tr = sd.trace

GOLDEN: dict[str, Golden] = {}


def golden(name: str, source: str, text: str):
    def enter(derive):
        GOLDEN[name] = Golden(derive, text, source)
        return derive
    return enter

def g(name, source, text, derive):
    GOLDEN[name] = Golden(derive, text, source)

R = sd.tensor("R", n, d)

g("cookbook 49", COOKBOOK + "49", "det(X)*inv(X).T", lambda _: of(sd.det(X), X))
g("cookbook 57", COOKBOOK + "57", "inv(X).T", lambda _: of(sd.logdet(X), X))
g("cookbook 61", COOKBOOK + "61", "-inv(X).T @ outer(a, b) @ inv(X).T", lambda _: of(a @ sd.inv(X) @ b, X))
g("cookbook 63", COOKBOOK + "63", "-(inv(X) @ B @ A @ inv(X)).T", lambda _: of(tr(A @ sd.inv(X) @ B), X))
g("cookbook 64", COOKBOOK + "64", "", lambda _: of(tr(sd.inv(X + A)), X))
g("cookbook 70", COOKBOOK + "70", "outer(a, b)", lambda _: of(a @ X @ b, X))
g("cookbook 71", COOKBOOK + "71", "outer(b, a)", lambda _: of(a @ X.T @ b, X))
g("cookbook 72", COOKBOOK + "72", "outer(a, a)", lambda _: of(a @ X.T @ a, X))
g("cookbook 77", COOKBOOK + "77", "X @ (outer(b, c) + outer(c, b))", lambda _: of(b @ X.T @ X @ c, X))
g("cookbook 78", COOKBOOK + "78", "B.T @ C @ (D @ x + c) + D.T @ C.T @ (B @ x + b)", lambda total: of(total(B @ x, b) @ C @ total(D @ x, c), x))
g("cookbook 81", COOKBOOK + "81", "(B + B.T) @ x", lambda _: of(x @ B @ x, x))
g("cookbook 82", COOKBOOK + "82", "D.T @ X @ outer(b, c) + D @ X @ outer(c, b)", lambda _: of(b @ X.T @ D @ X @ c, X))
g("cookbook 83", COOKBOOK + "83", "outer((D + D.T) @ (X @ b + c), b)", lambda _: of((X @ b + c) @ D @ (X @ b + c), X))
g("cookbook 84", COOKBOOK + "84", "-2*A.T @ W @ (x - A @ s)", lambda _: of((x - A @ s) @ W @ (x - A @ s), s))
g("cookbook 86", COOKBOOK + "86", "-2*W @ (x - s)", lambda _: of((x -  s) @ W @ (x -  s), s))
g("cookbook 88", COOKBOOK + "88", "-2*outer(W @ (x - A @ s), s)", lambda _: of((x - A @ s) @ W @ (x - A @ s), A))
g("cookbook 100", COOKBOOK + "100", "A.T", lambda _: of(tr(X @ A), X))
g("cookbook 101", COOKBOOK + "101", "A.T @ B.T", lambda _: of(tr(A @ X @ B), X))
g("cookbook 102", COOKBOOK + "102", "B @ A", lambda _: of(tr(A @ X.T @ B), X))
g("cookbook 103", COOKBOOK + "103", "A", lambda _: of(tr(X.T @ A), X))
g("cookbook 104", COOKBOOK + "104", "A", lambda _: of(tr(A @ X.T), X))
g("cookbook 106", COOKBOOK + "106", "2*X.T", lambda _: of(tr(X @ X), X))
g("cookbook 107", COOKBOOK + "107", "(X @ B + B @ X).T", lambda _: of(tr(X @ X @ B), X))
g("cookbook 108", COOKBOOK + "108", "(B + B.T) @ X", lambda _: of(tr(X.T @ B @ X), X))
g("cookbook 109", COOKBOOK + "109", "(B + B.T) @ X", lambda _: of(tr(B @ X @ X.T), X))
g("cookbook 110", COOKBOOK + "110", "(B + B.T) @ X", lambda _: of(tr(X @ X.T @ B), X))
g("cookbook 111", COOKBOOK + "111", "X @ (B + B.T)", lambda _: of(tr(X @ B @ X.T), X))
g("cookbook 112", COOKBOOK + "112", "X @ (B + B.T)", lambda _: of(tr(B @ X.T @ X), X))
g("cookbook 113", COOKBOOK + "113", "X @ (B + B.T)", lambda _: of(tr(X.T @ X @ B), X))
g("cookbook 114", COOKBOOK + "114", "A.T @ X.T @ B.T + B.T @ X.T @ A.T", lambda _: of(tr(A @ X @ B @ X), X))
g("cookbook 115", COOKBOOK + "115", "2*X", lambda _: of(tr(X.T @ X), X))
g("cookbook 116", COOKBOOK + "116", "C.T @ X @ B @ B.T + C @ X @ B @ B.T", lambda _: of(tr(B.T @ X.T @ C @ X @ B), X))
g("cookbook 117", COOKBOOK + "117", "B @ X @ C + B.T @ X @ C.T", lambda _: of(tr(X.T @ B @ X @ C), X))
g("cookbook 118", COOKBOOK + "118", "A.T @ C.T @ X @ B.T + C @ A @ X @ B", lambda _: of(tr(A @ X @ B @ X.T @ C), X))
g("cookbook 119", COOKBOOK + "119", "2*A.T @ (A @ X @ B + C) @ B.T", lambda total: of(tr(total(A @ X @ B, C) @ total(A @ X @ B, C).T), X))
g("cookbook 121 (k=3)", COOKBOOK + "121", "3*X.T @ X.T", lambda _: of(tr(X @ X @ X), X))
g("cookbook 124", COOKBOOK + "124", "-inv(X).T @ A.T @ B.T @ inv(X).T", lambda _: of(tr(A @ sd.inv(X) @ B), X))
g("cookbook 125", COOKBOOK + "125", "-S @ X @ inv(X.T @ S @ X) @ (A + A.T) @ inv(X.T @ S @ X)", lambda _: of(tr(sd.inv(X.T @ S @ X) @ A), X))
g("cookbook 126", COOKBOOK + "126", "", lambda _: of(tr(sd.inv(X.T @ S @ X) @ (X.T @ W @ X)), X))
g("cookbook 129", COOKBOOK + "129", "(x - a)/sqrt(sum((x - a)**2))", lambda _: of(sd.sqrt(sd.sum((x - a)**2)), x))
g("dense dW", "", "F.T @ G", lambda total: of(sd.sum(total(F @ U, bias) * G), U))
g("dense dX", "", "G @ U.T", lambda total: of(sd.sum(total(F @ U, bias) * G), F))
g("dense db", "", "sum(G, axis=0)", lambda total: of(sd.sum(total(F @ U, bias) * G), bias))
g("sce", "", "F.T @ (P - Y) / n", lambda total: of(sd.cross_entropy(total(F @ U, bias), Y), U))
g("sce int", "", "", lambda total: of(sd.cross_entropy(total(F @ U, bias), y), U))
aa = sd.tensor("a", k)
g("ce simplex", "", "P - t", lambda _: of(-sd.sum(sd.tensor("t", k, simplex=True) * sd.log(sd.softmax(aa))), aa))
g("ce onehot", "", "P - t", lambda _: of(-sd.sum(sd.tensor("t", k, one_hot=True) * sd.log(sd.softmax(aa))), aa))
g("ce free", "", "sum(t)*P - t", lambda _: of(-sd.sum(sd.tensor("t", k) * sd.log(sd.softmax(aa))), aa))
g("logistic", "", "F.T @ (sigmoid(F @ w) - s)", lambda _: of(sd.binary_cross_entropy(F @ w, s, reduction="sum"), w))
g("logistic hess", "", "F.T @ diag(s*(1 - s)) @ F", lambda _: sd.hessian(sd.binary_cross_entropy(F @ w, z, reduction="sum"), w))
g("logistic hand", "", "", lambda _: of(sd.sum(sd.log(1+sd.exp(-z*(F@w)))), w))
g("logistic hand hess", "", "", lambda _: sd.hessian(sd.sum(sd.log(1+sd.exp(-z*(F@w)))), w))
g("gauss newton", "", "F.T @ F", lambda _: sd.hessian(sd.sum((F @ w - x)**2)/2, w))
g("lsq", "", "2*F.T @ (F @ w - x)", lambda _: of(sd.sum((F @ w - x)**2), w))
g("ridge", "", "2*F.T @ (F @ w - x) + 2*t*w", lambda total: of(total(sd.sum((F @ w - x)**2), t*sd.sum(w**2)), w))
g("quad sym", "", "2*S @ x", lambda _: of(x @ S @ x, x))
g("quad hess", "", "A + A.T", lambda _: sd.hessian(x @ A @ x, x))
g("lse", "", "softmax(x)", lambda _: of(sd.log(sd.sum(sd.exp(x))), x))
g("lse hess", "", "diag(p) - outer(p, p)", lambda _: sd.hessian(sd.log(sd.sum(sd.exp(x))), x))
Sig = sd.tensor("Sigma", d, d, symmetric=True, positive_definite=True)
g("gauss mean", "", "", lambda total: of(-sd.sum(((F - mu) @ sd.inv(Sig)) * (F - mu))/2 - n*sd.logdet(Sig)/2, mu))
g("gauss cov", "", "", lambda total: of(-sd.sum(((F - mu) @ sd.inv(Sig)) * (F - mu))/2 - n*sd.logdet(Sig)/2, Sig))
g("matfac U", "", "", lambda total: of(sd.sum((F - sd.tensor("L", n, k) @ sd.tensor("M", d, k).T)**2), sd.tensor("L", n, k)))
At = A + t * B
g("d inv", "", "", lambda total: sd.jacobian(sd.inv(At), t))
g("d inv", "", "", lambda total: sd.jacobian(sd.inv(A + t*B), t))
g("kl", "", "", lambda total: of((tr(sd.inv(sd.tensor("S1",d,d,symmetric=True)) @ Sig) + (mu-w) @ sd.inv(sd.tensor("S1",d,d,symmetric=True)) @ (mu-w) - d + sd.logdet(sd.tensor("S1",d,d,symmetric=True)) - sd.logdet(Sig))/2, mu))
g("kl S", "", "", lambda total: of((tr(sd.inv(sd.tensor("S1",d,d,symmetric=True)) @ Sig) + (mu-w) @ sd.inv(sd.tensor("S1",d,d,symmetric=True)) @ (mu-w) - d + sd.logdet(sd.tensor("S1",d,d,symmetric=True)) - sd.logdet(Sig))/2, Sig))
Q, K, Vv, O = sd.tensor("Q", n, d), sd.tensor("K", m, d), sd.tensor("V", m, k), sd.tensor("dO", n, k)
att = sd.sum((sd.softmax(Q @ K.T / sd.sqrt(d)) @ Vv) * O)
g("att V", "", "", lambda total: of(att, Vv))
g("att Q", "", "", lambda total: of(att, Q))
g("att K", "", "", lambda total: of(att, K))
Sc = sd.tensor("S", n, m)
g("att S", "", "", lambda total: of(sd.sum((sd.softmax(Sc) @ Vv) * O), Sc))
gam, bet = sd.tensor("gamma", d), sd.tensor("beta", d)
eps = sd.tensor("eps", positive=True)
G2 = sd.tensor("G", n, d)
def bn(wanted):
    mean = sd.mean(F, axis=0).renamed("m")
    sigma = sd.sqrt(sd.mean((F-mean)**2, axis=0) + eps).renamed("sigma")
    xh = ((F - mean) / sigma).renamed("xhat")
    return of(sd.sum((gam*xh + bet) * G2), wanted)
g("bn", "", "", lambda total: bn(F))
g("bn gamma", "", "", lambda total: bn(gam))
g("bn beta", "", "", lambda total: bn(bet))
def ln(wanted):
    mean = sd.mean(F, axis=1).renamed("m")
    sigma = sd.sqrt(sd.mean((F-mean[:, None])**2, axis=1) + eps).renamed("sigma")
    xh = ((F - mean[:, None]) / sigma[:, None]).renamed("xhat")
    return of(sd.sum((gam*xh + bet) * G2), wanted)
g("ln", "", "", lambda total: ln(F))
x0, W1, b1, W2, b2, yy = sd.tensor("x", d), sd.tensor("W1", h, d), sd.tensor("b1", h), sd.tensor("W2", k, h), sd.tensor("b2", k), sd.tensor("y", k)
z1 = (W1 @ x0 + b1).renamed("z1")
a1 = sd.sigmoid(z1).renamed("a1")
z2 = (W2 @ a1 + b2).renamed("z2")
a2 = sd.sigmoid(z2).renamed("a2")
cost = sd.sum((a2 - yy)**2)/2
g("bp1", NIELSEN, "", lambda total: of(cost, z2))
g("bp2", NIELSEN, "", lambda total: of(cost, z1))
g("bp3", NIELSEN, "", lambda total: of(cost, b2))
g("bp3'", NIELSEN, "", lambda total: of(cost, b1))
g("bp4", NIELSEN, "", lambda total: of(cost, W2))
g("bp4'", NIELSEN, "", lambda total: of(cost, W1))
zi, zf, zo, zg, cp, dh = vectors("zi zf zo zg c_prev dh", n)
i_, f_, o_, g_ = sd.sigmoid(zi).renamed("i"), sd.sigmoid(zf).renamed("f"), sd.sigmoid(zo).renamed("o"), sd.tanh(zg).renamed("g")
cc = (f_*cp + i_*g_).renamed("c")
hh = o_ * sd.tanh(cc)
for nm, v in dict(zi=zi, zf=zf, zo=zo, zg=zg, cp=cp).items():
    g("lstm "+nm, "", "", lambda total, v=v: of(sd.sum(hh*dh), v))
g("mc front 1", "", "", lambda total: of(x @ A @ x, x))
g("mc front 2", "", "", lambda total: of(sd.sum(sd.log(1+sd.exp(-z*(F@w)))), w))
g("mc front 3", "", "", lambda total: of(a @ sd.log(sd.tensor('xp', n, positive=True)), sd.tensor('xp', n, positive=True)))
g("sigmoid net", "", "", lambda total: of(sd.sum(sd.sigmoid(F @ U) * G), U))
g("tanh net", "", "", lambda total: of(sd.sum(sd.tanh(F @ U) * G), U))
