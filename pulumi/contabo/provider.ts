import { randomUUID } from "node:crypto";
import { type Environment, readAccount, readEndpoints } from "./api/account.js";
import { type ContaboPace, createClient, PACE } from "./api/client.js";
import { ContaboError } from "./api/error.js";
import { type ContaboInstances, createInstances } from "./api/instances.js";
import { bringTo, reinstall } from "./converge.js";
import { requestIdOf } from "./request-id.js";
import {
  type ContaboHistory,
  type ContaboInputs,
  type ContaboOutputs,
  outputsOf,
  parseHistory,
  parseInputs,
} from "./state.js";

/**
 * What Pulumi's engine asks about instances, as methods of a dynamic provider. They run in a process of Pulumi's, which has the environment
 * of `pulumi` and nothing else of ours; `provider-text.ts` is how they get there.
 */
export interface ContaboProvider {
  /** Refuses in a preview already what could not be done. */
  check(olds: unknown, news: unknown): Promise<Checked>;
  diff(id: string, olds: unknown, news: unknown): Promise<Difference>;
  /** Adopts an instance. @throws ContaboError */
  create(inputs: unknown): Promise<{ readonly id: string; readonly outs: ContaboOutputs }>;
  /** Looks again; an instance that is gone has an empty id. @throws ContaboError */
  read(id: string, props: unknown): Promise<{ readonly id: string; readonly props: object }>;
  /** Switches, and reinstalls where that is asked for. @throws ContaboError */
  update(id: string, olds: unknown, news: unknown): Promise<{ readonly outs: ContaboOutputs }>;
  /** Forgets an instance. It stays as it is, and is paid for: cancelling is for the customer panel. */
  delete(): Promise<void>;
}

interface Checked {
  readonly inputs: unknown;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

interface Difference {
  readonly changes: boolean;
  readonly replaces: readonly string[];
}

/**
 * Makes the provider. Nothing is read of the environment before the first call that needs it.
 * @param env has the account; see {@link readAccount}
 */
export function createProvider(env: Environment, pace: ContaboPace = PACE): ContaboProvider {
  let known: ContaboInstances | undefined;
  const connect = () => {
    known ??= createInstances(createClient({ account: readAccount(env), endpoints: readEndpoints(env), pace }));
    return known;
  };
  return {
    check: async (olds, news) => ({ inputs: news, failures: await findFailures(connect, olds, news) }),
    diff: async (id, olds, news) => compare(id, olds, parseInputs(news)),
    async create(inputs) {
      const { instanceId, power, rescueKeys } = parseInputs(inputs);
      const instance = await bringTo(connect(), instanceId, power, pace, rescueKeys);
      return { id: String(instanceId), outs: outputsOf(instance, { adoption: randomUUID(), reinstalls: 0 }) };
    },
    async read(id, props) {
      try {
        return { id, props: outputsOf(await connect().get(Number(id)), parseHistory(props)) };
      } catch (error) {
        if (error instanceof ContaboError && error.fault === "missing") return { id: "", props: {} };
        throw error;
      }
    },
    async update(_id, olds, news) {
      const inputs = parseInputs(news);
      const history = await applyReinstall(connect(), inputs, parseHistory(olds), pace);
      const { instanceId, power, rescueKeys } = inputs;
      return { outs: outputsOf(await bringTo(connect(), instanceId, power, pace, rescueKeys), history) };
    },
    async delete() {},
  };
}

/** @returns the history with what was done */
async function applyReinstall(
  instances: ContaboInstances,
  { instanceId, reinstall: installation }: ContaboInputs,
  { adoption, reinstalls }: ContaboHistory,
  pace: ContaboPace,
): Promise<ContaboHistory> {
  if (installation === undefined) return { adoption, reinstalls };
  const count = reinstalls + 1;
  const requestId = requestIdOf(`${adoption} ${instanceId} ${count}`);
  await reinstall(instances, instanceId, installation, requestId, pace);
  return { adoption, reinstalls: count };
}

function compare(id: string, olds: unknown, { instanceId, power, reinstall: installation }: ContaboInputs): Difference {
  const { status } = olds as { readonly status?: unknown };
  if (id !== String(instanceId)) return { changes: true, replaces: ["instanceId"] };
  return { changes: status !== power || installation !== undefined, replaces: [] };
}

async function findFailures(
  connect: () => ContaboInstances,
  olds: unknown,
  news: unknown,
): Promise<Checked["failures"]> {
  try {
    const inputs = parseInputs(news);
    if (inputs.reinstall !== undefined && !isAdopted(olds)) {
      const reason =
        "the stack does not have it yet: adopt it first (pulumi up without reinstalling), so that no disk is erased by mistake";
      return [{ property: "reinstall", reason }];
    }
    return findMismatches(inputs, await connect().get(inputs.instanceId));
  } catch (error) {
    if (error instanceof ContaboError || error instanceof TypeError) {
      return [{ property: "instanceId", reason: error.message }];
    }
    throw error;
  }
}

/** Checks get the inputs of the run before, which are empty for what is new. */
function isAdopted(olds: unknown): boolean {
  return Object.keys(Object(olds)).length > 0;
}

function findMismatches(
  wanted: ContaboInputs,
  found: { readonly id: number; readonly region: string; readonly product: string },
): Checked["failures"] {
  return (["region", "product"] as const).flatMap((property) => {
    const [want, is] = [wanted[property], found[property]];
    if (want === undefined || want === is) return [];
    return [
      { property, reason: `instance ${found.id} has ${property} ${is}, and not ${want}: look at \`instanceId\`` },
    ];
  });
}

/** The provider of Pulumi's process. */
export const contaboProvider = createProvider(process.env);
