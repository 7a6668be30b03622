"""Courses: pages of ways out, alike ones kept once."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from sim.hardware.router import ON_A_PAGE, ONE_BYTE, Pages, Router


@given(st.lists(st.integers(0, 2 * ONE_BYTE), min_size=1, max_size=3 * ON_A_PAGE))
def test_each_router_finds_its_own_way_on_its_page(ways):
    course = Pages().course(ways)
    assert list(chain.from_iterable(course)) == ways
    for site, way in enumerate(ways):
        router = Router(site)
        assert course[router.page][router.place] == way


def test_pages_that_say_the_same_are_kept_once():
    pages = Pages()
    one = pages.course([1] * ON_A_PAGE + [2] * ON_A_PAGE)
    other = pages.course([3] * ON_A_PAGE + [2] * ON_A_PAGE)
    assert one[1] is other[1]
    assert len(pages) == 3


def test_numbers_that_fit_take_a_byte_each():
    assert Pages().course([0, ONE_BYTE - 1]) == (bytes([0, ONE_BYTE - 1]),)
    assert Pages().course([0, ONE_BYTE]) == ((0, ONE_BYTE),)
