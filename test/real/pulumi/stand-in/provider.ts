import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  InvokeResult,
  Provider,
  ReadResult,
} from "@pulumi/pulumi/provider/index.js";
import type { Cloud, Properties } from "./cloud.js";
import { findMismatches } from "./mismatch.js";
import type { Shape } from "./shapes.js";

/** A provider that the real engine takes for the real one, with a cloud in a file behind it. */

/** How one type of things behaves. */
export interface Behaviour {
  /** Inputs that the real provider cannot change on something that exists. */
  readonly replaces: readonly string[];
  /** The provider's own id; a number of its own by default. */
  readonly idOf?: (inputs: Properties, cloud: Cloud) => string;
  /** What the provider adds to the inputs. @throws Error where the provider would refuse */
  readonly make?: (inputs: Properties, cloud: Cloud, next: number) => Properties;
  /** What the provider changes beside the inputs. @throws Error where the provider would refuse */
  readonly change?: (olds: Properties, news: Properties) => Properties;
  /** Takes as long as the cloud's `delay` says. */
  readonly isMachine?: boolean;
}

export interface StandIn {
  /** The package whose types say what the real provider wants. */
  readonly npm: string;
  readonly version: string;
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** Functions, by token. */
  readonly invokes: Readonly<Record<string, (args: Properties, cloud: Cloud) => Properties>>;
}

/** The type in a URN such as `urn:pulumi:dev::meshflake::meshflake:hetzner:Server$hcloud:index/server:Server::miki`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::")[3] ?? "";
}

/** Serves a stand-in. */
export class StandInProvider implements Provider {
  readonly version: string;
  readonly schema = "{}";
  private readonly shapes: Readonly<Record<string, Shape>>;

  /** @param shapes a file with the shapes of the real provider's inputs */
  constructor(
    private readonly standIn: StandIn,
    private readonly cloud: Cloud,
    shapes: string,
  ) {
    this.version = standIn.version;
    this.shapes = JSON.parse(readFileSync(shapes, "utf8"));
  }

  private behaviourOf(type: string): Behaviour {
    const behaviour = this.standIn.behaviours[type];
    if (behaviour === undefined) throw new Error(`the stand-in knows no ${type}`);
    return behaviour;
  }

  private mismatches(token: string, value: unknown): { property: string; reason: string }[] {
    const shape = this.shapes[token];
    if (shape === undefined) throw new Error(`the stand-in has no shape of ${token}`);
    return findMismatches(shape, value).map(({ path, reason }) => ({ property: path, reason: `${path} ${reason}` }));
  }

  async check(urn: string, _olds: Properties, news: Properties): Promise<CheckResult> {
    return { inputs: news, failures: this.mismatches(typeOf(urn), news) };
  }

  async diff(_id: string, urn: string, olds: Properties, news: Properties): Promise<DiffResult> {
    const changed = Object.keys(news).filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    const dropped = Object.keys(olds.__inputs ?? {}).filter((key) => !(key in news));
    const replaces = changed.filter((key) => this.behaviourOf(typeOf(urn)).replaces.includes(key));
    return { changes: changed.length + dropped.length > 0, replaces };
  }

  async create(urn: string, inputs: Properties): Promise<CreateResult> {
    const [type, name] = [typeOf(urn), nameOf(urn)];
    return this.cloud.log("create", type, name, async () => {
      const { failing, delay, calls } = this.cloud.read();
      const isFirst = !calls.some((call) => call.type === type && call.name === name);
      if (failing === `${type} ${name}` || (failing === "first" && isFirst))
        throw new Error("the provider is out of order");
      const { idOf, make, isMachine } = this.behaviourOf(type);
      if (isMachine) await new Promise((resolve) => setTimeout(resolve, delay));
      const id = idOf?.(inputs, this.cloud) ?? null;
      const thing = this.cloud.add(type, id, (next) => ({
        ...inputs,
        ...make?.(inputs, this.cloud, next),
        __inputs: inputs,
      }));
      return { id: thing.id, outs: thing.properties };
    });
  }

  async update(id: string, urn: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const type = typeOf(urn);
    return this.cloud.log("update", type, nameOf(urn), async () => {
      const outs = { ...olds, ...news, ...this.behaviourOf(type).change?.(olds, news), __inputs: news };
      this.cloud.set(type, id, outs);
      return { outs };
    });
  }

  async delete(id: string, urn: string): Promise<void> {
    const type = typeOf(urn);
    await this.cloud.log("delete", type, nameOf(urn), async () => {
      const thing = this.cloud.find(type, id);
      if (thing === undefined) return;
      if (thing.properties.deleteProtection === true || thing.properties.protection === true)
        throw new Error(`${nameOf(urn)} is protected from deletion (protected)`);
      this.cloud.remove(type, id);
    });
  }

  async read(id: string, urn: string): Promise<ReadResult> {
    const thing = this.cloud.find(typeOf(urn), id);
    if (thing === undefined) return { id: "" };
    const inputs = Object.keys((thing.properties.__inputs as Properties | undefined) ?? {});
    return {
      id,
      props: thing.properties,
      inputs: Object.fromEntries(inputs.map((key) => [key, thing.properties[key]])),
    };
  }

  async invoke(token: string, args: Properties): Promise<InvokeResult> {
    const run = this.standIn.invokes[token];
    if (run === undefined) throw new Error(`the stand-in has no ${token}`);
    const failures = this.mismatches(token, args);
    return failures.length > 0 ? { outputs: {}, failures } : { outputs: run(args, this.cloud) };
  }
}
