import { Cidr, familyOf } from "../../../generators/model/net.js";

/** Addresses that no file of the fleet says, and where they come from. */

/**
 * Networks for public IPv4 addresses: two for documentation (RFC 5737), then the one for benchmarks (RFC 2544). The third one for
 * documentation is left to the fleets, whose providers' networks it often plays.
 */
export const PUBLIC4 = ["198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/15"].map(Cidr.of);
/** For routers' own IPv6 addresses, out of the prefix for documentation (RFC 3849). */
export const PUBLIC6 = [Cidr.of("2001:db8:ffff::/64")];

/** An address in CIDR notation, alone in its network. */
export function alone(address: string): string {
  return `${address}/${familyOf(address) === "ipv6" ? 128 : 32}`;
}

/** The shortest text of a literal address (RFC 5952), so that equal ones are equal texts. */
export function normalize(address: string): string {
  return Cidr.of(alone(address)).address;
}

/** Gives every address once. */
export class AddressPool {
  readonly #taken: Set<string>;

  /** @param taken addresses that have an owner */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set([...taken].map(normalize));
  }

  /**
   * The first free address of the networks.
   * @param from where each network's addresses begin that may be given, counted from its first
   * @throws RangeError where none is left
   */
  take(networks: readonly Cidr[], from = 1n): string {
    for (const network of networks) {
      // The last address of an IPv4 network is its broadcast address.
      const end = network.size - (network.family === "ipv4" ? 1n : 0n);
      for (let offset = from < end ? from : 1n; offset < end; offset++) {
        const address = network.at(offset);
        if (this.#taken.has(address)) continue;
        this.#taken.add(address);
        return address;
      }
    }
    throw new RangeError(`no address is left in ${networks.map(({ network }) => network).join(", ")}`);
  }
}

/**
 * The first network of a row that overlaps no other: `192.168.1.0/24`, `192.168.2.0/24`…
 * @param row the network of a number, counted from 1
 * @throws RangeError where the row ends before
 */
export function firstFree(row: (number: number) => string, length: number, others: readonly Cidr[]): Cidr {
  for (let number = 1; number <= length; number++) {
    const network = Cidr.of(row(number));
    if (!others.some((other) => other.overlaps(network))) return network;
  }
  throw new RangeError(`all ${length} networks like ${row(1)} are taken`);
}
