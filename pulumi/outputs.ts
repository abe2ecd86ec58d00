/**
 * What the stack says about its machines: the contract between the Pulumi program, which writes it, and `meshflake sync`, which
 * reads it. Plain data without a secret. Nothing of Pulumi is imported, so that the command line may load this file at once.
 */

/** The version of {@link StackOutputs}; a change that old readers would misread raises it. */
export const OUTPUTS_VERSION = 1;

/** The stack's output that holds everything, so that a program of the user's own may have outputs beside it. */
export const OUTPUT_NAME = "meshflake";

/** Platforms whose machines the program makes, or adopts. */
export const PROVISIONED = ["hetznerVm", "proxmoxLxc", "proxmoxVm", "contaboVm"] as const;
/** A platform whose machines the program makes, or adopts. */
export type ProvisionedPlatform = (typeof PROVISIONED)[number];

/** A machine, as its provider knows it. */
export interface HostOutput {
  readonly platform: ProvisionedPlatform;
  /** The provider's number of the machine: Hetzner's server, Proxmox's `vmId`, Contabo's instance. */
  readonly id: string;
  /** The public IPv4 address, without a prefix length; missing on Proxmox, which gives none. */
  readonly ipv4?: string;
  /** The public IPv6 address of the host itself, without a prefix length; missing on Proxmox, which gives none. */
  readonly ipv6?: string;
  /** The Proxmox node that runs it. */
  readonly node?: string;
  /** Where Hetzner keeps it, e.g. `nbg1`. */
  readonly location?: string;
  /** Hetzner's numbers of its volumes, by their names. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Whether it may not be deleted: its host file alone does not make it go. */
  readonly protected: boolean;
  /** The cluster in whose Raft it votes; missing where it does not. */
  readonly votes?: string;
  /** Pulumi's name of the machine, for `pulumi up --replace` and `--target`. */
  readonly urn: string;
  /** The command that brings the host its identity, which Pulumi never sees; once, after the machine was made. */
  readonly join: string;
}

/** The machines of a stack. */
export interface StackOutputs {
  readonly version: typeof OUTPUTS_VERSION;
  /** The fleet's name. */
  readonly fleet: string;
  /** The environment's name, or null for the fleet itself. */
  readonly environment: string | null;
  /** The only cluster that the stack makes, or null for all of them. */
  readonly cluster: string | null;
  /** Pulumi's name of the stack. */
  readonly stack: string;
  /** By the host's name, sorted. */
  readonly hosts: Readonly<Record<string, HostOutput>>;
}
