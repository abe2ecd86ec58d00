import type { Architecture } from "../../generators/model/vocabulary.js";
import { loadHcloud } from "../packages.js";

/** What is at Hetzner already, looked up once before anything is made. Eleven requests, of 3,600 that an hour allows. */

/** Servers, keys, addresses, firewalls and images of the project, and what Hetzner offers. */
export interface Inventory {
  readonly locations: readonly { readonly name: string; readonly networkZone: string }[];
  readonly serverTypes: readonly ServerTypeFact[];
  readonly servers: readonly ServerFact[];
  readonly sshKeys: readonly (NamedFact & { readonly publicKey: string })[];
  readonly primaryIps: readonly PrimaryIpFact[];
  readonly volumes: readonly NamedFact[];
  readonly networks: readonly NamedFact[];
  readonly placementGroups: readonly NamedFact[];
  readonly firewalls: readonly (NamedFact & { readonly rules: readonly RuleFact[] })[];
  /** The images that servers start from, by architecture; missing where Hetzner has none. */
  readonly images: ReadonlyMap<Architecture, number>;
}

type Labels = Readonly<Record<string, string>>;

/** A thing whose name is its own among those of its kind. */
export interface NamedFact {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
}

export interface ServerTypeFact {
  readonly name: string;
  /** Names of the locations that have it. */
  readonly locations: readonly string[];
  /** GB. */
  readonly disk: number;
  /** Hetzner's word for it. */
  readonly architecture: string;
}

export interface ServerFact extends NamedFact {
  readonly location: string;
  readonly serverType: string;
  /** GB; it may have grown with an earlier type. */
  readonly primaryDiskSize: number;
}

export interface PrimaryIpFact extends NamedFact {
  readonly type: string;
  readonly ipAddress: string;
  /** IPv6 only, in CIDR notation. */
  readonly ipNetwork: string;
  readonly location: string;
  /** The server that has it, or 0. */
  readonly assigneeId: number;
}

/** A rule that lets something in. */
export interface RuleFact {
  readonly description: string;
  readonly protocol: string;
  readonly port: string;
}

/** The label that `docs/install/hetzner.md` gives to the snapshot of the platform's image. */
export const SNAPSHOT = "meshflake=hetzner-vm";

/** Hetzner's words for architectures. */
const ARCHITECTURES = { x86_64: "x86", aarch64: "arm" } as const satisfies Record<Architecture, string>;

/**
 * @param image the name of a stock image such as `debian-13`, or null for the newest snapshot of the platform's image
 * @throws what the provider says, e.g. that the token is refused
 */
export async function takeInventory(image: string | null): Promise<Inventory> {
  const hcloud = loadHcloud();
  const [{ locations }, { serverTypes }, { servers }, { sshKeys }, { primaryIps }, { firewalls }, images] =
    await Promise.all([
      hcloud.getLocations(),
      hcloud.getServerTypes(),
      hcloud.getServers({}),
      hcloud.getSshKeys({}),
      hcloud.getPrimaryIps({}),
      hcloud.getFirewalls({}),
      findImages(image),
    ]);
  const [{ volumes }, { networks }, { placementGroups }] = await Promise.all([
    hcloud.getVolumes({}),
    hcloud.getNetworks({}),
    hcloud.getPlacementGroups({}),
  ]);
  return {
    locations,
    serverTypes: serverTypes.map(({ name, locations: where, disk, architecture }) => {
      return { name, locations: where.map((one) => one.name), disk, architecture };
    }),
    servers,
    sshKeys,
    primaryIps,
    volumes,
    networks,
    placementGroups,
    firewalls: firewalls.map(({ id = 0, name, labels = {}, rules = [] }) => {
      return { id, name, labels, rules: rules.map(toRule) };
    }),
    images,
  };
}

function toRule({ description = "", protocol = "", port = "" }: Partial<RuleFact>): RuleFact {
  return { description, protocol, port };
}

async function findImages(stock: string | null): Promise<Inventory["images"]> {
  const { getImages } = loadHcloud();
  const found = await Promise.all(
    (["x86_64", "aarch64"] as const).map(async (arch) => {
      const { images } = await getImages({
        ...(stock === null && { withSelector: SNAPSHOT }),
        withArchitectures: [ARCHITECTURES[arch]],
        withStatuses: ["available"],
        mostRecent: true,
      });
      const image = stock === null ? images[0] : images.find(({ name }) => name === stock);
      return image === undefined ? [] : [[arch, image.id] as const];
    }),
  );
  return new Map(found.flat());
}
