import { isIP } from "node:net";
import type { Cloud, Properties } from "./cloud.js";
import type { Behaviour, StandIn } from "./provider.js";

/** Hetzner, as far as its provider shows it: what it offers, what it refuses, and what it gives. */

const LOCATIONS = [
  { name: "nbg1", networkZone: "eu-central" },
  { name: "fsn1", networkZone: "eu-central" },
  { name: "ash", networkZone: "us-east" },
];
const SERVER_TYPES = [
  { name: "cx23", locations: ["nbg1", "fsn1"], disk: 40, architecture: "x86" },
  { name: "cpx32", locations: ["nbg1", "fsn1", "ash"], disk: 160, architecture: "x86" },
  { name: "cx53", locations: ["nbg1", "fsn1"], disk: 320, architecture: "x86" },
  { name: "cax11", locations: ["nbg1", "fsn1"], disk: 40, architecture: "arm" },
];

/** Not in use by any example, from the ranges of RFC 5737 and RFC 3849. */
const IPV4 = (next: number) => `192.0.2.${next % 250}`;
const IPV6 = (next: number) => `2001:db8:${(next % 5000).toString(16)}::`;

const SERVER = "hcloud:index/server:Server";
const RRSET = "hcloud:index/zoneRrset:ZoneRrset";
const GROUP = "hcloud:index/placementGroup:PlacementGroup";
const PRIMARY_IP = "hcloud:index/primaryIp:PrimaryIp";

/** Refuses a second thing of one name. */
function unique(type: string): NonNullable<Behaviour["make"]> {
  return (inputs, cloud) => {
    if (cloud.list(type).some(({ properties }) => properties.name === inputs.name))
      throw new Error(`${inputs.name} is already used (uniqueness_error)`);
    return {};
  };
}

function addressesOf(inputs: Properties): string[] {
  const [net] = (inputs.publicNets ?? []) as readonly Properties[];
  return [net?.ipv4, net?.ipv6].filter((id) => id !== undefined).map(String);
}

function makeServer(inputs: Properties, cloud: Cloud, next: number): Properties {
  unique(SERVER)(inputs, cloud, next);
  if (inputs.image === undefined) throw new Error("image is required (invalid_input)");
  for (const id of addressesOf(inputs)) {
    const primary = cloud.find(PRIMARY_IP, id);
    if (primary === undefined) throw new Error(`primary IP ${id} not found (not_found)`);
    const owner = cloud.list(SERVER).find((server) => addressesOf(server.properties).includes(id));
    if (owner !== undefined) throw new Error(`primary IP ${id} is assigned already (primary_ip_assigned)`);
    if (primary.properties.location !== inputs.location)
      throw new Error(`primary IP ${id} is elsewhere (invalid_input)`);
  }
  return { status: "running", primaryDiskSize: typeOf(inputs).disk };
}

function typeOf({ serverType }: Properties): (typeof SERVER_TYPES)[number] {
  const type = SERVER_TYPES.find(({ name }) => name === serverType);
  if (type === undefined) throw new Error(`server type ${serverType} not found (invalid_input)`);
  return type;
}

/** A disk grows with the type, and never shrinks. */
function changeServer(olds: Properties, news: Properties): Properties {
  const [before, after] = [typeOf(olds), typeOf(news)];
  if (before.architecture !== after.architecture) throw new Error("another architecture (invalid_server_type)");
  const size = Number(olds.primaryDiskSize);
  if (after.disk < size) throw new Error(`the disk of ${size} GB is larger than the type's (invalid_server_type)`);
  return { primaryDiskSize: after.disk };
}

function makePrimaryIp(inputs: Properties, cloud: Cloud, next: number): Properties {
  unique(PRIMARY_IP)(inputs, cloud, next);
  return inputs.type === "ipv4"
    ? { ipAddress: IPV4(next), ipNetwork: "" }
    : { ipAddress: IPV6(next), ipNetwork: `${IPV6(next)}/64` };
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  "hcloud:index/sshKey:SshKey": { replaces: ["publicKey"], make: unique("hcloud:index/sshKey:SshKey") },
  "hcloud:index/network:Network": { replaces: ["ipRange"], make: unique("hcloud:index/network:Network") },
  "hcloud:index/networkSubnet:NetworkSubnet": {
    replaces: ["networkId", "type", "networkZone", "ipRange"],
    idOf: ({ networkId, ipRange }) => `${networkId}-${ipRange}`,
  },
  [GROUP]: { replaces: ["type"], make: unique(GROUP) },
  "hcloud:index/firewall:Firewall": { replaces: [], make: unique("hcloud:index/firewall:Firewall") },
  [PRIMARY_IP]: { replaces: ["type", "location"], make: makePrimaryIp },
  [SERVER]: {
    replaces: ["image", "userData", "sshKeys", "location"],
    isMachine: true,
    make: makeServer,
    change: changeServer,
  },
  "hcloud:index/volume:Volume": { replaces: ["location", "format"], make: unique("hcloud:index/volume:Volume") },
  "hcloud:index/volumeAttachment:VolumeAttachment": { replaces: ["serverId", "volumeId"] },
  "hcloud:index/rdns:Rdns": { replaces: ["primaryIpId", "serverId", "ipAddress"] },
  [RRSET]: { replaces: ["zone", "name", "type"], idOf: rrsetId, make: makeRrset },
};

