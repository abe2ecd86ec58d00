/**
 * What an agent is told and answers: a process inside of one network namespace, with a line of JSON on stdin for each order and one on
 * stdout for each answer. It probes, listens and keeps connections open, since Node cannot change its own namespace.
 */

/** Where something listens. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

/** A target, with what reports call it. */
export interface NamedTarget extends Target {
  readonly name: string;
}

/** Orders by their names: what they take and what they answer. */
export interface Orders {
  /** Echoes TCP and UDP. Answers false where somebody listens already. */
  listen: { takes: Target & { readonly protocols: readonly ("tcp" | "udp")[] }; answers: boolean };
  /** Sends each target one query; milliseconds until its answer, null where there was none. */
  probe: {
    takes: { readonly protocol: "tcp" | "udp"; readonly targets: readonly Target[]; readonly timeoutMs: number };
    answers: readonly (number | null)[];
  };
  /** Begins to ask each target again and again by UDP, and forgets what was watched before. */
  watch: { takes: { readonly targets: readonly NamedTarget[]; readonly everyMs: number }; answers: true };
  /** What was asked and answered so far. */
  watched: { takes: Record<never, never>; answers: readonly Pulse[] };
  /** Begins to hold a TCP connection open, with a message each way now and then; forgets nobody. */
  hold: { takes: NamedTarget; answers: true };
  held: { takes: Record<never, never>; answers: readonly HeldConnection[] };
  /** Begins to write numbered values into Consul's KV, each once the one before was acknowledged. */
  write: { takes: { readonly prefix: string; readonly token: string | null }; answers: true };
  /** What was written so far; goes on. */
  writing: { takes: Record<never, never>; answers: WriterLog };
  /** Stops writing. */
  written: { takes: Record<never, never>; answers: WriterLog };
  /** Connects to ports; answers those that accepted, in their order. */
  scan: {
    takes: {
      readonly address: string;
      readonly ports: readonly number[];
      readonly parallel: number;
      readonly timeoutMs: number;
    };
    answers: readonly number[];
  };
  /** When this machine stood still since the first time that this was asked. */
  stalls: { takes: Record<never, never>; answers: readonly Stall[] };
  /** Sends each port one UDP datagram. */
  spray: { takes: { readonly address: string; readonly ports: readonly number[] }; answers: true };
}

/** Names of all orders. */
export type OrderName = keyof Orders;

/** A line on stdin. */
export interface Order<Name extends OrderName = OrderName> {
  readonly id: number;
  readonly name: Name;
  readonly with: Orders[Name]["takes"];
}

/** A line on stdout: what the order of that id answers, or why it failed. */
export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

/** A time in which nothing ran, e.g. since a hypervisor had other guests. */
export interface Stall {
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
}

/** What became of the queries to one target. */
export interface Pulse {
  readonly name: string;
  /** Milliseconds since 1970 when a query was sent, and until its answer; null where none came. In order. */
  readonly samples: readonly (readonly [sentAt: number, afterMs: number | null])[];
}

/** A TCP connection that an agent opened, and how it is. */
export interface HeldConnection {
  readonly name: string;
  /** When the last message came back, in milliseconds since 1970; null before the first. */
  readonly lastEchoAt: number | null;
  /** How it ended; null while it is open. */
  readonly ended: string | null;
}

/** What a writer has done so far. */
export interface WriterLog {
  /** Numbers that Consul acknowledged. The value of key N is N. */
  readonly acknowledged: readonly { readonly number: number; readonly at: number }[];
  /** Writes that failed or were not answered in time: nothing is said about them. */
  readonly refused: number;
}
