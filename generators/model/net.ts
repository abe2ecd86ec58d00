import ipaddr from "ipaddr.js";
import type { Family } from "./vocabulary.js";

/**
 * IP addresses and networks. Parsing and text forms are ipaddr.js's (RFC 5952 for IPv6); an address is a bigint inside, so
 * that networks can be compared and counted.
 */

function toValue(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toText(value: bigint, family: Family): string {
  const bytes: number[] = [];
  for (let rest = value, i = 0; i < (family === "ipv4" ? 4 : 16); i++, rest >>= 8n) bytes.unshift(Number(rest & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}

/** The family of a literal address, or null where the text is none (a name, or CIDR notation). */
export function familyOf(text: string): Family | null {
  // Asking ipaddr.js for the wrong family costs an exception, which is slow.
  if (text.includes(":")) return !text.includes("%") && ipaddr.IPv6.isValid(text) ? "ipv6" : null;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? "ipv4" : null;
}

/** Numbers an IPv4 address; `parseIpv4("10.0.0.1")` is 167772161. */
export function parseIpv4(text: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** The text of a numbered IPv4 address. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** An address within its network, as CIDR notation says it: `203.0.113.10/24` is both .10 and 203.0.113.0/24. */
export class Cidr {
  private constructor(
    readonly family: Family,
    /** The address as written, in its shortest text form. */
    readonly address: string,
    /** The prefix length. */
    readonly prefix: number,
    private readonly first: bigint,
    private readonly last: bigint,
  ) {}

  /** @returns the parsed network, or null where `text` is not CIDR notation */
  static parse(text: string): Cidr | null {
    const [, host = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
    const family = familyOf(host);
    if (family === null) return null;
    const bits = family === "ipv4" ? 32 : 128;
    const prefix = Number(length);
    if (prefix > bits) return null;
    const address = ipaddr.parse(host);
    const span = 1n << BigInt(bits - prefix);
    const first = (toValue(address.toByteArray()) / span) * span;
    return new Cidr(family, address.toString(), prefix, first, first + span - 1n);
  }

  /** @throws RangeError where `text` is not CIDR notation; for literals of the program itself and for validated text */
  static of(text: string): Cidr {
    const cidr = Cidr.parse(text);
    if (cidr === null) throw new RangeError(`not CIDR notation: ${text}`);
    return cidr;
  }

  /** The network without host bits, e.g. `203.0.113.0/24`. */
  get network(): string {
    return `${toText(this.first, this.family)}/${this.prefix}`;
  }

  /** How many addresses it has. */
  get size(): bigint {
    return this.last - this.first + 1n;
  }

  /** Whether the literal address lies in it. */
  contains(address: string): boolean {
    if (familyOf(address) !== this.family) return false;
    const value = toValue(ipaddr.parse(address).toByteArray());
    return value >= this.first && value <= this.last;
  }

  /** Whether any address lies in both. */
  overlaps(other: Cidr): boolean {
    return this.family === other.family && this.first <= other.last && other.first <= this.last;
  }

  /** The address `offset` places after the network's first. @throws RangeError outside the network */
  at(offset: bigint): string {
    if (offset < 0n || offset >= this.size) throw new RangeError(`${offset} is outside ${this.network}`);
    return toText(this.first + offset, this.family);
  }

  /** Address and prefix length as written, e.g. `203.0.113.10/24`. */
  toString(): string {
    return `${this.address}/${this.prefix}`;
  }
}

/** Whether a literal address of the network's family lies in it; like `Cidr.contains`, and quick for IPv4. */
export function isWithin(cidr: Cidr, address: string): boolean {
  if (cidr.family === "ipv6") return cidr.contains(address);
  const block = 2 ** (32 - cidr.prefix);
  return Math.floor(parseIpv4(cidr.address) / block) === Math.floor(parseIpv4(address) / block);
}

/** `fe80::/10` or `169.254.0.0/16`. The first group of the former always has four digits. */
export function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/i.test(address);
}

/** RFC 1918, and the carriers' shared space (RFC 6598). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(Cidr.of);

/** Whether an address, in its shortest text form, means something only inside its own network; for IPv6, RFC 4193. */
export function isPrivate(address: string): boolean {
  if (address.includes(":")) return /^f[cd][0-9a-f]{2}:/.test(address);
  return PRIVATE.some((range) => isWithin(range, address));
}
