"""The compiled core: the same sums of exponentials as :mod:`modal`, for many people, at the speed of memory.

The only module that imports numba. Everything here is independent per person and parallel over people only (order
statistics: over instants), so the number of threads never changes a bit of a result. The readable form of each
kernel is in :mod:`modal` and :mod:`band`, and the tests hold the two together.
"""

from __future__ import annotations

import math

import numpy as np

from surcease.pkpd.compile_cache import KEPT  # before numba, which reads the environment once

import numba  # isort: skip

BLOCK = 64  # grid points per block: powers of one step stay in the first-level cache
_PEOPLE = 16  # people per unit of parallel work

_one = numba.njit(cache=KEPT, fastmath={"contract"}, error_model="numpy", _nrt=False)  # type: ignore
_all = numba.njit(cache=KEPT, fastmath={"contract"}, error_model="numpy", parallel=True, nogil=True)


# Inner loops count unsigned: a signed index would be tested for "from the end", and the loop not become SIMD.
@_one
def _row(p, rows):
    """Index of a person in an array that has a row for each, or one for all."""
    return np.intp(p) if rows > 1 else np.intp(0)


@_one
def _phi1(x, decay):
    """(1 − exp(−x)) / x, given ``decay`` = exp(−x)."""
    if x > 0.5:
        return (1.0 - decay) / x
    return 1.0 if x == 0.0 else -np.expm1(-x) / x


@_one
def _phi2(x):
    """(x − 1 + exp(−x)) / x²."""
    if x > 0.5:
        return (x + np.expm1(-x)) / (x * x)
    total, term = 0.0, 0.5
    for k in range(3, 20):
        total += term
        term *= -x / k
    return total


@_one
def _later(rate, since, amount, drive, slope):
    """A modal amount ``since`` later, with its rate of input and the slope of that."""
    x = rate * since
    decay = np.exp(-x) if x != 0.0 else 1.0
    value = amount * decay
    if drive != 0.0:
        value += drive * since * _phi1(x, decay)
    if slope != 0.0:
        value += slope * since * since * _phi2(x)
    return value


@_one
def _stretches(rates, q, enter, e, starts, h, jumps, drives, slopes, g, table):
    """Rows 3s, 3s + 1, 3s + 2 of ``table``: modal amounts after breakpoint s, input rates and slopes from there."""
    for s in range(starts.shape[1]):
        for m in range(rates.shape[1]):
            amount, drive, slope = 0.0, 0.0, 0.0
            if s > 0:
                since = starts[h, s] - starts[h, s - 1]
                amount = _later(rates[q, m], since, table[3 * s - 3, m], table[3 * s - 2, m], table[3 * s - 1, m])
            for c in range(enter.shape[1]):
                amount += enter[e, c, m] * jumps[g, s, c]
                drive += enter[e, c, m] * drives[g, s, c]
                if slopes.shape[1] > 0:
                    slope += enter[e, c, m] * slopes[g, s, c]
            table[3 * s, m], table[3 * s + 1, m], table[3 * s + 2, m] = amount, drive, slope


@_one
def _basis(rates, q, step, basis, tail, reach):
    """Rows m: exp(−λ j h), rows M + m: ∫₀^{jh} exp(−λ s) ds, j below ``reach``, a power of two; ``tail`` at it.

    Each doubling takes the first half on by one factor: one exponential per mode, none per point, and nothing cancels.
    """
    modes = rates.shape[1]
    for m in range(modes):
        factor, width = np.exp(-rates[q, m] * step), np.uintp(1)
        basis[m, 0], basis[modes + m, 0], total = 1.0, 0.0, step * _phi1(rates[q, m] * step, factor)
        while width < reach:
            for j in range(width):
                basis[m, width + j] = factor * basis[m, j]
                basis[modes + m, width + j] = total + factor * basis[modes + m, j]
            total, factor, width = total * (1.0 + factor), factor * factor, width * np.uintp(2)
        tail[m], tail[modes + m] = factor, total


@_one
def _reach(points):
    """The block length for so many points: 8, 16, … BLOCK."""
    reach = 8
    while reach < points and reach < BLOCK:
        reach *= 2
    return reach


