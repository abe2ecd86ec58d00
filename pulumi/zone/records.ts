import * as pulumi from "@pulumi/pulumi";
import type { HostOutput } from "../outputs.js";
import type { NameView, ZoneView } from "../plan/types.js";

/** A record of a host. */
export interface HostRecord {
  readonly type: "A" | "AAAA";
  /** Relative to the zone. */
  readonly name: string;
  readonly address: pulumi.Output<string>;
}

/**
 * The records of a zone.
 * @param machines what the stack made, by host
 */
export function listRecords(
  { names }: ZoneView,
  machines: Readonly<Record<string, pulumi.Output<HostOutput>>>,
): HostRecord[] {
  return names.flatMap((name) =>
    (["ipv4", "ipv6"] as const).flatMap((family) => {
      const address = addressOf(name, family, machines[name.host]);
      return address === null ? [] : [{ type: RECORD_TYPES[family], name: name.name, address }];
    }),
  );
}

const RECORD_TYPES = { ipv4: "A", ipv6: "AAAA" } as const;

/** A new server's address is the provider's word, so that its name is there with it, and never points to where no server is. */
function addressOf(
  { host, given, ...known }: NameView,
  family: "ipv4" | "ipv6",
  machine: pulumi.Output<HostOutput> | undefined,
): pulumi.Output<string> | null {
  const { [family]: address } = known;
  if (address !== null) return pulumi.output(address);
  if (!given.includes(family) || machine === undefined) return null;
  return machine.apply(({ [family]: told }) => {
    if (told === undefined) throw new Error(`${host} was made without an ${family} address`);
    return told;
  });
}
