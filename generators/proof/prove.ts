import { type Mesh, readMesh } from "./host/nodes.js";
import { Tables } from "./host/tables.js";
import { linkMesh } from "./link/underlay.js";
import { Findings } from "./report/findings.js";
import { checkStructure } from "./report/structure.js";
import type { Failure } from "./walk/follow.js";
import { Suspects } from "./walk/suspects.js";
import { sweepCluster } from "./walk/sweep.js";
import type { ProofFinding, ProofWorld } from "./world.js";

/**
 * Follows packets through the rendered fleet: for every ordered pair of hosts of a cluster and each port that their
 * daemons use, with all hosts alive and with each relay taken away in turn. It shares nothing with the planner but the
 * types of the model and of the views.
 * @returns what does not arrive, grouped by cause; nothing for a fleet that works
 */
export function proveFleet(world: ProofWorld): ProofFinding[] {
  const mesh = readMesh(world);
  linkMesh(mesh);
  const tables = new Tables(mesh);
  const findings = new Findings(mesh, tables);
  sweepMesh(mesh, tables, (failure) => findings.add(failure));
  return [...checkStructure(mesh, tables), ...findings.list()];
}

/** Reports each failing packet once for each relay that is taken away. */
export function sweepMesh(mesh: Mesh, tables: Tables, report: (failure: Failure) => void): void {
  const suspects = new Suspects(mesh, tables, report);
  for (const cluster of mesh.clusters) sweepCluster(mesh, tables, cluster, suspects);
}