@_one
def _readings(rates, q, read, r, starts, h, table, times, step, out, p, basis):
    """All outputs of person ``p``. On a uniform grid a block of readings is one small matrix product."""
    modes, outputs, count = rates.shape[1], read.shape[1], starts.shape[1]
    now, weight, tail = table[3 * count], table[3 * count + 1], table[3 * count + 2]
    i, have = np.searchsorted(times, starts[h, 0]), 0
    out[:, p, :i] = 0.0
    for s in range(count):
        last = times.shape[0] if s + 1 == count else np.searchsorted(times, starts[h, s + 1])
        driven, ramped = np.any(table[3 * s + 1, :modes]), np.any(table[3 * s + 2, :modes])
        uniform = step > 0.0 and not ramped and last - i > 2
        if uniform and have == 0:
            have = _reach(times.shape[0] - i)
            _basis(rates, q, step, basis, tail, have)
        terms = 2 * modes if driven else modes
        second, third = np.uintp(min(1, terms - 1)), np.uintp(min(2, terms - 1))
        fresh = True
        while i < last:
            n = min(have, last - i) if uniform else 1
            for m in range(modes):
                if fresh or not uniform:
                    since = times[i] - starts[h, s]
                    now[m] = _later(rates[q, m], since, table[3 * s, m], table[3 * s + 1, m], table[3 * s + 2, m])
                else:
                    now[m] = now[m] * tail[m] + table[3 * s + 1, m] * tail[modes + m]
            fresh = False
            for o in range(outputs):
                for m in range(modes):
                    weight[m] = read[r, o, m] * now[m]
                    weight[modes + m] = read[r, o, m] * table[3 * s + 1, m]
                if n == 1:
                    out[o, p, i] = weight[:modes].sum()
                    continue
                at, to, person = np.uintp(i), np.uintp(o), np.uintp(p)
                a, b, c = weight[0], weight[1] if terms > 1 else 0.0, weight[2] if terms > 2 else 0.0
                for j in range(np.uintp(n)):
                    out[to, person, at + j] = a * basis[0, j] + b * basis[second, j] + c * basis[third, j]
                for k in range(3, terms):
                    a = weight[k]
                    for j in range(np.uintp(n)):
                        out[to, person, at + j] += a * basis[k, j]
            i += n


