"""What cannot be meant although every key of a study is well written by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from sim.report.glossary import find, terms
from sim.scenario.complaints import did_you_mean
from sim.scenario.document import KeyPath
from sim.study.axes import bundles, cell_count, length, values
from sim.study.models import Axis, Bisect, Figure, Scale, Scaling, Sensitivity, Study

MOST_POINTS = 100_000
YES_OR_NO = "true or false"

Found = Iterator[tuple[KeyPath, str]]


def broken(study: Study) -> Found:
    """Each contradiction with the path of the key that is to be changed."""
    for key, axis in study.axes.items():
        yield from _axis(key, axis)
    yield from _sizes(study)
    yield from _overlaps(study)
    yield from _zip(study)
    for key, scale in study.scale.items():
        yield from _scale(study, key, scale)
    if study.bisect:
        yield from _bisect(study.bisect)
    if study.scaling:
        yield from _scaling(study, study.scaling)
    if study.figure:
        yield from _figure(study, study.figure)
    yield from _references(study)
    if study.sensitivity:
        yield from _sensitivity(study, study.sensitivity)


def _axis(key: str, axis: Axis) -> Found:
    if isinstance(axis, tuple):
        written = [json.dumps(value, sort_keys=True) for value in axis]
        for index, value in enumerate(written):
            if value in written[:index]:
                yield ("axes", key, index), f"{value} is given twice; replicas are what repeats a point"
        return
    first, last = getattr(axis, "from"), axis.to
    if first == last:
        yield ("axes", key, "to"), f"{last} is also 'from'; a range needs two different ends"
    elif axis.scale == "log" and min(first, last) <= 0:
        yield ("axes", key, "scale"), f"log needs both ends above 0, got {first} and {last}; use linear or a list"


def _sizes(study: Study) -> Found:
    if not study.axes and study.bisect is None and study.sensitivity is None and study.replicas == 1:
        yield ("axes",), "nothing varies; give axes, a bisect, a sensitivity or more than one of replicas"
    together = study.axes if study.zip is True else study.zip or ()
    lengths = {key: length(study.axes[key]) for key in together if key in study.axes}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} has {count}" for key, count in lengths.items())
        yield ("zip",), f"axes that move together need equally many values, but {told}"
    elif (points := cell_count(study) * study.replicas) > MOST_POINTS:
        yield ("axes",), f"{points:,} points asked, expected {MOST_POINTS:,} or fewer; take fewer values or replicas"


def _zip(study: Study) -> Found:
    for index, key in enumerate(study.zip if isinstance(study.zip, tuple) else ()):
        if key not in study.axes:
            yield ("zip", index), _no_axis(key, study.axes)


def _scale(study: Study, key: str, scale: Scale) -> Found:
    """What grows has one rule alone, and an axis of numbers above 0 to grow along."""
    known = [*study.axes, study.bisect.key] if study.bisect else list(study.axes)
    for other in known:
        if _inside(key, other) or _inside(other, key):
            yield ("scale", key), f"'{other}' varies by itself; keep one of the two"
    if scale.along not in known:
        yield ("scale", key, "along"), _no_axis(scale.along, known)
    elif scale.along in study.axes and not _is_positive(study.axes[scale.along]):
        yield ("scale", key, "along"), f"'{scale.along}' has values that are no numbers above 0"
    if not scale.width and not scale.depth:
        yield ("scale", key), "grows in neither width nor depth; give one of them, or remove it"


def _scaling(study: Study, asked: Scaling) -> Found:
    yield from _summary_name(("scaling", "of"), asked.of)
    if asked.axis not in study.axes:
        yield ("scaling", "axis"), _no_axis(asked.axis, study.axes)
    elif not _is_positive(study.axes[asked.axis]):
        yield ("scaling", "axis"), f"'{asked.axis}' has values that are no numbers above 0"


def _no_axis(key: str, axes: Iterable[str]) -> str:
    return f"'{key}' is no axis{did_you_mean(key, axes)} (axes here: {', '.join(axes) or 'none'})"


def _is_positive(axis: Axis) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) and value > 0 for value in values(axis))


def _overlaps(study: Study) -> Found:
    """Two values for one key, of which the later would silently win."""
    varied = list(study.axes)
    for key in study.set:
        if any(_inside(key, axis) for axis in varied):
            yield ("set", key), "is also given values by an axis; keep one of the two"
        elif study.bisect and _inside(key, study.bisect.key):
            yield ("set", key), "is also searched by bisect; keep one of the two"
    keys = [*varied, study.bisect.key] if study.bisect and study.bisect.key not in varied else varied
    for one in keys:
        for other in keys:
            if one != other and _inside(one, other):
                path = ("axes", one) if one in varied else ("bisect", "key")
                yield path, f"'{one}' lies inside '{other}', which varies too; keep one of the two"


def _inside(key: str, above: str) -> bool:
    return key == above or key.startswith((f"{above}.", f"{above}["))


def _bisect(asked: Bisect) -> Found:
    if asked.low >= asked.high:
        yield ("bisect", "high"), f"{asked.high} is not above low, which is {asked.low}"
    elif asked.tolerance >= asked.high - asked.low:
        span = asked.high - asked.low
        yield ("bisect", "tolerance"), f"{asked.tolerance} is no finer than what is searched, {span:g} wide"
    yield from _summary_name(("bisect", "until"), asked.until)
    term = find(asked.until)
    if term and term.unit != YES_OR_NO:
        yes_or_no = ", ".join(name for name, known in terms().items() if known.unit == YES_OR_NO)
        yield ("bisect", "until"), f"'{asked.until}' is in {term.unit}, expected a yes-or-no number: {yes_or_no}"


def _figure(study: Study, figure: Figure) -> Found:
    if figure.x not in study.axes:
        yield from _summary_name(("figure", "x"), figure.x, [*study.axes])
    for index, name in enumerate(figure.y):
        yield from _summary_name(("figure", "y", index), name)
    for index, key in enumerate(figure.group_by or ()):
        if key not in study.axes:
            yield ("figure", "group_by", index), _no_axis(key, study.axes)
    yield from _mixed(study, figure)


def _references(study: Study) -> Found:
    """Rows that can be held against the points: numbers of the summary, each row with a name of its own."""
    names = [one.name for one in study.references]
    for index, one in enumerate(study.references):
        if one.name in names[:index]:
            yield ("references", index, "name"), f"'{one.name}' is the name of another reference; give it its own"
        for key in one.values:
            yield from _summary_name(("references", index, "values", key), key)


def _sensitivity(study: Study, asked: Sensitivity) -> Found:
    """Its points are the base with parameters moved; what else varies would need a tornado for each value."""
    for key in ("axes", "bisect", "figure", "scaling"):
        is_there = getattr(study, key)
        if is_there:
            yield (key,), "a sensitivity study has one base and its own picture; remove it, or put the value in 'set'"
    if study.replicas > 1:
        yield ("replicas",), f"{study.replicas} asked, but a sensitivity study runs each point once; set 1"
    for index, name in enumerate(asked.of):
        yield from _summary_name(("sensitivity", "of", index), name)


def _mixed(study: Study, figure: Figure) -> Found:
    if figure.group_by is None or figure.x not in study.axes:
        return
    for keys in bundles(study, study.axes):
        if not {figure.x, *figure.group_by} & set(keys):
            key = keys[0]
            yield ("figure", "group_by"), f"axis '{key}' is neither x nor here, so a line would mix its values; add it"


def _summary_name(path: KeyPath, name: str, more: list[str] | None = None) -> Found:
    term = find(name)
    if term is None or term.place != "summary.json":
        known = [known.name for known in terms().values() if known.place == "summary.json"] + (more or [])
        yield path, f"no number of the summary is called '{name}'{did_you_mean(name, known)}"
