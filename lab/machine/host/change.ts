import type { FileSpec, HostSpec, UnitSpec } from "../../spec.js";

/** What a deployment changes on a host that runs, as `nixos-rebuild switch` would. Pure. */
export interface HostChange {
  readonly write: readonly FileSpec[];
  /** Paths. */
  readonly remove: readonly string[];
  /** New settings below /proc/sys; those that are gone stay until the host is started again, as on NixOS. */
  readonly sysctl: Readonly<Record<string, number>>;
  /** Whether nftables' rules are others. */
  readonly ruleset: boolean;
  /** Whether networkd's units are others. */
  readonly network: boolean;
  readonly start: readonly UnitSpec[];
  readonly restart: readonly UnitSpec[];
  readonly reload: readonly UnitSpec[];
  /** Names. */
  readonly stop: readonly string[];
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Compares a host as it is to what it is to be. */
export function compareHost(before: HostSpec, after: HostSpec): HostChange {
  const old = new Map(before.files.map((file) => [file.path, file]));
  const write = after.files.filter((file) => !isSame(file, old.get(file.path)));
  const kept = new Set(after.files.map(({ path }) => path));
  const remove = before.files.map(({ path }) => path).filter((path) => !kept.has(path));
  const changed = new Set([...write.map(({ path }) => path), ...remove]);
  const sysctl = Object.entries(after.sysctl).filter(([name, value]) => before.sysctl[name] !== value);
  return {
    write,
    remove,
    sysctl: Object.fromEntries(sysctl),
    ruleset: before.ruleset !== after.ruleset,
    network: !isSame(before.networkd, after.networkd),
    ...compareUnits(before.units, after.units, changed),
  };
}

function compareUnits(
  before: readonly UnitSpec[],
  after: readonly UnitSpec[],
  changed: ReadonlySet<string>,
): Pick<HostChange, "start" | "restart" | "reload" | "stop"> {
  const find = (units: readonly UnitSpec[], name: string) => units.find((unit) => unit.name === name);
  const touches = (paths: readonly string[] = []) => paths.some((path) => changed.has(path));
  const stays = after.filter(({ name }) => find(before, name) !== undefined);
  const restart = stays.filter((unit) => !isSame(unit, find(before, unit.name)) || touches(unit.restartTriggers));
  return {
    start: after.filter((unit) => !find(before, unit.name)),
    restart,
    reload: stays.filter((unit) => !restart.includes(unit) && touches(unit.reload?.triggers)),
    stop: before.map(({ name }) => name).filter((name) => !find(after, name)),
  };
}
