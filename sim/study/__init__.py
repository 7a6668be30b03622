"""Studies: one scenario run at many settings, resumable, on any number of workers.

A study file says what varies (`models`); it becomes a plan of points, each named by the hash of its content (`plan`,
`identity`); a crew of workers runs those that are not finished yet (`run`, `crew`, `point`); and what they found is one
table, the thresholds that were searched for, and a picture.
"""
