"""Routers with virtual channels stepped cycle by cycle: the allocation rule written down a second time.

Every router looks at all its buffers in every cycle, as a circuit does; it shares no code with the links of the
simulator, which decide one by one and only when something can have changed. Plain mesh, XY, flits of one cycle.
"""

from collections import defaultdict, deque


def after(last, candidates):
    """The candidate next in turn after `last`."""
    return min(candidates, key=lambda one: (one <= last, one))


class Output:
    """A link as its router sees it: the buffers behind it, and the arbiters in front of it."""

    def __init__(self, channels, room):
        self.owner = [None] * channels
        self.credits = [room] * channels
        self.coming_back = []
        self.last_owner = [-1] * channels
        self.last_channel = defaultdict(lambda: -1)
        self.last_input = -1

    def take_in(self, cycle):
        for channel in [channel for due, channel in self.coming_back if due <= cycle]:
            self.credits[channel] += 1
        self.coming_back = [one for one in self.coming_back if one[0] > cycle]


class Router:
    """Inputs of several buffers each; `slot` numbers the buffers through all inputs."""

    def __init__(self, inputs, outputs, channels, room):
        self.channels = channels
        self.buffers = [deque() for _ in range(inputs * channels)]
        self.outputs = {output: Output(channels, room) for output in outputs}
        self.outputs["out"] = Output(1, 1 << 30)
        self.held = {}
        self.last_output = [-1] * inputs
        self.last_slot = [-1] * inputs

    def step(self, cycle, way):
        """(slot, output, channel) of the flits that cross in this cycle; `way(flit)` is the output it wants."""
        wants = {slot: way(of[0]) for slot, of in enumerate(self.buffers) if of and of[0].seen <= cycle}
        for output in self.outputs.values():
            output.take_in(cycle)
        offers = self._switch(wants)
        self._allot(wants)
        return [self._cross(slot, output) for slot, output in self._accept(offers) if self._can_cross(slot, output)]

    def _allot(self, wants):
        """Free channels pick heads without one; a head that is picked takes one."""
        picked = defaultdict(list)
        for name, output in self.outputs.items():
            asking = [slot for slot, wanted in wants.items() if wanted == name and slot not in self.held]
            for channel, owner in enumerate(output.owner):
                if owner is None and asking:
                    picked[after(output.last_owner[channel], asking)].append(channel)
        for slot, channels in picked.items():
            output = self.outputs[wants[slot]]
            channel = after(output.last_channel[slot], channels)
            self.held[slot] = channel
            output.owner[channel] = output.last_owner[channel] = slot
            output.last_channel[slot] = channel

    def _switch(self, wants):
        """To which slot of which input each output would give its cycle, by the channels as they are held so far."""
        offers = []
        for name, output in self.outputs.items():
            free = any(owner is None and room for owner, room in zip(output.owner, output.credits, strict=True))
            able = [s for s, to in wants.items() if to == name and self._hopeful(s, output, free)]
            if able:
                number = after(output.last_input, {slot // self.channels for slot in able})
                there = [slot for slot in able if slot // self.channels == number]
                offers.append((after(self.last_slot[number], [s for s in there if s in self.held] or there), name))
        return offers

    def _hopeful(self, slot, output, free):
        return output.credits[self.held[slot]] > 0 if slot in self.held else free

    def _accept(self, offers):
        order = list(self.outputs)
        for number, last in enumerate(self.last_output):
            mine = {order.index(name): slot for slot, name in offers if slot // self.channels == number}
            if mine:
                place = after(last, mine)
                self.last_output[number], self.last_slot[number] = place, mine[place]
                self.outputs[order[place]].last_input = number
                yield mine[place], order[place]

    def _can_cross(self, slot, name):
        return slot in self.held and self.outputs[name].credits[self.held[slot]] > 0

    def _cross(self, slot, name):
        channel = self.held.pop(slot)
        self.outputs[name].owner[channel] = None
        self.outputs[name].credits[channel] -= 1
        return slot, name, channel


class Flit:
    def __init__(self, key, goal):
        self.key, self.goal, self.seen = key, goal, 0


class Network:
    """All routers of a plain mesh, a queue in front of each, flits sent by (source, goal) at time 0."""

    def __init__(self, machine, channels, room):
        self.machine, self.noc, self.channels = machine, machine.noc, channels
        into = {site.index: [c.index for c in machine.channels if c.target == site.index] for site in machine.sites}
        self.input_of = {channel: place for arriving in into.values() for place, channel in enumerate(arriving)}
        self.entrance = {site: len(arriving) for site, arriving in into.items()}
        self.channel = {(c.source, c.target): c.index for c in machine.channels}
        self.routers = {}
        for site, inputs in self.entrance.items():
            outputs = sorted(index for (source, _), index in self.channel.items() if source == site)
            self.routers[site] = Router(inputs + 1, outputs, channels, room)
        self.entering = {site: Output(channels, room) for site in into}

    def way(self, site, flit):
        """XY: the link to the neighbour in x, then in y, then out."""
        here, goal = self.machine.sites[site], self.machine.sites[flit.goal]
        if here.x != goal.x:
            x, y = here.x + (1 if goal.x > here.x else -1), here.y
        elif here.y != goal.y:
            x, y = here.x, here.y + (1 if goal.y > here.y else -1)
        else:
            return "out"
        return self.channel[site, next(s.index for s in self.machine.sites if (s.x, s.y) == (x, y))]

    def run(self, sends):
        """Arrivals as (cycle, goal, key)."""
        queues = defaultdict(deque)
        for key, (source, goal) in enumerate(sends):
            queues[source].append(Flit(key, goal))
        arrivals, cycle = [], 0
        while len(arrivals) < len(sends):
            cycle += 1
            for site, queue in queues.items():
                self._enter(site, queue, cycle)
            for site, router in self.routers.items():
                for crossed in router.step(cycle, lambda flit, site=site: self.way(site, flit)):
                    arrivals += self._move(site, router, crossed, cycle)
        return sorted(arrivals)

    def _enter(self, site, queue, cycle):
        entrance = self.entering[site]
        entrance.take_in(cycle)
        open_to = [channel for channel, room in enumerate(entrance.credits) if room]
        if queue and open_to:
            channel = entrance.last_input = after(entrance.last_input, open_to)
            entrance.credits[channel] -= 1
            slot = self.entrance[site] * self.channels + channel
            self._put(self.routers[site], slot, queue.popleft(), cycle + self.noc.injection_cycles - 1)

    def _put(self, router, slot, flit, cycle):
        flit.seen = cycle
        router.buffers[slot].append(flit)

    def _move(self, site, router, crossed, cycle):
        slot, name, channel = crossed
        buffer = router.buffers[slot]
        flit = buffer.popleft()
        if buffer:
            buffer[0].seen = max(buffer[0].seen, cycle + 1)
        self._give_back(site, slot, cycle + self.noc.credit_cycles)
        if name == "out":
            yield cycle + self.noc.ejection_cycles, flit.goal, flit.key
            return
        link = self.machine.channels[name]
        arriving = self.input_of[name] * self.channels + channel
        self._put(self.routers[link.target], arriving, flit, cycle + self.noc.hop_cycles)

    def _give_back(self, site, slot, cycle):
        """The place is free again for whoever fills that input."""
        number, channel = divmod(slot, self.channels)
        if number == self.entrance[site]:
            self.entering[site].coming_back.append((cycle, channel))
            return
        feeder = next(c for c in self.machine.channels if c.target == site and self.input_of[c.index] == number)
        self.routers[feeder.source].outputs[feeder.index].coming_back.append((cycle, channel))
