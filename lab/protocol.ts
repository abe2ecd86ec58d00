import type { Uplink } from "../generators/model/vocabulary.js";
import type { Kernel } from "./machine/kernel.js";
import type { Conditions, LabSpec } from "./spec.js";

/**
 * How a running lab is talked to: HTTP with JSON on a Unix socket. Every answer that is no 2xx has the body `Refusal`.
 *
 *     GET  /state                  LabState
 *     GET  /spec                   LabSpec, as it runs now
 *     GET  /progress               a line of JSON for each Progress, until the lab is ready or has failed
 *     POST /break   Fault          what is broken now: Fault[]
 *     POST /heal    HealRequest    what is broken now: Fault[]
 *     POST /hosts/NAME/start|stop  {}; start answers once the host has booted, stop once it has shut down in order
 *     POST /hosts/NAME/kill        {}; as the fault, but for several hosts at the same time; nothing is noted as broken
 *     POST /hosts/NAME/units/UNIT/restart
 *     POST /apply   LabSpec        the fleet as it is to be: new hosts boot, the others reload what changed
 *     POST /try     LabSpec        like /apply; the answer goes on, and the lab is as it was once the connection is closed
 *     POST /test    TestHolder     a test is under way as long as one of its connections is open: this one, or one of /test/join
 *     POST /test/join              the same connection for a program that belongs to the test; 409 where none is under way
 *     POST /test/made  Remain[]    what the test is about to make or break, noted before it does
 *     POST /test/gone  Remain[]    what of it is gone again
 *     POST /down                   answers, and then ends
 */

/** What `lab break` offers. `heal` undoes each. What is broken already is no error, and stays as it is. */
export type Fault =
  /** Power off: every process at once, without a signal to any. */
  | { readonly kind: "kill"; readonly host: string }
  /** The host hangs, and comes back as it was. */
  | { readonly kind: "freeze"; readonly host: string }
  | { readonly kind: "cut"; readonly site: string }
  /** A second one of the same site adds to the first; what both say is as the second says. */
  | ({ readonly kind: "slow"; readonly site: string } & Partial<Conditions>)
  /** Two sites that no longer reach each other, and reach all others. */
  | { readonly kind: "partition"; readonly site: string; readonly other: string }
  /** A dynamic site gets its next address, or that of its spare ones. Nothing heals it: that is how such lines are. */
  | { readonly kind: "renumber"; readonly site: string; readonly address?: string }
  /** A daemon dies (SIGKILL) and is not started again until healed, or, with `restart`, as its unit says. */
  | { readonly kind: "kill-unit"; readonly host: string; readonly unit: string; readonly restart: boolean }
  | { readonly kind: "drop-family"; readonly site: string; readonly family: "ipv4" | "ipv6" }
  /** Larger packets are dropped without a word, as by a broken path. */
  | { readonly kind: "shrink-mtu"; readonly site: string; readonly bytes: number };

/** A fault's name. */
export type FaultKind = Fault["kind"];

/** Undoes the faults that match all the given fields; all of them where there is none. A host that is off by itself counts as killed. */
export interface HealRequest {
  readonly kind?: FaultKind;
  readonly host?: string;
  readonly site?: string;
  /** The second site of a partition. */
  readonly other?: string;
  readonly unit?: string;
  /** The family of a `drop-family`. */
  readonly family?: "ipv4" | "ipv6";
  /** Of slow lines these alone. */
  readonly conditions?: readonly (keyof Conditions)[];
}

/** Something that a test makes in a lab, breaks or changes, and that does not go by itself. What runs it takes it back. */
export type Remain =
  /** Whatever is broken is healed, and hosts that are off are switched on. */
  | { readonly kind: "fault"; readonly fault: Fault }
  /** A job of Nomad's, with its service of the same name in Consul. */
  | { readonly kind: "job"; readonly cluster: string; readonly name: string }
  /** All keys of Consul's KV that begin with it. */
  | { readonly kind: "keys"; readonly cluster: string; readonly prefix: string }
  /** A variable of Nomad's. */
  | { readonly kind: "variable"; readonly cluster: string; readonly path: string }
  /** A table of nftables', in a host (`host:NAME`) or in the world. */
  | { readonly kind: "table"; readonly namespace: string; readonly table: string }
  /** The address that a dynamic site had. */
  | { readonly kind: "address"; readonly site: string; readonly address: string }
  /** A host that joined for a while: what its cluster still knows of it. */
  | { readonly kind: "newcomer"; readonly cluster: string; readonly host: string };

