"""Programs that failed once."""

from __future__ import annotations

from tests.fuzz.program import Program, parsed

KEPT: dict[str, Program] = {
    "the initial value of a scalar state counts at T = 0 only": parsed(
        """
        m = sd.dims('m')
        x6 = sd.tensor('x6', m)
        x7 = sd.tensor('x7')
        t8 = sd.recur('S', m, x7, lambda t, s: sd.tanh(x6[t] * s) + PROBE(t))
        t9 = sd.final(t8)
        loss = t9
        """,
        wrt="x6 x7 t8", m=1, x6=[0.7], x7=0.8,
    ),
    "a size that is a quotient of sums": parsed(
        """
        n, k = sd.dims('n k')
        x3 = sd.tensor('x3', 2*n + 1, k*2)
        t4 = sd.reshape(x3, (2*n + 1, k, -1))
        total = sd.sum(t4**2)
        loss = total
        """,
        wrt="x3", n=1, k=1, x3=[[0.3, -1.2], [0.5, 0.1], [2.0, 0.7]],
    ),
    "a softmax whose merged axis is summed again": parsed(
        """
        n = sd.dims('n')
        x0 = sd.tensor('x0', 2, n)
        t1 = sd.reshape(x0, ((2)*(n),))
        t2 = sd.exp(t1) / sd.sum(sd.exp(t1), axis=0, keepdims=True)
        total = sd.sum(t2**2)
        loss = total
        """,
        wrt="x0", n=2, x0=[[0.3, -0.2], [1.1, 0.4]],
    ),
    "the gradient of the largest entries": parsed(
        """
        k = sd.dims('k')
        x0 = sd.tensor('x0', k)
        t1 = sd.top_k(x0, 3)[0]
        t9 = sd.mean(t1**3)
        t10 = sd.grad(t9, x0)
        total = sd.sum(t10)
        loss = total
        """,
        wrt="x0", k=3, x0=[1.5, -0.7, -0.5],
    ),
    "a sum over nothing of what doesn't depend on its index": parsed(
        """
        x0 = sd.tensor('x0', 3)
        t2 = sd.expand_dims(x0, 0)
        t3 = t2[1:, ::2]
        t6 = sd.einsum('ij,ik->jk', t3, t3)
        total = sd.sum(t6) + sd.sum(x0**2)
        loss = total
        """,
        wrt="x0", x0=[-0.1, -1.4, -1.2],
    ),
    "labels of a padded axis": parsed(
        """
        m = sd.dims('m')
        x1 = sd.tensor('x1', m, 1, positive=True)
        y4 = sd.tensor('y4', 1, integer=True)
        y5 = sd.tensor('y5', 1, integer=True)
        t2 = sd.pad(x1, [(0, 2), (0, 0)])
        t6 = t2[y4, y5]
        total = sd.sum(t6**2)
        loss = total
        """,
        wrt="x1", below={"y4": "m + 2", "y5": "1"}, m=2, x1=[[0.4], [1.7]], y4=[1], y5=[0],
    ),
    "labels of a padded axis of two sizes": parsed(
        """
        m, k = sd.dims('m k')
        x5 = sd.tensor('x5', k, m + k)
        y7 = sd.tensor('y7', k + 2, integer=True)
        t6 = sd.pad(x5, [(0, 2), (0, 2)])
        t10 = t6[sd.arange(k + 2), y7]
        total = sd.sum(t10**2)
        loss = total
        """,
        wrt="x5", below={"y7": "k + m + 2"}, m=1, k=1, x5=[[0.4, -0.6]], y7=[0, 3, 1],
    ),
    "a line that is a view of a later one": parsed(
        """
        n = sd.dims('n')
        t5 = sd.tensor('t5', n)
        t6 = sd.sum(t5, axis=-1, keepdims=True)
        t7 = sd.sum(t5, axis=0)
        t9 = sd.log(1 + sd.sum(t6**2)) + sd.sin(t7)
        loss = t9
        """,
        wrt="t6 t7", n=1, t5=[0.1],
    ),
    "a masked entry that is out of range where the mask doesn't hold": parsed(
        """
        m, k = sd.dims('m k')
        x4 = sd.tensor('x4', m + k)
        t8 = sd.exp(x4) / sd.sum(sd.exp(x4), axis=0, keepdims=True)
        t9 = t8[-2::-1]
        t13 = sd.log(1 + sd.sum(t9**2))
        loss = t13
        """,
        wrt="x4", m=2, k=1, x4=[0.2, -0.4, 0.9],
    ),
    "no entries in another shape": parsed(
        """
        k = sd.dims('k')
        x6 = sd.tensor('x6', k, 1)
        t7 = x6[:, 1::2]
        t8 = sd.reshape(t7, (k*0,))
        total = sd.sum(t8**2) + sd.sum(x6**2)
        loss = total
        """,
        wrt="x6", k=2, x6=[[0.5], [-1.5]],
    ),
    "a softmax over a written axis that has a name already": parsed(
        """
        m = sd.dims('m')
        x5 = sd.tensor('x5', m, m)
        t6 = x5[..., None] * np.array([-0.86, 0.99])
        t11 = sd.exp(t6) / sd.sum(sd.exp(t6), axis=0, keepdims=True)
        total = sd.sum(t11**2)
        loss = total
        """,
        wrt="x5", m=2, x5=[[0.3, -0.7], [1.2, 0.5]],
    ),
    "max in a step": parsed(
        """
        m = sd.dims('m')
        x1 = sd.tensor('x1', m, m)
        x2 = sd.tensor('x2', m)
        t3 = sd.recur('S', m, x2, lambda t, s: x1[t] * sd.max(s + x1[t]) + PROBE(t))
        total = sd.sum(t3**2)
        loss = total
        """,
        wrt="x1 x2 t3", m=3, x2=[0.368, -1.303, 1.415],
        x1=[[1.339, -0.227, 0.501], [-0.373, 1.061, 1.489], [0.171, -1.145, 0.496]],
    ),
    "pooling with a stride that leaves a rest": parsed(
        """
        n = sd.dims('n')
        x0 = sd.tensor('x0', n, 2*n + 3)
        t1 = (lambda c, i, r: sd.define(None, (c, i), sd.max(x0[c, 2*i + r], r)))(
            *sd.indices('c i r', n, (2*n + 3 - 2)//2 + 1, 2))
        total = sd.sum(t1**2)
        loss = total
        """,
        wrt="x0 t1", n=2,
        x0=[[0.3, -1.2, 0.7, 1.1, -0.4, 0.9, 0.2], [1.3, 0.8, -0.6, 0.1, 0.5, -1.4, -0.9]],
    ),
    "two arg-maxima of one maximum": parsed(
        """
        n, m = sd.dims('n m')
        x2 = sd.tensor('x2', m, 2)
        x3 = sd.tensor('x3', 2, n)
        t4 = (lambda i, j, r: sd.define(None, i, sd.max(x2[i, r] - x3[r, j], (r, j))))(
            *sd.indices('i j r'))
        t5 = t4[::-2]
        total = sd.sum(t5)
        loss = total
        """,
        wrt="x2 x3 t5", n=2, m=3, x2=[[0.656, -1.336], [-0.708, 0.832], [-1.457, -0.45]],
        x3=[[0.502, 1.328], [-0.145, -1.307]],
    ),
    "a choice under a choice": parsed(
        """
        m = sd.dims('m')
        x0 = sd.tensor('x0', m)
        x1 = sd.tensor('x1', m)
        t3 = sd.where(x0 > x1, sd.sqrt(x0 - x1), 1)
        t4 = sd.xlogy(t3, t3)
        t6 = sd.sum(t4 * x1)
        t7 = sd.grad(t6, x0)
        total = sd.sum(t7**2)
        loss = total
        """,
        wrt="x0 x1", m=2, x0=[0.9, -0.5], x1=[0.4, 0.7],
    ),
    "a padded matrix in a product": parsed(
        """
        n = sd.dims('n')
        x0 = sd.tensor('x0', n, n)
        x1 = sd.tensor('x1', n + 2, n)
        t2 = sd.pad(x0, [(0, 0), (0, 2)])
        t3 = t2.T @ x0
        total = sd.sum(t3 * x1)
        loss = total
        """,
        wrt="x0 x1 t2", n=2, x0=[[-0.7, 0.4], [1.1, 0.6]],
        x1=[[-1.2, 0.3], [-1.0, 0.8], [1.3, -0.2], [0.5, 0.9]],
    ),
    "a padded matrix under a matrix function": parsed(
        """
        m = sd.dims('m')
        x0 = sd.tensor('x0', m, m)
        x3 = sd.tensor('x3', m + 2, m + 2)
        t1 = sd.cholesky(x0 @ x0.T + 2*sd.eye(m))
        t2 = sd.pad(t1, [(0, 2), (0, 2)])
        total = sd.sum(t2 * x3)
        loss = total
        """,
        wrt="x0 t1", m=1, x0=[[0.5]], x3=[[-1.2, -0.4, 0.2], [0.2, 0.9, 1.1], [0.3, 0.7, -0.8]],
    ),
    "reshape to an axis without entries": parsed(
        """
        m, n = sd.dims('m n')
        x4 = sd.tensor('x4', 1, m*n)
        x10 = sd.tensor('x10', 1, m, n)
        t5 = sd.reshape(x4, (1, m, n))
        total = sd.sum(t5 * x10)
        loss = total
        """,
        wrt="x4 x10", m=2, n=0, x4=[[]], x10=[[[], []]],
    ),
    "the largest entries of mapped products": parsed(
        """
        m = sd.dims('m')
        x3 = sd.tensor('x3', m, m)
        x5 = sd.tensor('x5', m)
        t6 = (lambda i: sd.vmap(sd.tanh(x3[i] @ x5) * x5, over=i))(sd.indices('i'))
        t7 = sd.top_k(t6, 1)[0]
        total = sd.sum(t7)
        loss = total
        """,
        wrt="x3 x5 t6", m=2, x3=[[-0.9, -1.4], [0.7, 0.4]], x5=[-1.4, -0.8],
    ),
    "the largest entries of one row": parsed(
        """
        k = sd.dims('k')
        x0 = sd.tensor('x0', 1, k)
        t1 = sd.top_k(x0, 3)[0]
        total = sd.sum(t1**2)
        loss = total
        """,
        wrt="x0 t1", k=3, x0=[[1.2, 0.4, 0.2]],
    ),
    "a chosen logarithm that is differentiated by": parsed(
        """
        n = sd.dims('n')
        x0 = sd.tensor('x0')
        t1 = sd.where(x0 > 0.2, sd.log(x0), x0)
        t2 = sd.clip(t1, -0.4, 1)
        loss = t2
        """,
        wrt="x0 t1", n=0, x0=1.1,
    ),
    "sorted among the largest, differentiated twice": parsed(
        """
        m, n = sd.dims('m n')
        x0 = sd.tensor('x0', n, m)
        t1 = sd.sort(sd.top_k(x0, 2)[0], axis=0)
        t2 = sd.mean(t1[0, :]**2)
        t3 = sd.grad(t2, x0)
        t4 = sd.sum(sd.sin(t3))
        loss = t4
        """,
        wrt="x0", m=2, n=2, x0=[[-1.1, 1.3], [1.2, -0.8]],
    ),
    "the largest of no entries in a step": parsed(
        """
        m, k = sd.dims('m k')
        x2 = sd.tensor('x2', k, m)
        x3 = sd.tensor('x3', m)
        t4 = sd.recur('S', k, x3, lambda t, s: x2[t] * sd.max(s + x2[t]) + PROBE(t))
        t5 = sd.grad(sd.sum(t4), x2)
        t6 = sd.sum(t5)
        loss = t6
        """,
        wrt="x2 x3", m=0, k=1, x2=[[]], x3=[],
    ),
    "every row of a scatter is written": parsed(
        """
        n = sd.dims('n')
        x6 = sd.tensor('x6', 3, n)
        t7 = x6[-2:, ::-2]
        t8 = sd.sum(t7**2)
        loss = t8
        """,
        wrt="x6 t7", n=2, x6=[[-0.9, 0.2], [0.5, 0.6], [0.3, -1.1]],
    ),
    "a product whose axes are out of order": parsed(
        """
        n, m, k = sd.dims('n m k')
        x2 = sd.tensor('x2', k, n + 1, m)
        x3 = sd.tensor('x3', m + k, m)
        t4 = sd.einsum('abc,zc->za', x2, x3)
        t8 = sd.sum(sd.sin(t4))
        loss = t8
        """,
        wrt="x2 x3", n=0, m=1, k=1, x2=[[[0.7]]], x3=[[0.4], [-0.6]],
    ),
    "a running sum in a step, differentiated twice": parsed(
        """
        m = sd.dims('m')
        x0 = sd.tensor('x0', m, 2)
        x1 = sd.tensor('x1', 2)
        t2 = sd.recur('S', m, x1, lambda t, s: sd.cumsum(s * x0[t]) + PROBE(t))
        t3 = sd.max(t2)
        t4 = sd.grad(t3, x0)
        t5 = sd.sum(t4**2)
        loss = t5
        """,
        wrt="x0 x1", m=2, x0=[[-1.4, 0.5], [0.7, -0.9]], x1=[0.8, -0.1],
    ),
    "softmax whose gradient is 0": parsed(
        """
        k = sd.dims('k')
        x2 = sd.tensor('x2', k)
        t5 = sd.exp(x2) / sd.sum(sd.exp(x2), axis=0, keepdims=True)
        t6 = sd.sum(t5)
        loss = t6
        """,
        wrt="x2 t5", k=3, x2=[0.4, -1.1, 0.9],
    ),
    "a maximum attained in another part": parsed(
        """
        n, m = sd.dims('n m')
        x6 = sd.tensor('x6', n + 4)
        x7 = sd.tensor('x7', n)
        x11 = sd.tensor('x11', m)
        t8 = (lambda i, r: sd.define(None, i, sd.sum(x6[i + r] * x7[r], r)))(*sd.indices('i r'))
        t12 = sd.concatenate([t8, x11], axis=0)
        t16 = sd.max(t12)
        loss = t16
        """,
        wrt="x6 x7 x11 t8", n=1, m=1, x6=[-1.5, -0.4, 0.5, 1.0, -0.4], x7=[-0.3], x11=[1.5],
    ),
    "a mean over nothing at another size": parsed(
        """
        m, k = sd.dims('m k')
        x4 = sd.tensor('x4', k, m)
        t6 = x4[:, :-1]
        t8 = sd.mean(t6) + sd.sum(x4**2)
        loss = t8
        """,
        wrt="x4 t6", m=2, k=1, x4=[[1.3, -0.1]],
    ),
    "labels of the largest gathered entries": parsed(
        """
        n = sd.dims('n')
        x1 = sd.tensor('x1', n)
        y2 = sd.tensor('y2', n, 2, integer=True)
        t3 = x1[y2]
        t4 = sd.max(t3, axis=-2)
        t5 = sd.sum(t4)
        loss = t5
        """,
        wrt="x1 t4", below={"y2": "n"}, n=2, x1=[0.6, 0.9], y2=[[1, 0], [0, 1]],
    ),
    "a running product over an axis of one entry": parsed(
        """
        n = sd.dims('n')
        x0 = sd.tensor('x0', 1, n)
        t1 = sd.cumprod(x0, axis=0)
        t2 = sd.sum(t1**2)
        loss = t2
        """,
        wrt="x0 t1", n=2, x0=[[0.137, -0.8]],
    ),
    "a gradient that is 0 everywhere holds floats": parsed(
        """
        n = sd.dims('n')
        x0 = sd.tensor('x0', n)
        x1 = sd.tensor('x1', n)
        t3 = sd.stop_gradient(x0)
        t2 = sd.sum(t3 * x1)
        loss = t2
        """,
        wrt="x0", n=2, x0=[0.4, 0.9], x1=[1.3, -0.2],
    ),
    "a slice without entries": parsed(
        """
        n = sd.dims('n')
        x6 = sd.tensor('x6', 1, n)
        t7 = x6[-1:0:-1, :]
        t8 = sd.sum(t7**2)
        loss = t8
        """,
        wrt="x6 t7", n=2, x6=[[0.4, -0.3]],
    ),
}
