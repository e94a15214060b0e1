from __future__ import annotations

from monai_seg.sample.deal import dealt, place


def test_each_block_holds_its_share():
    hits = [dealt(0, index, 11, 50) for index in range(200)]
    assert [sum(hits[start : start + 50]) for start in range(0, 200, 50)] == [11, 11, 11, 11]


def test_places_of_a_block_are_all_its_numbers_in_another_order():
    places = [place(4, index, 20) for index in range(40)]
    assert sorted(places[:20]) == sorted(places[20:]) == list(range(20))
    assert places[:20] != places[20:] and places[:20] != list(range(20))
