import type { FleetPlan } from "../../generators/plan/types.js";
import type { HostViews } from "../../generators/render/types.js";

/** What a change means for machines: two plans compared, as data that text, Markdown and `--json` print. */

/** A fleet at one point in time. */
export interface Snapshot {
  /** Null where the fleet was not valid then: only files can be compared. No `fleet` where there was none. */
  readonly plan: (Pick<FleetPlan, "clusters" | "hosts"> & Partial<Pick<FleetPlan, "fleet">>) | null;
  readonly views: ReadonlyMap<string, HostViews>;
  /** Generated files by path: what hosts run once they are rolled out. */
  readonly files: ReadonlyMap<string, string>;
}

/** A value before and after; null where there is none. */
export interface ValueChange {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What happens to a systemd unit when the host switches to the new configuration. */
export interface UnitChange {
  readonly unit: string;
  readonly action: "restarts" | "reloads" | "starts" | "stops";
}

/** What changes on a host; lists are empty where nothing does. */
export interface HostChange {
  readonly name: string;
  readonly kind: "added" | "removed" | "changed";
  /** Where it is and what it does: platform, site, cluster, roles, Nomad datacenter, time zone, state version. */
  readonly facts: readonly ValueChange[];
  readonly addresses: readonly ValueChange[];
  readonly peersGained: readonly string[];
  readonly peersLost: readonly string[];
  /** Hosts that become reachable, or stop to be, behind a peer that stays: `pi4 behind cosmo`. */
  readonly behindGained: readonly string[];
  readonly behindLost: readonly string[];
  /** `what` is the peer. */
  readonly endpoints: readonly ValueChange[];
  /** `world tcp 443`. */
  readonly opened: readonly string[];
  readonly closed: readonly string[];
  readonly keys: readonly ValueChange[];
  readonly units: readonly UnitChange[];
  /** Generated files of the host that change in more than comments. */
  readonly files: readonly string[];
}

/** The voters of one Raft. */
export interface VoterChange {
  readonly cluster: string;
  readonly system: "consul" | "nomad";
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Voters that stay, and whose daemon restarts. */
  readonly restarting: readonly string[];
}

/** Names that all hosts of a cluster answer change: one shared file, one more restart of each host's resolver. */
export interface NameChange {
  readonly cluster: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** How many hosts read them. */
  readonly hosts: number;
}

export interface FileCounts {
  readonly created: number;
  readonly updated: number;
  /** How many of the updated ones differ in comments alone, such as the header that names the host file. */
  readonly comments: number;
  readonly deleted: number;
}

export interface FleetComparison {
  /** What all hosts share: domain, deploy user and port, Consul's datacenter and Nomad's region by cluster. */
  readonly fleet: readonly ValueChange[];
  /** What is dangerous about the change, as sentences without a full stop. */
  readonly cautions: readonly string[];
  /** Sorted by name; hosts without changes are left out. */
  readonly hosts: readonly HostChange[];
  /** Only those that are touched. */
  readonly voters: readonly VoterChange[];
  readonly names: readonly NameChange[];
  readonly files: FileCounts;
}
