"""Who waits for whom, in each schedule, against the needs written out and against what they are for."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.schedule import PIPELINE_DEPTH, Need, plan

STEPS = 6
PLANS = st.builds(plan, st.integers(1, 6), output=st.booleans(), feeds_back=st.booleans(), pipelined=st.booleans())


def order(schedule):
    """The graph of moments (population, step), from what must come first to what waits."""
    graph = nx.DiGraph()
    graph.add_nodes_from((population, step) for population in schedule.populations for step in range(STEPS))
    graph.add_edges_from(
        ((need.source, step - need.delay), (need.target, step))
        for need in schedule.needs
        for step in range(need.delay, STEPS)
    )
    return graph


def before(schedule, moment):
    return nx.ancestors(order(schedule), moment)


def ideal_end(schedule, population, step):
    """When the step ends if every step of every population takes a time of 1."""
    graph = order(schedule)
    return nx.dag_longest_path_length(graph.subgraph(before(schedule, (population, step)) | {(population, step)}))


def test_needs_of_two_layers_in_sequence():
    schedule = plan(2, output=True, feeds_back=False, pipelined=False)
    assert set(schedule.needs) == {
        Need(0, 1, 0, True),
        Need(1, 2, 0, True),
        Need(1, 1, 1, True),
        Need(2, 2, 1, True),
        Need(2, 3, 0, True),
        Need(1, 0, 1, False),
        Need(2, 1, 1, False),
    }
    assert (schedule.layers, schedule.output) == (2, 3)


def test_needs_of_two_layers_in_a_pipeline():
    schedule = plan(2, output=True, feeds_back=False, pipelined=True)
    assert set(schedule.needs) == {
        Need(0, 1, 0, True),
        Need(1, 2, 0, True),
        Need(1, 1, 1, True),
        Need(2, 2, 1, True),
        Need(2, 3, 0, True),
        Need(1, 0, PIPELINE_DEPTH, False),
        Need(2, 1, PIPELINE_DEPTH, False),
    }


def test_generating_makes_an_input_wait_for_the_output_before():
    once = plan(3, output=True, feeds_back=False, pipelined=False)
    again = plan(3, output=True, feeds_back=True, pipelined=False)
    assert set(again.needs) - set(once.needs) == {Need(4, 0, 1, False)}
    assert (4, 2) in before(again, (0, 3))
    assert (4, 2) not in before(once, (0, 3))


def test_without_a_taker_there_is_no_output():
    schedule = plan(3, output=False, feeds_back=False, pipelined=False)
    assert schedule.output is None
    assert list(schedule.populations) == [0, 1, 2, 3]
    assert schedule.consumers(3) == (3,)


@given(PLANS)
def test_no_step_waits_for_itself_in_a_circle(schedule):
    assert nx.is_directed_acyclic_graph(order(schedule))


@given(PLANS)
def test_no_need_is_stated_twice_and_each_joins_known_populations(schedule):
    assert len(set(schedule.needs)) == len(schedule.needs)
    known = set(schedule.populations)
    assert all({need.source, need.target} <= known and 0 <= need.delay <= PIPELINE_DEPTH for need in schedule.needs)


@given(PLANS)
def test_a_layer_reads_the_population_before_it_and_its_own_last_step(schedule):
    for layer in range(1, schedule.layers + 1):
        reads = {(need.source, need.delay) for need in schedule.of(layer) if need.carries}
        assert reads == {(layer - 1, 0), (layer, 1)}


@given(PLANS)
def test_consumers_and_those_waiting_follow_from_the_needs(schedule):
    for source in schedule.populations:
        targets = [need for need in schedule.needs if need.source == source]
        assert schedule.waiting_on(source) == tuple(sorted({need.target for need in targets}))
        assert schedule.consumers(source) == tuple(sorted({need.target for need in targets if need.carries}))


@pytest.mark.parametrize("layers", [1, 2, 3, 5])
def test_in_sequence_one_layer_works_at_a_time(layers):
    schedule = plan(layers, output=True, feeds_back=False, pipelined=False)
    for step in range(1, STEPS):
        for layer in range(1, layers + 1):
            earlier = {(other, step) for other in range(1, layer)} | {
                (other, step - 1) for other in range(1, layers + 1)
            }
            assert earlier <= before(schedule, (layer, step))


@pytest.mark.parametrize("pipelined", [False, True])
@given(layers=st.integers(1, 5))
def test_no_vector_is_written_while_it_is_read(pipelined, layers):
    """A population may send step t when its reader has done step t - buffers."""
    schedule = plan(layers, output=True, feeds_back=False, pipelined=pipelined)
    buffers = PIPELINE_DEPTH if pipelined else 1
    for source in range(layers):
        assert (source + 1, STEPS - 1 - buffers) in before(schedule, (source, STEPS - 1))


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_a_pipeline_takes_one_turn_a_step_and_a_sequence_one_for_each_layer(layers):
    ends = [
        ideal_end(plan(layers, output=False, feeds_back=False, pipelined=pipelined), layers, STEPS - 1)
        - ideal_end(plan(layers, output=False, feeds_back=False, pipelined=pipelined), layers, STEPS - 2)
        for pipelined in (False, True)
    ]
    assert ends == [layers, 1]


@pytest.mark.parametrize(("pipelined", "feeds_back", "stride"), [(True, False, 1), (False, False, 3), (False, True, 5)])
def test_by_a_timer_all_a_step_needs_is_sent_at_an_earlier_tick_and_no_step_could_begin_sooner(
    pipelined, feeds_back, stride
):
    made = plan(3, output=True, feeds_back=feeds_back, pipelined=pipelined, timed=True)
    assert made.stride == stride
    ahead = [made.tick(need.target, 5) - made.tick(need.source, 5 - need.delay) for need in made.needs]
    assert min(ahead) == 1
