"""What each note says, for a tired person: the whole story in its first line. Pure.

A title is ``CRITICAL: Error rate 12% for 4 min · kulti.test``; channels put a sign before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.notify import scene as told
from synthetic.notify.grouping import Firing, rank
from synthetic.notify.scene import Fact, Scene
from synthetic.plan.model import LOCATION
from synthetic.plan.observations import CLOCK_AHEAD
from synthetic.reports.words import instant, span
from synthetic.store.values import Event, Incident, Note, Severity
from synthetic.wording import fit, listed

STANDIN = "stand-in"
_STANDIN_FIRST = "STAND-IN, not the product"
_NAME, _TITLE, _STORY, _LIVED = 36, 140, 600, 500


def opened(incident: Incident, scene: Scene, severity: Severity) -> Note:
    """Something broke."""
    return _wrong("opened", "opened", severity.upper(), incident, scene, severity)


def raised(incident: Incident, scene: Scene, severity: Severity) -> Note:
    """It is worse than people were told, or calls somebody whom it did not call."""
    told_as = incident.told or severity
    worse = f"Now {severity.upper()}, was {told_as.upper()}"
    lead = worse if rank(severity) < rank(told_as) else f"{severity.upper()}, calling"
    return _wrong("raised", f"raised-{stamp(scene)}", lead, incident, scene, severity)


def joined(incident: Incident, scene: Scene, severity: Severity, newly: Sequence[Firing]) -> Note:
    """More of it broke: ``newly`` is what people have not heard of."""
    also = listed(dict.fromkeys(_with_place(scene, one) for one in newly))
    first = f"Newly broken: {fit(also, _STORY // 2)}."
    lead = f"{severity.upper()}, spreading"
    suffix = f"joined-{stamp(scene)}"
    return _wrong("joined", suffix, lead, incident, scene, severity, first, newly)


def _with_place(scene: Scene, one: Firing) -> str:
    place = dict(one.alert.labels).get(LOCATION) if one.row.id != NO_DATA.id else None
    return f"{told.named(scene.plan, one)} at {place}" if place else told.named(scene.plan, one)


def reminder(incident: Incident, scene: Scene, severity: Severity) -> Note:
    """It is still so."""
    has = f"{_name(incident.acknowledged_by)} has it." if incident.acknowledged_at else None
    first = has or ("Nobody has acknowledged it." if incident.called_at else None)
    lead = f"Still {severity.upper()}"
    return _wrong("reminder", f"reminder-{stamp(scene)}", lead, incident, scene, severity, first)


def unanswered(incident: Incident, scene: Scene, who: str, limit: timedelta) -> Note:
    """Nobody acknowledged in time: the next person is called."""
    first = f"Nobody has acknowledged it within {span(limit)}, so the {who} is called."
    return _called("unanswered", "calling", first, incident, scene, who)


def unresolved(incident: Incident, scene: Scene, who: str, limit: timedelta) -> Note:
    """Not resolved in time: it moves up."""
    first = f"It is not resolved after {span(limit)}, so it moves up to the {who}."
    return _called("tier", "moving up to", first, incident, scene, who)


def _called(why: str, verb: str, first: str, incident: Incident, scene: Scene, who: str) -> Note:
    severity = scene.alerts[0].severity
    lead = f"{severity.upper()}, {verb} the {who}"
    return _wrong("escalated", f"{why}-{stamp(scene)}", lead, incident, scene, severity, first)


def acknowledged(incident: Incident, scene: Scene) -> Note:
    """Somebody has it."""
    who = _name(incident.acknowledged_by)
    story = f"{who} has it: nobody else is called for want of an answer."
    tiers = scene.plan.tiers[incident.tier :]
    if incident.called_at and len(tiers) > 1:
        due = incident.called_at + timedelta(seconds=tiers[0].after)
        story += f" Unless it is resolved by {instant(due)}, the {tiers[1].who} is called."
    title = f"{who} has it: {incident.title}"
    return _note("acknowledged", f"acknowledged-{stamp(scene)}", title, story, incident, scene)


def resolved(incident: Incident, scene: Scene) -> Note:
    """All is good again."""
    took, many = span(scene.now - incident.opened_at), len(incident.members)
    what = f"All {many} alerts of it are" if many > 1 else "Its alert is"
    story = f"{what} good again. It lasted {took} and was {incident.severity} at its worst."
    title = f"Resolved after {took}: {incident.title}"
    return _note("resolved", "resolved", title, story, incident, scene)


def calmed(incident: Incident, scene: Scene) -> Note:
    """What called is good again, though not all of it: for those who were called."""
    left = listed(dict.fromkeys(told.named(scene.plan, one) for one in scene.alerts))
    story = f"What called you is good again. Still open, and calling nobody: {left}."
    title = f"No longer calling: {incident.title}"
    return _note("resolved", f"calmed-{stamp(scene)}", title, story, incident, scene)


def replaced(incident: Incident, scene: Scene) -> Note:
    """A new call takes the place of this one."""
    title = f"Called anew: {incident.title}"
    story = "It got worse, so a new call takes the place of this one."
    return _note("superseded", f"replaced-{stamp(scene)}", title, story, incident, scene)


def superseded(incident: Incident, scene: Scene) -> Note:
    """A change of phase took its rules away, which is not to say that all is good."""
    story = (
        "Another phase of the plan began, which has not the rules behind this. "
        "That is not to say that it is good again: where the new rules find it wrong, they say so."
    )
    title = f"No longer watched: {incident.title}"
    return _note("superseded", "superseded", title, story, incident, scene)


def taken_in(incident: Incident, scene: Scene, into: Incident) -> Note:
    """It turned out to be part of another outage, which goes on in that one's thread."""
    story = f"This is part of another outage: {into.title}. It goes on as incident {into.id}."
    title = f"Part of another outage ({into.title}): {incident.title}"
    return _note("superseded", "superseded", title, story, incident, scene)


