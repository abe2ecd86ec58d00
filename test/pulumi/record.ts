import * as pulumi from "@pulumi/pulumi";
import mocks from "@pulumi/pulumi/runtime/mocks.js";
import settings from "@pulumi/pulumi/runtime/settings.js";

/** Runs a program without an engine, and notes what it registers, with the options that Pulumi's own mocks hide. */

/** What a program asked for. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  /** Names of what it waits for. */
  readonly dependsOn: readonly string[];
  /** The id of something that exists, which becomes the stack's. */
  readonly importId: string;
}

const CALLBACKS: pulumi.runtime.Mocks = {
  newResource: ({ name, inputs, id }) => ({ id: id || idOf(name), state: { ...inputs, ...addressOf(inputs) } }),
  call: ({ inputs }) => inputs,
};

/** Ids are numbers, as Hetzner's are, and the same in every run. */
function idOf(name: string): string {
  return String([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_000);
}

/** What the provider gives to a primary IP. */
function addressOf({ type }: Record<string, unknown>): Record<string, string> {
  if (type === "ipv4") return { ipAddress: "192.0.2.1", ipNetwork: "" };
  return type === "ipv6" ? { ipAddress: "2001:db8:1::", ipNetwork: "2001:db8:1::/64" } : {};
}

/** Asks the program for its resources. The requests' class is no part of Pulumi's types, so that only what is read is named here. */
interface Request {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
  getImportid(): string;
}

class Recorder extends mocks.MockMonitor {
  readonly all: Registered[] = [];

  override async registerResource(
    request: Request,
    callback: Parameters<typeof mocks.MockMonitor.prototype.registerResource>[1],
  ): Promise<void> {
    this.all.push({
      type: request.getType(),
      name: request.getName(),
      inputs: request.getObject()?.toJavaScript() ?? {},
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList(),
      dependsOn: request.getDependenciesList().map((urn) => urn.split("::").at(-1) ?? ""),
      importId: request.getImportid(),
    });
    await super.registerResource(request, callback);
  }
}

/** @returns all that a program registers, by `TYPE NAME` with the type's last part, e.g. `Server miki` */
export async function record(program: () => void): Promise<ReadonlyMap<string, Registered>> {
  const recorder = new Recorder(CALLBACKS);
  await pulumi.runtime.setMocks(CALLBACKS, "meshflake", "prod");
  settings.setMockOptions(recorder, "meshflake", "prod");
  program();
  await settings.disconnect();
  return new Map(recorder.all.map((one) => [`${one.type.split(":").at(-1)} ${one.name}`, one]));
}