@_all
def fill(rates, enter, read, starts, jumps, drives, slopes, times, step, out):
    """``out`` (outputs, people, times) from modes and schedule; ``step`` is 0 for any other grid."""
    people, modes, rows = out.shape[1], rates.shape[1], 3 * starts.shape[1] + 3
    for chunk in numba.prange((people + _PEOPLE - 1) // _PEOPLE):
        table, basis = np.zeros((rows, 2 * modes)), np.empty((2 * modes, 2 * BLOCK))
        for p in range(chunk * _PEOPLE, min(people, (chunk + 1) * _PEOPLE)):
            q, e, r = _row(p, rates.shape[0]), _row(p, enter.shape[0]), _row(p, read.shape[0])
            h, g = _row(p, starts.shape[0]), _row(p, jumps.shape[0])
            _stretches(rates, q, enter, e, starts, h, jumps, drives, slopes, g, table)
            _readings(rates, q, read, r, starts, h, table, times, step, out, p, basis)


@_one
def _largest(a, p1, p2, b1, b2):
    """The largest eigenvalue, by Newton's method from above, where it cannot overshoot."""
    far = max(b1, b2)
    x = 0.5 * (a + far + np.sqrt((a - far) * (a - far) + 4.0 * (p1 + p2)))
    step = x
    while step > 1e-8 * x:
        d1, d2 = x - b1, x - b2
        step = ((x - a) * d1 * d2 - p1 * d2 - p2 * d1) / (d1 * d2 + (x - a) * (d1 + d2) - p1 - p2)
        x -= step
    return x


@_one
def _star(matrix, p, c, u, w, entry, watch, q, rates, enter, read):
    """The modes of one person; whether they are complete and orthogonal to rounding."""
    a, b1, b2 = -matrix[p, c, c], -matrix[p, u, u], -matrix[p, w, w]
    p1, p2 = matrix[p, c, u] * matrix[p, u, c], matrix[p, c, w] * matrix[p, w, c]
    s1, s2 = np.sqrt(matrix[p, u, c] / matrix[p, c, u]), np.sqrt(matrix[p, w, c] / matrix[p, c, w])
    g1, g2 = np.sqrt(p1), np.sqrt(p2)
    x3 = _largest(a, p1, p2, b1, b2)
    total, product = a + b1 + b2 - x3, (a * b1 * b2 - p1 * b2 - p2 * b1) / x3
    x2 = 0.5 * (total + np.sqrt(max(total * total - 4.0 * product, 0.0)))
    rates[p, 0], rates[p, 1], rates[p, 2] = product / x2, x2, x3
    sum_one, sum_rate, cross_u, cross_w, size_u, size_w = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for m in range(3):
        # a Newton step on a − x = p1 / (b1 − x) + p2 / (b2 − x), where small roots keep their digits
        x, d1, d2 = rates[p, m], b1 - rates[p, m], b2 - rates[p, m]
        x += (a - x - p1 / d1 - p2 / d2) / (1.0 + p1 / (d1 * d1) + p2 / (d2 * d2))
        r1, r2 = g1 / (b1 - x), g2 / (b2 - x)
        middle = 1.0 / np.sqrt(1.0 + r1 * r1 + r2 * r2)
        rates[p, m] = x
        sum_one += middle * middle
        cross_u += r1 * middle * middle
        cross_w += r2 * middle * middle
        size_u += abs(r1) * middle * middle
        size_w += abs(r2) * middle * middle
        sum_rate += x * middle * middle
        for k in range(entry.shape[0]):
            share = 1.0 if entry[k] == c else r1 / s1 if entry[k] == u else r2 / s2
            enter[p, k, m] = middle * share
        for o in range(watch.shape[1]):
            read[p, o, m] = middle * (watch[q, o, c] + watch[q, o, u] * r1 * s1 + watch[q, o, w] * r2 * s2)
    off = max(abs(sum_one - 1.0), abs(sum_rate / a - 1.0), abs(cross_u) / size_u, abs(cross_w) / size_w)
    return off < 1e-13


@_all
def star(matrix, c, u, w, entry, watch, rates, enter, read, fine):
    """Modes of three compartments that exchange through the middle one, ``c``, with leaves ``u`` and ``w``.

    Fills rates (people, 3), enter (people, entries, 3) and read (people, outputs, 3) as :class:`modal.Modes` has them;
    ``watch`` (people or 1, outputs, 3) is what is read from the states. ``fine`` is False where roots lie too close.
    """
    for p in numba.prange(matrix.shape[0]):
        fine[p] = _star(matrix, p, c, u, w, entry, watch, _row(p, watch.shape[0]), rates, enter, read)


_INSTANTS = 64  # instants per unit of work: each starts anew
_TOGETHER = 8  # instants copied at once out of the people-by-times matrix: a cache line of each person


@_one
def _count(values, low, high):
    """How many values lie below ``low``, and how many do not lie above ``high``."""
    below, upto = 0, 0
    for i in range(values.shape[0]):
        below += values[i] < low
        upto += values[i] <= high
    return below, upto


@_one
def _holds(values, value, rank):
    """Whether ``value`` has this rank among all."""
    below, upto = _count(values, value, value)
    return below <= rank < upto


@_one
def _collect(values, low, high, who):
    """The people with values from ``low`` to ``high`` into ``who``; how many.

    Written without a branch, because nobody can predict it; so ``who`` has one place more than there are people.
    """
    n = np.uintp(0)
    for i in range(np.uintp(values.shape[0])):
        who[n] = i
        n += np.uintp((values[i] >= low) & (values[i] <= high))
    return np.intp(n)


@_one
def _bracket(values, rank, second, low, high, most):
    """Bounds that hold ``rank`` and ``second`` and at most about ``most`` people, grown from ``low`` and ``high``.

    By counting alone: a count runs as SIMD and costs less than ten nanoseconds a hundred people, a sort a hundred times
    that. Returns the bounds, how many lie below, and how many lie not above.
    """
    wide = max(high - low, 1e-3 * abs(high), 1e-300)
    below, upto = _count(values, low, high)
    while below > rank:
        low, wide = low - wide, 4.0 * wide
        below, upto = _count(values, low, high)
    while upto <= second and wide < np.inf:
        high, wide = high + wide, 4.0 * wide
        below, upto = _count(values, low, high)
    while upto - below > most:
        middle = 0.5 * (low + high)
        less, notmore = _count(values, middle, middle)
        if less > second and middle < high:
            high, upto = middle, notmore
        elif notmore <= rank and middle > low:
            low, below = middle, less
        else:
            break
    return low, high, below, upto


@_one
def _tied(values, rank, low, high):
    """The value of ``rank`` where so many are equal that no bounds hold few: halved to the last bit."""
    low, high = _bracket(values, rank, rank, low, high, 0)[:2]
    for value in (low, 0.5 * (low + high)):
        if _holds(values, value, rank):
            return value
    return high


@_one
def _sort(values, some, who):
    """Insertion sort of the people ``who`` by their ``values``, into ``some``: almost sorted, so almost one pass."""
    for i in range(who.shape[0]):
        person, j = who[i], i
        while j > 0 and some[j - 1] > values[person]:
            some[j], who[j] = some[j - 1], who[j - 1]
            j -= 1
        some[j], who[j] = values[person], person


@_one
def _one_rank(values, rank, margin, state, some, who):
    """Values of ``rank`` and the next, among ``who`` was near it at the time before; a count over everybody proves it.

    Or they are found anew between bounds. ``state``: how many they are, and how many others lie below.
    """
    second, n, below = min(rank + 1, values.shape[0] - 1), state[0], state[1]
    _sort(values, some, who[:n])
    if n > 0 and _holds(values, some[rank - below], rank) and _holds(values, some[second - below], second):
        return some[rank - below], some[second - below]
    low, high = (some[0], some[n - 1]) if n > 0 else (values[0], values[0])
    low, high, below, upto = _bracket(values, rank, second, low, high, 4 * margin)
    state[0] = 0
    if upto <= second:  # not all of them are numbers
        return np.nan, np.nan
    if upto - below > 16 * margin:
        return _tied(values, rank, low, high), _tied(values, second, low, high)
    state[0], state[1] = _collect(values, low, high, who), below
    _sort(values, some, who[: state[0]])
    return some[rank - below], some[second - below]


@_all
def order_statistics(curves, ranks, margin, out):
    """``out[k, 0, t]`` and ``out[k, 1, t]``: values of rank ``ranks[k]`` and the next, over people, at each time.

    ``curves`` (people, times). People keep almost their order from one time to the next, so a rank is sought among the
    ``margin`` or so people to either side of it at the time before. The answer is exact.
    """
    people, times, many = curves.shape[0], curves.shape[1], ranks.shape[0]
    for unit in numba.prange((times + _INSTANTS - 1) // _INSTANTS):
        columns, some, who = np.empty((_TOGETHER, people)), np.empty(people), np.empty((many, people + 1), np.intp)
        state = np.zeros((many, 2), np.intp)
        for t in range(unit * _INSTANTS, min(times, (unit + 1) * _INSTANTS)):
            lane = t % _TOGETHER
            if lane == 0:
                width = min(_TOGETHER, times - t)
                for i in range(people):
                    for j in range(width):
                        columns[j, i] = curves[i, t + j]
            for k in range(many):
                out[k, 0, t], out[k, 1, t] = _one_rank(columns[lane], ranks[k], margin, state[k], some, who[k])


@_one
def _below(z):
    """The standard normal's share below ``z``, exact in both tails."""
    return 0.5 * math.erfc(-0.7071067811865476 * z)


@_one
def relief_slopes(raw, spread, kinds, surface, reach, there, site, log, gradient, curvature):
    """Adds a diary's log likelihood, gradient and curvature in shifts, as :meth:`person._Problem.slopes` says it.

    ``raw`` (kinds, 4): logit of baseline, log C50, shift of log k, log scatter; ``kinds`` (kinds, 2): who responds, to
    drug and placebo; ``there`` (3, scores): placebo term and the ends of each score; ``site`` (2, scores): scratch.
    """
    for q in range(raw.shape[0]):
        share, c50, sigma = 1.0 / (1.0 + np.exp(-raw[q, 0])), np.exp(raw[q, 1]), np.exp(raw[q, 3])
        x = min(max(raw[q, 2] / reach, -1.0 + 1e-12), 1.0 - 1e-12)
        site[:] = 0.0
        for p in range(surface.shape[0]):
            value, turn = np.cos(p * np.arccos(x)), p * np.sin(p * np.arccos(x)) / (reach * np.sqrt(1.0 - x * x))
            for t in range(np.uintp(there.shape[1])):
                site[0, t] += value * surface[p, t]
                site[1, t] += turn * surface[p, t]
        for t in range(there.shape[1]):
            slow = max(site[0, t], 0.0)
            level = 10.0 * share * (1.0 - kinds[q, 1] * there[0, t])
            calm = level * (1.0 - kinds[q, 0] * slow / (slow + c50))
            bend = level * kinds[q, 0] * c50 / ((slow + c50) * (slow + c50))
            step = (calm * (1.0 - share) * spread[0], bend * slow * spread[1], -bend * site[1, t] * spread[2])
            low, high = max((there[1, t] - calm) / sigma, -1e9), min((there[2, t] - calm) / sigma, 1e9)
            chance = _below(-low) - _below(-high) if low > 0.0 else _below(high) - _below(low)
            if chance > 1e-290:
                scale = 0.3989422804014327 / chance
                at_low, at_high = scale * np.exp(-0.5 * low * low), scale * np.exp(-0.5 * high * high)
                lean, pull = at_low - at_high, low * at_low - high * at_high
                log[q], sharp = log[q] + np.log(chance), max(lean * lean - pull, 0.0)
            else:  # far away: the normal's tail
                lean = low if abs(low) < abs(high) else high
                log[q], pull, sharp = log[q] - 0.5 * lean * lean, lean * lean, 1.0
            gradient[q, 3] += pull * spread[3]
            for i in range(3):
                gradient[q, i] += step[i] * lean / sigma
                for j in range(3):
                    curvature[q, i, j] += step[i] * step[j] * sharp / (sigma * sigma)
