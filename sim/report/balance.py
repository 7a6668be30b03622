"""How much sooner a run would have been done in perfect balance, told from what each slice did in each step.

A layer whose slices all compute for the mean of them ends earlier by what its last slice computed longer. But then its
events come to the next layer all at once: what the next layer does on their arrival, taking packets in and with
`event_columns` computing too, was hidden behind the stragglers and no longer is.
"""

from __future__ import annotations

from sim.report.result import Result

SOONER = """
WITH done AS (
    SELECT {copy} AS copy, layer, step, name, 1e12 * time_ready_s AS ready, 1e12 * time_done_s AS done,
        1e12 * compute_s AS own, avg(own) OVER (PARTITION BY copy, layer, step) AS mean, 1e12 * {arrival} AS arriving
    FROM step JOIN (SELECT pe, name FROM pe) USING (pe)),
layers AS (
    SELECT copy, layer, step, max(ready) AS ready, max(done) AS done, max(done) - max(done - own + mean) AS sooner,
        avg(arriving) AS arriving
    FROM done GROUP BY ALL),
fired AS (SELECT {copy} AS copy, layer, step, events FROM layer_step),
come AS (
    SELECT now.*, coalesce(fed.events / nullif(fed.events + coalesce(back.events, 0), 0), 0) AS fed
    FROM layers now
    LEFT JOIN fired fed ON (fed.copy, fed.layer, fed.step) = (now.copy, now.layer - 1, now.step)
    LEFT JOIN fired back ON (back.copy, back.layer, back.step) = (now.copy, now.layer, now.step - 1)),
seen AS (
    SELECT DISTINCT copy, layer, done.step FROM path ASOF JOIN done ON done.name = path.unit
    AND done.done >= path.time_end_ps - 1 WHERE path.step IS NULL AND path.activity = 'compute')
SELECT coalesce(sum(greatest(0, this.sooner - greatest(
    0, coalesce(next.fed * next.arriving - (next.ready - this.done), 0)))), 0) AS sooner
FROM come this JOIN seen USING (copy, layer, step)
LEFT JOIN come next ON (next.copy, next.layer, next.step) = (this.copy, this.layer + 1, this.step)
"""
"""Of a layer's events in a step, `fed` is the share that the layer before sent; `seen` are those on the run's path."""


def sooner_in_balance(result: Result) -> int:
    """By how much (ps) the run would be shorter, everything but the computing of slices as long as it was."""
    copy = "replica" if "replica" in result.table("layer_step") else "0"
    eager = result.scenario["compute"]["kernel"] == "event_columns"
    arrival = "(receive_s + compute_s)" if eager else "receive_s"
    return round(float(result.sql(SOONER.format(copy=copy, arrival=arrival))["sooner"][0]))