/** What a look-up shows of everything of one type. */
function listAll(type: string, key: string): StandIn["invokes"][string] {
  return (_args, cloud) => ({
    id: "all",
    [key]: cloud
      .list(type)
      .map(({ id, properties: { __inputs: _, ...properties } }) => ({ ...properties, id: Number(id) })),
  });
}

function listPrimaryIps(_args: Properties, cloud: Cloud): Properties {
  const owners = new Map(
    cloud.list(SERVER).flatMap(({ id, properties }) => addressesOf(properties).map((ip) => [ip, id])),
  );
  const primaryIps = cloud.list(PRIMARY_IP).map(({ id, properties: { __inputs: _, ...properties } }) => ({
    labels: {},
    ...properties,
    id: Number(id),
    assigneeId: Number(owners.get(id) ?? 0),
  }));
  return { id: "all", primaryIps };
}

/** Zones that exist are things of a type that the program never makes. */
function listZones(_args: Properties, cloud: Cloud): Properties {
  return { id: "all", zones: cloud.list("zone").map(({ id, properties }) => ({ ...properties, id: Number(id) })) };
}

function listRrsets({ zone }: Properties, cloud: Cloud): Properties {
  const sets = cloud.list(RRSET).filter(({ properties }) => properties.zone === zone);
  return { id: "all", zone, rrsets: sets.map(({ id, properties: { __inputs: _, ...rest } }) => ({ ...rest, id })) };
}

/** One set a name and type, in a zone that exists. */
function makeRrset({ zone, name, type, records }: Properties, cloud: Cloud): Properties {
  if (!cloud.list("zone").some(({ properties }) => properties.name === zone))
    throw new Error(`zone ${zone} not found (not_found)`);
  if (cloud.list(RRSET).some(({ id }) => id === rrsetId({ zone, name, type })))
    throw new Error(`${name} ${type} is already used (uniqueness_error)`);
  for (const { value } of records as readonly Properties[])
    if (isIP(String(value)) !== (type === "AAAA" ? 6 : 4)) throw new Error(`${value} is no ${type} (invalid_input)`);
  return {};
}

function rrsetId({ zone, name, type }: Properties): string {
  return `${zone}/${name}/${type}`;
}

/** The images that exist are things of a type that the engine never makes. */
function listImages({ withSelector, withArchitectures = [] }: Properties, cloud: Cloud): Properties {
  const [key = "", value = ""] = typeof withSelector === "string" ? withSelector.split("=") : [];
  const images = cloud.list("image").filter(({ properties }) => {
    const labels = properties.labels as Readonly<Record<string, string>>;
    const wanted = withArchitectures as readonly string[];
    return wanted.includes(String(properties.architecture)) && (withSelector === undefined || labels[key] === value);
  });
  return { id: "all", images: images.map(({ id, properties }) => ({ ...properties, id: Number(id) })).reverse() };
}

export const HCLOUD: StandIn = {
  npm: "@pulumi/hcloud",
  version: "1.41.0",
  behaviours: BEHAVIOURS,
  invokes: {
    "hcloud:index/getLocations:getLocations": () => ({ id: "all", locations: LOCATIONS }),
    "hcloud:index/getServerTypes:getServerTypes": () => ({
      id: "all",
      serverTypes: SERVER_TYPES.map(({ locations, ...type }) => ({
        ...type,
        locations: locations.map((one) => ({ name: one })),
      })),
    }),
    "hcloud:index/getServers:getServers": listAll(SERVER, "servers"),
    "hcloud:index/getSshKeys:getSshKeys": listAll("hcloud:index/sshKey:SshKey", "sshKeys"),
    "hcloud:index/getVolumes:getVolumes": listAll("hcloud:index/volume:Volume", "volumes"),
    "hcloud:index/getNetworks:getNetworks": listAll("hcloud:index/network:Network", "networks"),
    "hcloud:index/getPlacementGroups:getPlacementGroups": listAll(GROUP, "placementGroups"),
    "hcloud:index/getFirewalls:getFirewalls": listAll("hcloud:index/firewall:Firewall", "firewalls"),
    "hcloud:index/getPrimaryIps:getPrimaryIps": listPrimaryIps,
    "hcloud:index/getImages:getImages": listImages,
    "hcloud:index/getZones:getZones": listZones,
    "hcloud:index/getZoneRrsets:getZoneRrsets": listRrsets,
  },
};
