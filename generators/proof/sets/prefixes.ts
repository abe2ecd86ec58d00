import { parseIpv4 } from "../../model/net.js";

/** A network of IPv4 addresses as numbers. */
export interface Prefix {
  readonly text: string;
  /** The address as written, host bits included. */
  readonly address: number;
  /** The first address. */
  readonly first: number;
  /** The last address. */
  readonly last: number;
  /** The prefix length. */
  readonly length: number;
}

/** The same text is read only once: a full mesh repeats each of a thousand networks a thousand times. */
export class PrefixReader {
  private readonly known = new Map<string, Prefix | null>();

  /** @returns null where the text is no IPv4 network; a lone address counts as /32 */
  read(text: string): Prefix | null {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const prefix = parsePrefix(text);
    this.known.set(text, prefix);
    return prefix;
  }
}

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/;

function parsePrefix(text: string): Prefix | null {
  if (!IPV4.test(text)) return null;
  const slash = text.indexOf("/");
  const length = slash < 0 ? 32 : Number(text.slice(slash + 1));
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (length > 32) return null;
  const size = 2 ** (32 - length);
  const first = Math.floor(address / size) * size;
  return { text, address, first, last: first + size - 1, length };
}

/** Whether the address lies in the network. */
export function covers(prefix: Prefix, address: number): boolean {
  return prefix.first <= address && address <= prefix.last;
}
