"""Golden forms derived by hand, a line for each step; definitions of letters don't count.

Each is worked from the statement at the address that its golden form has, in the manner of that
book: by differentials for the Cookbook's matrix derivatives, by the chain rule for networks.
"""

HAND: dict[str, tuple[str, ...]] = {
    "det": ("d det X = det X tr(X^-1 dX)",),
    "logdet": ("d log det X = tr(X^-1 dX)",),
    "bilinear": ("d(a'Xb) = a' dX b, so the gradient is a b'",),
    "bilinear inverse": (
        "with Y = X^-1: dL/dY = a b'", "dY = -X^-1 dX X^-1", "dL/dX = -X^-T a b' X^-T"),
    "trace of an inverse": (
        "with Y = X^-1: dL/dY = A'B'", "dY = -X^-1 dX X^-1", "dL/dX = -X^-T A'B' X^-T"),
    "trace of a shifted inverse": (
        "with Y = (X + A)^-1: dL/dY = I", "dL/d(X + A) = -Y'Y'", "d(X + A) = dX",
        "dL/dX = -(A + X)^-T (A + X)^-T"),
    "quadratic form": ("d(x'Bx) = dx'Bx + x'B dx", "the gradient is (B + B')x"),
    "symmetric quadratic form": ("the gradient is (S + S')x", "= 2Sx, since S' = S"),
    "affine factors": ("dL = (B dx)'C(Dx + c) + (Bx + b)'C(D dx)",
                       "the gradient is B'C(Dx + c) + D'C'(Bx + b)"),
    "residual's form": ("with u = Xb + c: dL/du = Du + D'u", "= (D + D')u", "du = dX b",
                        "dL/dX = (D + D')(Xb + c)b'"),
    "weighted squares in s": ("with r = x - As: dL/dr = 2Wr", "dr = -A ds",
                              "dL/ds = -2A'W(x - As)"),
    "weighted squares in x": ("with r = x - As: dL/dr = 2Wr", "dr = dx",
                              "dL/dx = 2W(x - As)"),
    "weighted squares in A": ("with r = x - As: dL/dr = 2Wr", "dr = -dA s",
                              "dL/dA = -2W(x - As)s'"),
    "trace XA": ("d tr(XA) = tr(dX A), so the gradient is A'",),
    "trace X'BX": ("d tr(X'BX) = tr(dX'BX) + tr(X'B dX)", "the gradient is (B + B')X"),
    "trace XX": ("d tr(XX) = 2 tr(X dX), so the gradient is 2X'",),
    "trace AXBX'C": ("dL = tr(A dX BX'C) + tr(AXB dX'C)",
                     "the gradient is A'C'XB' + CAXB"),
    "squared affine trace": ("with M = AXB + C: dL/dM = 2M", "dM = A dX B",
                             "dL/dX = 2A'(AXB + C)B'"),
    "least squares": ("with r = Fw - x: dL/dr = 2r", "dr = F dw", "dL/dw = 2F'(Fw - x)"),
    "ridge": ("with r = Fw - x: dL/dr = 2r", "dL/dw = F' dL/dr + 2tw",
              "= 2F'(Fw - x) + 2tw"),
    "dense, weights": ("dL = tr(G' F dU), so the gradient is F'G",),
    "dense, bias": ("db is added to each row, so the gradient is the sum of G's rows",),
    "sigmoid layer": ("with Z = FU and H = s(Z): dL/dH = G", "dL/dZ = G s(1 - s)",
                      "dL/dU = F' dL/dZ", "= F'(G s(1 - s))"),
    "tanh layer": ("with Z = FU and H = tanh Z: dL/dH = G", "dL/dZ = G(1 - tanh^2 Z)",
                   "dL/dU = F' dL/dZ", "= F'(G(1 - tanh^2 Z))"),
    "softmax cross-entropy": (
        "with Z = FU + b: dL/dZ = (P sum_k Y - Y)/n", "sum_k Y = 1", "dL/dZ = (P - Y)/n",
        "dL/dU = F' dL/dZ", "= F'(P - Y)/n"),
    "cross-entropy, simplex": (
        "with u = log P: dL/du = -t", "du_i/da_j = [i = j] - P_j",
        "dL/da = -t + P sum_k t", "= P - t, since sum_k t = 1"),
    "log-sum-exp": ("dL/dx_i = exp(x_i)/sum_j exp(x_j)",),
    "logistic loss": ("with u = -z(Fw): dL/du = e^u/(1 + e^u)", "= s(u)", "du = -z(F dw)",
                      "dL/dw = -F'(z s(u))"),
    "BP1": ("dC/da2 = a2 - y", "dC/dz2 = dC/da2 s'(z2)", "= (a2 - y) a2(1 - a2)"),
    "BP2": ("dC/da2 = a2 - y", "dC/dz2 = dC/da2 a2(1 - a2)", "dC/da1 = W2' dC/dz2",
            "dC/dz1 = dC/da1 a1(1 - a1)", "= W2'((a2 - y) a2(1 - a2)) a1(1 - a1)"),
    "batch norm, inputs": (
        "dL/dxhat = dY gamma", "dL/dsigma = -sum dL/dxhat (x - m)/sigma^2",
        "dL/dm = -sum dL/d(x - m)", "dL/dx = dL/d(x - m) + dL/dm / n"),
    "attention, values": ("dL = tr(dO' P dV)", "dL/dV = P' dO"),
    "attention, queries": (
        "dL/dP = dO V'", "dL/dS_ij = sum_k dL/dP_ik P_ik([j = k] - P_ij)",
        "= P(dL/dP - sum_k P dL/dP)", "dL/dQ = dL/dS K / sqrt(d)"),
    "LSTM, forget gate": (
        "dL/dtanh(c) = dh o", "dL/dc = dh o(1 - tanh^2 c)", "dL/df = dL/dc c_prev",
        "dL/dzf = dL/df f(1 - f)"),
    "LSTM, output gate": ("dL/do = dh tanh(c)", "dL/dzo = dL/do o(1 - o)"),
    "Gaussian, mean": ("with u = x - mu: dL/du = -u S^-1", "du = -dmu",
                       "dL/dmu = S^-1 sum(x - mu)"),
    "max-pooling": ("dL/dY = dP", "dY is dX where the maximum is attained",
                    "dL/dX = dP there, else 0"),
}
