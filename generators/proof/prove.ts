import { type Mesh, readMesh } from "./host/nodes.js";
import { Tables } from "./host/tables.js";
import { linkMesh } from "./link/underlay.js";
import { Findings } from "./report/findings.js";
import { describeLosses } from "./report/losses.js";
import { checkStructure } from "./report/structure.js";
import type { Failure } from "./walk/follow.js";
import { Losses } from "./walk/losses.js";
import { Suspects } from "./walk/suspects.js";
import { sweepCluster } from "./walk/sweep.js";
import type { ProofFinding, ProofWorld } from "./world.js";

/** What was proven, and of how much. */
export interface Proof {
  /** What does not arrive, grouped by cause: errors first, then what each single relay takes with it. */
  readonly findings: readonly ProofFinding[];
  /** Ordered pairs of hosts of one cluster. */
  readonly pairs: number;
  /** Ordered pairs that wait for an address that a provider has not given yet. */
  readonly pending: number;
  /** Relays that were taken away, each by itself. */
  readonly relays: number;
  /** Whether all pairs that work with all hosts alive still do, whichever relay is down. */
  readonly survivesEveryRelay: boolean;
}

/**
 * Follows packets through the rendered fleet: for every ordered pair of hosts of a cluster and each port that their
 * daemons use, with all hosts alive and with each relay taken away in turn. It shares nothing with the planner but the
 * types of the model and of the views.
 */
export function proveWorld(world: ProofWorld): Proof {
  const mesh = readMesh(world);
  linkMesh(mesh);
  const tables = new Tables(mesh);
  const found = new Findings(mesh, tables);
  const { losses, sampled } = sweepMesh(mesh, tables, (failure) => found.add(failure));
  const errors = [...checkStructure(mesh, tables), ...found.list(sampled)];
  return {
    findings: [...errors, ...describeLosses(losses.list())],
    pairs: mesh.clusters.reduce((sum, { index }) => sum + index.length * (index.length - 1), 0),
    pending: losses.waiting,
    relays: mesh.clusters.reduce((sum, { relays }) => sum + relays.length, 0),
    survivesEveryRelay: !losses.any && errors.every(({ relayDown }) => relayDown === undefined),
  };
}

/** @returns the findings alone, of either severity; nothing for a fleet that works */
export function proveFleet(world: ProofWorld): ProofFinding[] {
  return [...proveWorld(world).findings];
}

/** Reports each failing packet once for each relay that is taken away. */
export function sweepMesh(
  mesh: Mesh,
  tables: Tables,
  report: (failure: Failure) => void,
): { losses: Losses; sampled: boolean } {
  const losses = new Losses();
  const suspects = new Suspects(mesh, tables, losses, report);
  for (const cluster of mesh.clusters) sweepCluster(mesh, tables, cluster, suspects);
  return { losses, sampled: suspects.sampled };
}
