"""What is known from elsewhere, held against the simulator: one module for each group of figures.

A group is a function that yields rows; `sim.anchors.groups` lists them.
"""
