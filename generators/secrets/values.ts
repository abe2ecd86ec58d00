/** What each secret is in the clear, and the id that the lock knows it by. */
import { randomBytes, randomUUID } from "node:crypto";
import type { SecretKind } from "../model/secrets.js";
import { makeSshPair } from "./make/ssh-pair.js";
import { type KeyPair, makeAgeIdentity, makeWireguardPair } from "./pairs.js";

/** Kinds whose value meshflake makes by itself. */
export type MadeKind = Exclude<SecretKind, "own">;

export interface SecretValue {
  /** The public half of a pair, the accessor of a token, otherwise random: never anything that tells of the value. */
  readonly id: string;
  /** In the clear, with a newline at its end. */
  readonly text: string;
}

/** Serf takes 16, 24 or 32 bytes: AES-256. */
const GOSSIP_BYTES = 32;

/** Makes a new value of a secret, in memory. */
export function makeValue(kind: MadeKind): SecretValue {
  switch (kind) {
    case "identity":
      return fromPair(makeAgeIdentity());
    case "ssh":
      return fromPair(makeSshPair());
    case "wireguard":
      return fromPair(makeWireguardPair());
    case "consul-token":
    case "nomad-token":
    case "consul-management":
    case "nomad-management":
      return { id: randomUUID(), text: `${randomUUID()}\n` };
    case "consul-gossip":
    case "nomad-gossip":
      return { id: makeId(), text: formatKeyring([makeGossipKey()]) };
    default:
      return kind satisfies never;
  }
}

/** An id of a value that has none of its own: 32 hex digits. */
export function makeId(): string {
  return randomBytes(16).toString("hex");
}

/** A key for Serf, in base64. */
export function makeGossipKey(): string {
  return randomBytes(GOSSIP_BYTES).toString("base64");
}

/** The text of a gossip secret. @param keys the primary one first, then those that are being retired */
export function formatKeyring(keys: readonly string[]): string {
  return `${JSON.stringify(keys)}\n`;
}

function fromPair({ publicHalf, secretHalf }: KeyPair): SecretValue {
  return { id: publicHalf, text: `${secretHalf}\n` };
}