def _wrong(
    event: Event,
    suffix: str,
    lead: str,
    incident: Incident,
    scene: Scene,
    severity: Severity,
    first: str | None = None,
    of: Sequence[Firing] = (),
) -> Note:
    """Something is wrong: what people lived through, its figures, for whom, and what to do."""
    state, second = _state(incident, scene), _second(incident, scene)
    lived = told.lived(incident, scene, of)
    seen = fit(lived.story, _LIVED) if lived else None
    story = " ".join(filter(None, (first, seen, state, None if first else second)))
    facts = (
        *told.figures(incident, scene),
        ("Since", f"{instant(told.since(incident, scene))} ({told.lasting(incident, scene)})"),
        *_known("Real users", told.real_users(scene)),
        *_known("Locations", told.locations(incident, scene)),
        *_known("Clock", _clocks(scene)),
        *_known("Also affected", told.explained(incident, scene)),
        *told.duties(scene.alerts),
        *_known("Runbook", told.runbook(incident, scene)),
    )
    lasting = told.lasting(incident, scene)
    title = f"{lead}: {told.headline(incident, scene)}"
    title += f" for {lasting}" if lasting != span(timedelta()) else ""
    title += f", {lone}" if (lone := told.only_from(incident, scene)) else ""
    if lived and told.is_bare(incident, scene):
        title += f": {lived.reason}"
    return _note(event, suffix, title, story, incident, scene, severity, facts)


def _note(
    event: Event,
    suffix: str,
    title: str,
    story: str,
    incident: Incident,
    scene: Scene,
    severity: Severity | None = None,
    facts: Iterable[Fact] = (),
) -> Note:
    return Note(
        key=f"{incident.id}/{suffix}",
        incident=incident.id,
        event=event,
        title=_title(title, incident.target),
        story=fit(story, _STORY + _LIVED),
        target=incident.target,
        at=scene.now,
        severity=severity or incident.severity,
        facts=(*facts, ("Incident", incident.id)),
        links=told.links(incident, scene),
        call=incident.call,
    )


def _state(incident: Incident, scene: Scene) -> str:
    """One sentence: the worst figure, what the plan allows, and since when."""
    began = instant(told.since(incident, scene))
    label, text = told.figures(incident, scene)[0]
    return f"{label}: {text}, since {began}."


def _second(incident: Incident, scene: Scene) -> str:
    """One sentence more: whom it hits, else where, else what else is wrong."""
    if clocks := _clocks(scene):
        return f"The clock {clocks}."
    if users := told.real_users(scene):
        return f"Of real users, {users}."
    if where := told.locations(incident, scene):
        lone = told.only_from(incident, scene)
        return f"{where[0].upper()}{where[1:]}." if lone else f"Seen at {where}."
    if others := told.explained(incident, scene):
        return f"It explains what else is wrong: {others}."
    return "So far nothing else is wrong."


def _clocks(scene: Scene) -> str | None:
    """Of locations that are missed, whose clock is wrong: what they say is not believed."""
    silent = {
        dict(one.alert.labels).get(LOCATION): one.alert.seen
        for one in scene.alerts
        if one.row.id == NO_DATA.id
    }
    found = [
        f"at {place} is {span(timedelta(seconds=abs(one.value)))} "
        f"{'ahead' if one.value > 0 else 'behind'}"
        for one in scene.around.gauges
        if one.metric == CLOCK_AHEAD
        and (place := dict(one.labels).get(LOCATION)) in silent
        and one.at > (silent[place] or one.at)
    ]
    return fit(f"{listed(found)}, so nothing from there is believed", _STORY) if found else None


def _known(label: str, text: str | None) -> tuple[Fact, ...]:
    return ((label, text),) if text else ()


def _title(text: str, target: str) -> str:
    if target == STANDIN:
        return fit(f"{_STANDIN_FIRST} · {text}", _TITLE)
    where = fit(target.partition("://")[2].rstrip("/") or target, _NAME)
    return f"{fit(text, _TITLE - len(where) - 3)} · {where}"


def _name(who: str | None) -> str:
    return fit(who or "somebody", _NAME)


def stamp(scene: Scene) -> str:
    """The moment, for names."""
    return f"{scene.now:%Y%m%dT%H%M%SZ}"
