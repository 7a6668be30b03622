"""Points, their seeds, and the names that say what is in them."""

import shutil

from hypothesis import given
from hypothesis import strategies as st

from sim.study import identity as identities
from sim.study.load import load_study
from sim.study.plan import make_plan, replica_seed

WORDS = """\
name: lm
workload: {kind: language_model, weights: {synthetic: {layers: [8, 8], vocabulary: 9}}, text: words.txt, tokens: 2}
"""
TOKENS = "name: s\nbase: base.yaml\naxes: {workload.tokens: [1, 2]}\n"


def names(plan):
    return [point.identity for point in plan.grid]


def test_replicas_have_seeds_that_do_not_depend_on_how_many_there_are(plan):
    few, many = plan(changes={"replicas": 2}), plan(changes={"replicas": 4})
    seeds = {point.replica: point.scenario["seed"] for point in many.grid}
    assert seeds[0] == 5 and len(set(seeds.values())) == 4
    assert {point.replica: point.scenario["seed"] for point in few.grid}.items() <= seeds.items()
    assert set(names(few)) < set(names(many))


def test_seeds_of_replicas_are_the_same_forever():
    assert [replica_seed(1, replica) for replica in range(3)] == [1, 1973965755700615, 623034932427892]


@given(st.integers(0, 2**63 - 1), st.integers(1, 999))
def test_seeds_of_replicas_fit_a_scenario_and_any_reader_of_json(seed, replica):
    assert 0 <= replica_seed(seed, replica) < 2**53


def test_names_differ_with_what_is_run_and_with_nothing_else(plan):
    plain = plan()
    renamed = plan(changes={"set.name": "other", "set.description": "the same"})
    assert names(renamed) == names(plain)
    assert not set(names(plan(changes={"seed": 6}))) & set(names(plain))
    assert len(set(names(plain))) == 2


def test_a_value_written_out_is_the_same_point_as_its_default(plan):
    assert names(plan(changes={"network.buffer_flits": 8})) == names(plan())


def test_files_count_by_what_is_in_them_and_not_by_where_they_are(write, tmp_path):
    path = write(TOKENS, WORDS)
    (tmp_path / "words.txt").write_text("wisdom is good\n")
    here = names(make_plan(load_study(path)))
    elsewhere = shutil.copytree(tmp_path, tmp_path / "elsewhere")
    assert names(make_plan(load_study(elsewhere / "study.yaml"))) == here
    (elsewhere / "words.txt").write_text("folly is good\n")
    assert not set(names(make_plan(load_study(elsewhere / "study.yaml")))) & set(here)


def test_names_change_with_the_code(plan, monkeypatch):
    before = names(plan())
    monkeypatch.setattr(identities, "code_version", lambda: "another")
    assert not set(names(plan())) & set(before)


def test_the_digest_of_a_study_leaves_out_how_it_is_drawn(plan):
    drawn = "name: small\nbase: base.yaml\naxes: {workload.rate: [0.1, 0.2]}\n"
    drawn += "figure: {x: workload.rate, y: [traffic.accepted_rate]}\n"
    assert plan(drawn).digest == plan().digest
    assert plan(changes={"replicas": 2}).digest != plan().digest