/** Whose test it is: the process of the command, as seen from outside of the lab. */
export interface TestHolder {
  readonly pid: number;
  /** As in `LabRecord`. */
  readonly startTime: string;
}

/** A test in a lab, and what one has left behind. */
export interface TestStatus {
  /** Null where none is under way. */
  readonly holder: TestHolder | null;
  /** Where none is under way, one that was killed has left it. */
  readonly remains: readonly Remain[];
}

/** `waiting` for its next start, `done` and `failed` for good, `stopped` by somebody. */
export type UnitState = "waiting" | "running" | "done" | "failed" | "stopped";

/** A unit of a host as it is now. */
export interface UnitStatus {
  readonly name: string;
  readonly state: UnitState;
  /** In the lab's PID namespace; null unless it runs. */
  readonly pid: number | null;
  /** Starts after the first. */
  readonly restarts: number;
  /** The last exit, in words: `exit code 1`, `SIGKILL`; null before the first. */
  readonly lastExit: string | null;
}

/** `off` until it is switched on, and after its end. */
export type HostState = "booting" | "up" | "frozen" | "off";

/** A host as it is now. */
export interface HostStatus {
  readonly name: string;
  readonly state: HostState;
  /** PID 1 of the host, in the lab's PID namespace; null while it is off. */
  readonly pid: number | null;
  readonly units: readonly UnitStatus[];
}

/** A site as it is now. */
export interface SiteStatus {
  readonly name: string;
  readonly dynamic: boolean;
  readonly ipv4: Uplink;
  readonly ipv6: Uplink;
  /** Its router's public addresses; its carrier's behind CGNAT. */
  readonly wan4: string | null;
  readonly wan6: string | null;
  /** Public addresses that lead to its hosts by themselves. */
  readonly addresses: readonly { readonly host: string; readonly address: string }[];
}

/** A lab as it is now. */
export interface LabState {
  readonly name: string;
  readonly fleet: string;
  readonly environment: string | null;
  readonly root: string;
  /** `ready` once the clusters were; what happens later does not take it back. */
  readonly phase: "starting" | "ready" | "failed" | "ending";
  /** Why it failed. */
  readonly failure: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly readyAt: number | null;
  readonly hosts: readonly HostStatus[];
  readonly faults: readonly Fault[];
  readonly test: TestStatus;
  readonly sites: readonly SiteStatus[];
  /** `kernel`, or `wireguard-go` where the kernel has none. */
  readonly wireguard: "kernel" | "wireguard-go";
  /** `netem`, or `meshflake-line` where the kernel has none. */
  readonly lines: "netem" | "meshflake-line";
  /** PIDs, in the lab's PID namespace, of processes that hold the world's namespaces, by their names. */
  readonly namespaces: Readonly<Record<string, number>>;
}

/** What `lab up` shows. */
export type Progress =
  | { readonly kind: "world"; readonly sites: number }
  | { readonly kind: "host"; readonly host: string; readonly state: HostState }
  /** What the lab waits for, in words: `Consul of cats: no leader yet`. */
  | { readonly kind: "waiting"; readonly text: string }
  | { readonly kind: "ready"; readonly afterMs: number }
  | { readonly kind: "failed"; readonly message: string };

/** The body of an answer that is no 2xx. */
export interface Refusal {
  /** For people: what is wrong, and what to do. */
  readonly error: string;
  readonly hint?: string;
}

/** The file beside the socket, readable by its owner alone: how commands find a lab and enter it. */
export interface LabRecord {
  readonly version: 1;
  readonly name: string;
  /** The repository. */
  readonly root: string;
  /** The PID of the lab's first process, as seen from outside. */
  readonly pid: number;
  /** When that process started, in clock ticks since boot (field 22 of /proc/PID/stat): a PID comes again, this does not. */
  readonly startTime: string;
  /** Whether it has a user namespace of its own. */
  readonly rootless: boolean;
}

/** What the supervisor is started with; it reads it from a file and removes the file. It has secrets. */
export interface SupervisorOrder {
  readonly spec: LabSpec;
  readonly root: string;
  /** The lab's folder: socket, record, logs. */
  readonly folder: string;
  /** Absolute paths of the programs that it runs, by name: `consul`, `nomad`, `unbound`, `bird`, `wg`, `wireguard-go`, `nft`, `ip`, `meshflake-line`… */
  readonly programs: Readonly<Record<string, string>>;
  /** What the machine's kernel was found to have. */
  readonly kernel: Kernel;
}
