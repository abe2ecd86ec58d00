import type { Endpoint } from "./fleet.js";
import { familyOf } from "./net.js";

/**
 * Reads `host:port`, `198.51.100.1:port` or `[2001:db8::1]:port`.
 * @returns null where it is none of these
 */
export function parseEndpoint(text: string): Endpoint | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = bracketed ?? plain;
  if (host === undefined || port < 1 || port > 65535) return null;
  if (bracketed !== undefined && familyOf(bracketed) !== "ipv6") return null;
  return { host, port };
}

/** Writes an endpoint as WireGuard reads it. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
