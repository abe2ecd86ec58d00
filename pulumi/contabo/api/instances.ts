import { isObject } from "../../../generators/load/json.js";
import type { ContaboClient } from "./client.js";
import { ContaboError } from "./error.js";

/** Contabo's compute instances, as far as they are adopted: looked at, switched, reinstalled. Nothing here orders or cancels. */

/** An address with what belongs to it. */
export interface ContaboAddress {
  /** Without a prefix length. */
  readonly ip: string;
  /** The prefix length. */
  readonly prefix: number;
  readonly gateway: string;
}

/** An instance as Contabo sees it. */
export interface ContaboInstance {
  readonly id: number;
  /** Contabo's own name, e.g. `vmi1234567`. */
  readonly name: string;
  /** What it does: `running`, `stopped`, `rescue`, `installing`, and others that only Contabo can end. */
  readonly status: string;
  /** Why it is in `error`. */
  readonly errorMessage?: string;
  /** E.g. `EU`. */
  readonly region: string;
  /** E.g. `V92`. */
  readonly product: string;
  /** The image that it was installed with last. */
  readonly imageId: string;
  readonly ipv4?: ContaboAddress;
  readonly ipv6?: ContaboAddress;
}

/** What an instance is installed with anew. */
export interface Installation {
  /** One of Contabo's images, or a custom one; a UUID. */
  readonly imageId: string;
  /** Numbers of public keys in Contabo's secrets. @default none: the fleet's image has the admins' keys */
  readonly sshKeys?: readonly number[];
}

/** Calls about instances. All throw a {@link ContaboError}. */
export interface ContaboInstances {
  get(id: number): Promise<ContaboInstance>;
  start(id: number): Promise<void>;
  /** By ACPI: the system itself stops. */
  shutDown(id: number): Promise<void>;
  restart(id: number): Promise<void>;
  /** @param sshKeys numbers of public keys in Contabo's secrets, which the rescue system lets in */
  rescue(id: number, sshKeys: readonly number[]): Promise<void>;
  /** Erases the disk. @param requestId under which it can be found again */
  reinstall(id: number, installation: Installation, requestId: string): Promise<void>;
  /** Whether a request was carried out within the last day, as the audit log has it: nobody resumes what is older. */
  wasDone(id: number, requestId: string): Promise<boolean>;
}

const PATH = "v1/compute/instances";

/** Binds the calls to a client. */
export function createInstances(client: ContaboClient): ContaboInstances {
  const act = async (id: number, action: string, body: object = {}) => {
    await client.act("post", `${PATH}/${id}/actions/${action}`, body);
  };
  return {
    get: async (id) => parseInstance(id, await client.read(`${PATH}/${id}`)),
    start: (id) => act(id, "start"),
    shutDown: (id) => act(id, "shutdown"),
    restart: (id) => act(id, "restart"),
    rescue: (id, sshKeys) => act(id, "rescue", sshKeys.length === 0 ? {} : { sshKeys }),
    async reinstall(id, { imageId, sshKeys = [] }, requestId) {
      const body = { imageId, ...(sshKeys.length > 0 && { sshKeys }) };
      await client.act("put", `${PATH}/${id}`, body, requestId);
    },
    async wasDone(id, requestId) {
      const answer = await client.read(`${PATH}/audits`, { instanceId: String(id), requestId });
      return listData(answer).some((entry) => isObject(entry) && entry.requestId === requestId && isRecent(entry));
    },
  };
}

const DAY = 86_400_000;

function isRecent({ timestamp }: Readonly<Record<string, unknown>>): boolean {
  return Date.now() - Date.parse(textOf(timestamp)) < DAY;
}

/** Every answer is a list, also of one. */
function listData(answer: unknown): readonly unknown[] {
  if (isObject(answer) && Array.isArray(answer.data)) return answer.data;
  throw malformed("its answer has no data");
}

function parseInstance(id: number, answer: unknown): ContaboInstance {
  const [entry] = listData(answer);
  if (!isObject(entry) || entry.instanceId !== id) throw malformed(`its answer is not about instance ${id}`);
  const config = isObject(entry.ipConfig) ? entry.ipConfig : {};
  const ipv4 = parseAddress(config.v4);
  const ipv6 = parseAddress(config.v6);
  return {
    id,
    name: textOf(entry.name),
    status: textOf(entry.status),
    ...(typeof entry.errorMessage === "string" && { errorMessage: entry.errorMessage }),
    region: textOf(entry.region),
    product: textOf(entry.productId),
    imageId: textOf(entry.imageId),
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && { ipv6 }),
  };
}

function parseAddress(value: unknown): ContaboAddress | null {
  if (!isObject(value) || typeof value.ip !== "string" || value.ip === "") return null;
  return { ip: value.ip, prefix: Number(value.netmaskCidr ?? 0), gateway: textOf(value.gateway) };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function malformed(what: string): ContaboError {
  return new ContaboError(
    "unsure",
    `Contabo's API is not as expected: ${what}`,
    "run it again; if it stays, report it",
  );
}
