"""Scores over generated answers: what must hold of any instrument."""

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from surcease.knowledge.answers import enabled, read_answers
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.score import score

KNOWN = catalogue()
PLAIN = [i for i in KNOWN.values() if i.scales and not i.function]


def answer_of(item):
    if item.type == "choice":
        return st.sampled_from([o.code for o in item.options])
    if item.type == "boolean":
        return st.booleans()
    if item.type in ("integer", "decimal"):
        return st.integers(int(item.low or 0), int(item.high or 400)).map(Decimal)
    return st.just("words")


@st.composite
def filled(draw, instruments):
    instrument = draw(st.sampled_from(instruments))
    answers = {q.link_id: draw(st.none() | answer_of(q)) for q in instrument.questions}
    return instrument, answers


@given(filled(PLAIN))
@settings(max_examples=300, deadline=None)
def test_a_score_is_in_range_whole_or_flagged_or_absent(case):
    instrument, answers = case
    result = score(instrument, answers)
    for scale, spec in zip(result.scales, instrument.scales, strict=True):
        blank = {i for i in spec.items if answers[i] is None}
        assert set(scale.missing) == blank
        if scale.value is None:
            assert len(blank) > spec.allowed_missing or len(blank) == len(spec.items)
        else:
            assert spec.low <= scale.value <= spec.high
            assert scale.prorated is bool(blank)


@given(filled(PLAIN), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_answers_does_not_matter(case, random):
    instrument, answers = case
    mixed = list(answers.items())
    random.shuffle(mixed)
    assert score(instrument, dict(mixed)) == score(instrument, answers)


@given(filled(list(KNOWN.values())))
@settings(max_examples=200, deadline=None)
def test_any_answers_that_fit_are_scored_without_an_error(case):
    instrument, answers = case
    result = score(instrument, answers)
    assert result.status.endswith((".", "again."))
    assert read_answers(instrument, answers).keys() == answers.keys()


@st.composite
def with_few_blanks(draw, instrument_id):
    """A form of booleans and choices with up to six blanks, and every way to fill them."""
    instrument = KNOWN[instrument_id]
    answers = {q.link_id: draw(answer_of(q)) for q in instrument.questions}
    answers |= {"all-sites-asked": False} if instrument_id == "fm-2016" else {}
    askable = [q.link_id for q in instrument.questions if q.link_id != "all-sites-asked" and not q.options]
    blanks = draw(st.lists(st.sampled_from(askable), unique=True, max_size=6))
    ways = [dict(zip(blanks, values, strict=True)) for values in product((False, True), repeat=len(blanks))]
    return instrument, {k: v for k, v in answers.items() if k not in blanks}, ways


@given(st.sampled_from(["fm-2016", "crps-budapest"]).flatmap(with_few_blanks))
@settings(max_examples=150, deadline=None)
def test_criteria_are_settled_exactly_when_every_way_to_fill_the_blanks_agrees(case):
    instrument, answers, ways = case
    ends = {score(instrument, answers | way).met for way in ways}
    assert None not in ends
    assert score(instrument, answers).met == (ends.pop() if len(ends) == 1 else None)


@given(with_few_blanks("c-ssrs"))
@settings(max_examples=150, deadline=None)
def test_a_risk_level_is_settled_exactly_when_no_blank_can_change_it(case):
    instrument, answers, ways = case
    result = score(instrument, answers)
    ends = set()
    for way in ways:  # a question that this way leaves unasked stays blank
        asked = enabled(instrument, read_answers(instrument, answers | way))
        ends.add(score(instrument, answers | {k: v for k, v in way.items() if k in asked}).band)
    assert None not in ends
    if result.band is not None:
        assert ends == {result.band}


@given(filled(PLAIN))
@settings(max_examples=100, deadline=None)
def test_a_blank_never_raises_a_sum_and_never_counts_as_an_answer(case):
    """Taking one answer away leaves the plain sum of the rest, prorated, or no score at all."""
    instrument, answers = case
    for spec in instrument.scales:
        answered = [i for i in spec.items if answers[i] is not None]
        if spec.method != "sum" or len(answered) < len(spec.items) or len(answered) < 2:
            continue
        fewer = score(instrument, {**answers, answered[0]: None}).scale(spec.id)
        assert fewer.missing == (answered[0],)
        assert (fewer.value is None) is (spec.allowed_missing == 0)
