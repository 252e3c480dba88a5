"""A model of the time of a training step: a time per FLOP, per byte and per layer. Fitted by least
squares of relative errors, with no coefficient below zero."""

import itertools


def flops(sizes, batch):
    """The FLOPs of the products, forward and backward, as Case.flops."""
    products = [2 * batch * i * u for i, u in zip(sizes, sizes[1:])]
    return 3 * sum(products) - products[0]


def moved_bytes(sizes, batch, row_bytes):
    """The bytes that a step reads and writes: weights are read twice and written once, activations
    and their gradients written and read; rows are read, written as floats and read again."""
    weights = sum(i * u for i, u in zip(sizes, sizes[1:]))
    return 12 * weights + 16 * batch * sum(sizes[1:]) + batch * (8 * sizes[0] + row_bytes)


def terms(sizes, batch, row_bytes):
    return [flops(sizes, batch), moved_bytes(sizes, batch, row_bytes), len(sizes) - 1]


def solve(matrix, right):
    """Solves a linear system by Gaussian elimination with pivots; None if it is singular."""
    rows = [row[:] + [r] for row, r in zip(matrix, right)]
    n = len(rows)
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        if abs(rows[i][i]) < 1e-12:
            return None
        for r in range(n):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def least_squares(columns):
    """Solves sum_j x_j column_j = 1 by least squares, with each column scaled to a length of 1."""
    lengths = [sum(x * x for x in c) ** 0.5 for c in columns]
    scaled = [[x / length for x in c] for c, length in zip(columns, lengths)]
    matrix = [[sum(a * b for a, b in zip(p, q)) for q in scaled] for p in scaled]
    solution = solve(matrix, [sum(c) for c in scaled])
    return solution and [s / length for s, length in zip(solution, lengths)]


def fit(points):
    """Returns coefficients for points (terms, seconds): those of the best subset of terms that has
    no negative coefficient."""
    n = len(points[0][0])
    columns = [[t[j] / seconds for t, seconds in points] for j in range(n)]
    best, min_error = None, float("inf")
    for size in range(1, n + 1):
        for subset in itertools.combinations(range(n), size):
            solution = least_squares([columns[j] for j in subset])
            if not solution or min(solution) < 0:
                continue
            coefficients = [0.0] * n
            for j, value in zip(subset, solution):
                coefficients[j] = value
            error = sum((1 - sum(c * column[i] for c, column in zip(coefficients, columns))) ** 2
                        for i in range(len(points)))
            if error < min_error:
                best, min_error = coefficients, error
    return best


def predict(coefficients, of_terms):
    return sum(c * t for c, t in zip(coefficients, of_terms))


def describe(coefficients):
    per_flop, per_byte, per_layer = coefficients
    parts = []
    if per_flop:
        parts.append(f"{1e-9 / per_flop:.0f} GFLOP/s")
    if per_byte:
        parts.append(f"{1e-9 / per_byte:.0f} GB/s")
    if per_layer:
        parts.append(f"{1e6 * per_layer:.2f} us a layer")
    return " + ".join(parts)
