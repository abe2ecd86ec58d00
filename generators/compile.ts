import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadRepository } from "./load/repository.js";
import { locateProblems } from "./load/source/locate.js";
import type { Fleet } from "./model/fleet.js";
import type { FleetInputs, LoadedFile, LoadedRepository } from "./model/inputs.js";
import type { Lock } from "./model/lock.js";
import { FleetError, isFatal, type Problem } from "./model/problem.js";
import { planFleet } from "./plan/plan.js";
import type { FleetPlan } from "./plan/types.js";
import { type Proof, proveWorld } from "./proof/prove.js";
import { type ProofFinding, worldOf } from "./proof/world.js";
import { listOptions, optionsSetBy } from "./render/nix/options.js";
import type { HostViews } from "./render/types.js";
import { viewFleet } from "./render/views/fleet.js";
import { placeholderKey } from "./render/views/network/mesh.js";
import { resolveFleet } from "./validate/resolve.js";
import { createNixFileRule, createOptionRule, RULES, runPlanRules, runRules } from "./validate/rules.js";
import { validateSchemas } from "./validate/schema.js";

/** The whole way from host files to proven views, which every command takes: load, validate, plan, view, prove. */

/** A fleet that has no error. */
export interface Compiled {
  readonly repository: LoadedRepository;
  readonly inputs: FleetInputs;
  readonly fleet: Fleet;
  readonly plan: FleetPlan;
  readonly views: ReadonlyMap<string, HostViews>;
  readonly proof: Proof;
  /** Warnings, located. */
  readonly problems: readonly Problem[];
}

export interface CompileOptions {
  /** The environment's name; the fleet itself where it is left out. */
  readonly environment?: string;
  /** Makes warnings errors. @default false */
  readonly strict?: boolean;
  /** Codes of warnings about what the caller mends itself. */
  readonly mends?: ReadonlySet<string>;
  /** Stands for the one on disk, to see what would follow from it. */
  readonly lock?: Lock;
  /** A host that has no file yet, to see what would follow from it. */
  readonly added?: LoadedFile<unknown>;
}

/**
 * Loads, checks, plans and proves the fleet of a repository. Writes nothing.
 * @param root the repository
 * @throws FleetError with every problem at once, each with its file, line and column
 */
export async function compileFleet(root: string, options: CompileOptions = {}): Promise<Compiled> {
  const { environment, strict = false, mends, lock, added } = options;
  const loaded = await loadRepository(root, environment === undefined ? {} : { environment });
  const repository = {
    ...(added === undefined ? loaded : withHost(loaded, added)),
    ...(lock !== undefined && { lock }),
  };
  const { inputs, problems: shape } = validateSchemas(repository);
  const first = [...repository.problems, ...shape];
  if (inputs === null) throw new FleetError(await locateProblems(first, root));
  const fleet = resolveFleet(inputs);
  const quiet = (problems: readonly Problem[]) =>
    problems.filter(({ severity, code }) => severity === "error" || !(fleet.accept.has(code) || mends?.has(code)));
  // Rules about the whole fleet know from `hostNames` which hosts are missing because their file is broken.
  const found = quiet([...first, ...checkFleet(root, inputs, fleet)]);
  if (isFatal(found)) throw new FleetError(await locateProblems(found, root));
  const plan = planFleet(fleet, inputs.lock);
  const views = viewFleet(plan);
  const { problems: planned, proof } = checkPlan(inputs, plan, views);
  const problems = await locateProblems([...found, ...quiet(planned)], root);
  if (isFatal(problems, strict)) throw new FleetError(problems);
  return { repository, inputs, fleet, plan, views, proof, problems };
}

function withHost(repository: LoadedRepository, host: LoadedFile<unknown>): LoadedRepository {
  const { hosts, hostNames } = repository;
  return { ...repository, hosts: [...hosts, host], hostNames: new Set([...hostNames, host.name]) };
}

function checkFleet(root: string, inputs: FleetInputs, fleet: Fleet): Problem[] {
  const nixFiles = createNixFileRule((file) => existsSync(join(root, file)));
  return runRules({ inputs, fleet }, [...RULES, nixFiles]);
}

/** A pair with no path is one problem, not one for each port as well: nothing is proven where a rule found an error. */
function checkPlan(
  inputs: FleetInputs,
  plan: FleetPlan,
  views: ReadonlyMap<string, HostViews>,
): { problems: Problem[]; proof: Proof } {
  const setOptions = createOptionRule((host) => optionsSetBy(plan, host, views.get(host)), listOptions);
  const problems = runPlanRules({ inputs, fleet: plan.fleet, plan }, [...RULES, setOptions]);
  if (isFatal(problems)) return { problems, proof: NOTHING_PROVEN };
  const proof = provePlan(plan, views);
  return { problems: [...problems, ...proof.findings.map((finding) => toProblem(plan.fleet, finding))], proof };
}

const NOTHING_PROVEN: Proof = { findings: [], pairs: 0, pending: 0, relays: 0, survivesEveryRelay: false };

/** A finding is a problem of the host where the packet stops. */
function toProblem(fleet: Fleet, { code, severity, hop, message, hint }: ProofFinding): Problem {
  return { code, severity, origins: fleet.originsOf(hop, []), message, hint };
}

/** Proves what the views say. Hosts without a key have the placeholder that their peers print. */
function provePlan(plan: FleetPlan, views: ReadonlyMap<string, HostViews>): Proof {
  const hosts = new Map(
    [...plan.hosts].flatMap(([name, { mesh }]) => {
      const own = views.get(name);
      return own === undefined
        ? []
        : [[name, { ip: mesh.ip, publicKey: mesh.publicKey ?? placeholderKey(name), views: own }] as const];
    }),
  );
  return proveWorld(worldOf(plan.fleet, hosts));
}
