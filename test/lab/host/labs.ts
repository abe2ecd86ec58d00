import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Compiled, compileFleet } from "../../../generators/compile.js";
import { planLab } from "../../../lab/plan.js";
import type { HostSpec, LabSpec } from "../../../lab/spec.js";
import { findTool } from "../../services/machine.js";

/** Labs of the repository's own fleets. */

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface TestLab {
  /** Of the fleet: its folder, and its environment. */
  readonly title: string;
  readonly compiled: Compiled;
  readonly spec: LabSpec;
}

const FLEETS: readonly (readonly [folder: string, environment?: string])[] = [
  ["."],
  ["examples/pis-and-proxmox"],
  ["examples/three-clusters"],
  ["examples/two-environments"],
  ["examples/two-environments", "dev"],
];

/** A lab of each fleet. */
export async function makeLabs(): Promise<TestLab[]> {
  const labs: TestLab[] = [];
  for (const [folder, environment] of FLEETS) {
    const compiled = await compileFleet(`${root}${folder}`, environment === undefined ? {} : { environment });
    const title = environment === undefined ? folder : `${folder} (${environment})`;
    labs.push({ title, compiled, spec: planLab(compiled, { name: "tried" }) });
  }
  return labs;
}

/** The text of a host's file; null where it has none. */
export function textOf(host: HostSpec, path: string): string | null {
  return host.files.find((file) => file.path === path)?.text ?? null;
}

/** Every host of every lab, with its lab's title for messages. */
export function everyHost(
  labs: readonly TestLab[],
): { readonly title: string; readonly host: HostSpec; readonly lab: TestLab }[] {
  return labs.flatMap((lab) => lab.spec.hosts.map((host) => ({ title: `${lab.title}: ${host.name}`, host, lab })));
}

/** Runs a program, with text for its standard input. @returns what it said where it failed, or else null */
export function complaintOf(program: string, args: readonly string[], input = ""): string | null {
  const { status, stdout, stderr, error } = spawnSync(findTool(program) ?? program, args, { input, encoding: "utf8" });
  return status === 0 ? null : `${program}: ${error?.message ?? ""}${stdout}${stderr}`;
}
