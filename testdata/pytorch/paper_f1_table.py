"""Prints the figures that docs/results.md has from docs/results/pytorch_f1.jsonl:

    python3 paper_f1_table.py ../../docs/results/pytorch_f1.jsonl

Rows with their differences from the published values, pairs of equal noise with tests of equality, alphas at B = 5000 (all by Welch's t, 95%), and
least squares of the cells' means of log tr Sigma on log(B / f) and log f, with Student's intervals from HC3 standard errors. Needs NumPy and SciPy.
"""
import collections, json, math, sys
import numpy as np
from scipy import stats

PUBLISHED = {(1, 900): (90.17, 0.14, 10934, 816), (1.5, 2000): (90.39, 0.17, 7914, 528), (3, 5000): (90.35, 0.05, None, None)}
PAIRS = [((1.5, 2000), (1, 800)), ((2, 5000), (1, 1000)), ((3, 5000), (1, 385))]

rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    run = json.loads(line)
    rows[run["alpha"], run["batch"]].append(run)


def f(alpha):
    return alpha**2 + (1 - alpha) ** 2


def column(cell, key, scale=1):
    return scale * np.array([run[key] for run in rows[cell]])


def summary(x):
    return x.mean(), x.std(ddof=1), len(x)


def student(terms):
    """Sum w (mean), its standard error and degrees of freedom, of terms (w, (mean, sd, n))."""
    v = [w * w * s * s / n for w, (_, s, n) in terms]
    df = sum(v) ** 2 / sum(x * x / (n - 1) for x, (_, (_, _, n)) in zip(v, terms))
    return sum(w * m for w, (m, _, _) in terms), math.sqrt(sum(v)), df


def welch(terms):
    d, error, df = student(terms)
    half = stats.t.ppf(0.975, df) * error
    return d, d - half, d + half


def p_values(terms, margin):
    """Of no difference, and of a difference of the margin or more (two one-sided tests)."""
    d, error, df = student(terms)
    return 2 * stats.t.sf(abs(d) / error, df), stats.t.sf((margin - abs(d)) / error, df)


def show(triple):
    return "%.3f [%.3f, %.3f]" % triple


print("alpha B B/f n accuracy sd steps sd trace [95%]")
for cell in sorted(rows):
    accuracy, steps, trace = column(cell, "test_accuracy", 100), column(cell, "steps"), np.log(column(cell, "trace"))
    m, s, n = summary(trace)
    half = stats.t.ppf(0.975, n - 1) * s / math.sqrt(n)
    print("%g %d %.0f %d %.2f %.2f %.0f %.0f %.2f [%.2f, %.2f]" % (*cell, cell[1] / f(cell[0]), n, *summary(accuracy)[:2], *summary(steps)[:2],
          math.exp(m), math.exp(m - half), math.exp(m + half)))
    if cell in PUBLISHED:
        mean, sd, time, time_sd = PUBLISHED[cell]
        terms = [(1, summary(accuracy)), (-1, (mean, sd, 10))]
        print("  accuracy less the published:", show(welch(terms)), "p of no difference, of 0.3 or more: %.2g, %.2g" % p_values(terms, 0.3))
        if time:
            terms = [(1, summary(steps)), (-1, (time, time_sd, 10))]
            print("  steps less the published:", show(welch(terms)), "p of no difference, of 10%% or more: %.2g, %.2g" % p_values(terms, 0.1 * time))

print("NE at alpha 1.5, B 2000 less SGD at B 900, accuracy:",
      show(welch([(1, summary(column((1.5, 2000), "test_accuracy", 100))), (-1, summary(column((1, 900), "test_accuracy", 100)))])))
together = []
for ne, sgd in PAIRS:
    for key, to, back in (("test_accuracy", lambda x: 100 * x, lambda x: x), ("steps", np.log, np.exp), ("trace", np.log, np.exp)):
        terms = [(1, summary(to(column(ne, key)))), (-1, summary(to(column(sgd, key))))]
        print(ne, "against", sgd, key, show(tuple(back(x) for x in welch(terms))))
        if key == "test_accuracy":
            print("  p of no difference, of 0.3 or more: %.2g, %.2g" % p_values(terms, 0.3))
            together += [(w / len(PAIRS), x) for w, x in terms]
print("accuracy, mean of the pairs:", show(welch(together)))
for reference in (1, 3):
    tests = []
    for alpha in {1, 1.5, 2, 2.5, 3, 4} - {reference}:
        terms = [(1, summary(column((alpha, 5000), "test_accuracy", 100))), (-1, summary(column((reference, 5000), "test_accuracy", 100)))]
        tests.append((p_values(terms, 0.3)[0], alpha, show(welch(terms))))
    holm = 0
    for rank, (p, alpha, interval) in enumerate(sorted(tests)):
        holm = max(holm, min(1, (len(tests) - rank) * p))
        print("accuracy at B = 5000, alpha %g less alpha %g: %s p %.2g, by Holm %.2g" % (alpha, reference, interval, p, holm))

cells = sorted(rows)


def exponents(label, y, more=()):
    """Least squares of y on log(B / f), log f and more columns, over the cells."""
    x = np.array([[1, math.log(b / f(a)), math.log(f(a))] for a, b in cells])
    for column_ in more:
        x = np.column_stack([x, column_])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    u = (y - x @ beta) / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))
    covariance = inverse @ (x.T * u**2) @ x @ inverse
    quantile = stats.t.ppf(0.975, len(y) - x.shape[1])
    for name, w in (("B/f", [0, 1, 0]), ("f at fixed B/f", [0, 0, 1]), ("f at fixed B", [0, -1, 1])):
        w = np.array(w + [0] * len(more))
        half = quantile * math.sqrt(w @ covariance @ w)
        print("tr Sigma, %s, exponent of %s: %s, %d cells" % (label, name, show((w @ beta, w @ beta - half, w @ beta + half)), len(y)))


stopping = np.array([np.log(column(cell, "train_loss")).mean() for cell in cells])
print("training loss at the end, geometric means of cells, smallest and largest: %.2g, %.2g" % tuple(np.exp([stopping.min(), stopping.max()])))
exponents("geometric means", np.array([np.log(column(cell, "trace")).mean() for cell in cells]))
exponents("arithmetic means", np.array([math.log(column(cell, "trace").mean()) for cell in cells]))
exponents("geometric means, beside the training loss at the end", np.array([np.log(column(cell, "trace")).mean() for cell in cells]), [stopping])
exponents("arithmetic means, beside the training loss at the end", np.array([math.log(column(cell, "trace").mean()) for cell in cells]), [stopping])
best, sgd = (2.5, 5000), (1, 1000)
print("best of NE against best of SGD, accuracy:", show(welch([(1, summary(column(best, "test_accuracy", 100))), (-1, summary(column(sgd, "test_accuracy", 100)))])))
