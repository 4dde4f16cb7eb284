"""Python's search for cyclic garbage, told what a department's objects are like.

A page of events is thousands of objects that live a moment and then go without any search. Python takes them for a heap
that grows, and every time searches all there is, modules and the HTTP application included: two fifths of a rebuild's
time, and a pause for every request meanwhile.
"""

import gc

YOUNG = 10_000  # objects made before they are searched; Python's own 700 are fewer than one batch of events makes


def search_seldom() -> None:
    """Call it when all that stays is there: it is searched for the last time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
