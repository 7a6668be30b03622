"""Where processing elements meet the mesh: those of a site share the local ports of its router."""

from __future__ import annotations

from sim.hardware.mesh import Mesh, Port


def pe_ports(mesh: Mesh, *, gated: bool = False) -> dict[int, Port]:
    """New ports for the PEs of a mesh, by PE: those of a site are dealt to its local ports by their numbers. `gated`
    where receivers may refuse for want of room."""
    made: dict[tuple[int, int], Port] = {}
    ports: dict[int, Port] = {}
    many = mesh.machine.noc.local_ports
    for pe in sorted(mesh.machine.pes, key=lambda pe: (pe.site, pe.core % many)):
        place = pe.site, pe.core % many
        if place not in made:
            name = f"{mesh.machine.sites[pe.site].name} PEs" + (f" {pe.core % many}" if many > 1 else "")
            made[place] = mesh.port(pe.site, name, gated=gated)
        ports[pe.index] = made[place]
    return ports
