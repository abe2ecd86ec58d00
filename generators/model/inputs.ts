import type { EnvironmentInput, FleetInput, HostInput } from "./input.js";
import type { Lock } from "./lock.js";
import type { Origin, Problem, ValuePath } from "./problem.js";

/** A file of the fleet with the value that it exports. */
export interface LoadedFile<Value> {
  /** The host's or environment's name; `fleet` for the fleet file. */
  readonly name: string;
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  readonly value: Value;
}

/** What `loadRepository` found. Values are whatever the files export: only `validateSchemas` makes them what their types say. */
export interface LoadedRepository {
  /** The repository, absolute. */
  readonly root: string;
  readonly fleet: LoadedFile<unknown> | null;
  /** Sorted by name. Files that failed to load are missing here and have a problem. */
  readonly hosts: readonly LoadedFile<unknown>[];
  /** Every host file's name, whether it loaded or not, so that one broken file does not make others wrong. */
  readonly hostNames: ReadonlySet<string>;
  readonly environment: LoadedFile<unknown> | null;
  /** The lock as read; empty where there is none. */
  readonly lock: Lock;
  /** The lock's file, relative to the repository. */
  readonly lockFile: string;
  readonly problems: readonly Problem[];
}

/** The fleet without an environment, as far as its files have the right shape. */
export interface ProductionInputs {
  readonly fleet: FleetInput;
  readonly hosts: ReadonlyMap<string, HostInput>;
}

/** Inputs that have the right shape, with the environment laid over them. */
export interface FleetInputs {
  readonly root: string;
  readonly environment: LoadedFile<EnvironmentInput> | null;
  /** What the environment is laid over; null where there is none. */
  readonly production: ProductionInputs | null;
  readonly fleet: LoadedFile<FleetInput>;
  /** Sorted by name. */
  readonly hosts: ReadonlyMap<string, LoadedFile<HostInput>>;
  readonly hostNames: ReadonlySet<string>;
  readonly lock: Lock;
  readonly lockFile: string;
  /** Places that a value of a host may come from, most specific first: the environment, then the host file. */
  readonly originsOf: (host: string, path: ValuePath) => readonly Origin[];
  /** The same for a value of the fleet. */
  readonly fleetOriginsOf: (path: ValuePath) => readonly Origin[];
}
