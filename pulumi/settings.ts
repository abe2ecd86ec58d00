import * as pulumi from "@pulumi/pulumi";
import { type OnceSettings, readOnce } from "./plan/once.js";

/** What a stack's settings say (`pulumi config set meshflake:NAME`): which part of the fleet it is, and what its providers call things. */
export interface Settings extends OnceSettings {
  /** `environment`: the environment that the stack is; the fleet itself where it is left out. */
  readonly environment?: string;
  /** `cluster`: the only cluster that it makes; all of them where it is left out. */
  readonly cluster?: string;
  readonly hetzner: HetznerSettings;
  readonly proxmox: ProxmoxSettings;
  readonly contabo: ContaboSettings;
}

export interface HetznerSettings {
  /**
   * `hetznerImage`: a stock image such as `debian-13`, over which `meshflake install` installs; null for the snapshot of the
   * platform's own image.
   * @default null
   */
  readonly image: string | null;
}

export interface ProxmoxSettings {
  /** `proxmoxStorage`: where disks are. @default "local-lvm" */
  readonly storage: string;
  /** `proxmoxImageStorage`: where templates and images are uploaded to. @default "local" */
  readonly imageStorage: string;
  /**
   * `proxmoxImages`: what guests start from, by the names of `meshflake image`: a file that is uploaded, or one that the node has
   * already, such as `local:vztmpl/meshflake.tar.xz`.
   */
  readonly images: Readonly<Record<string, string>>;
}

export interface ContaboSettings {
  /** `contaboImage`: the number (a UUID) of the image that an instance is reinstalled with by `--replace`. @default none */
  readonly image: string | null;
  /** `contaboRescue`: the host whose instance is in Contabo's rescue system. @default none */
  readonly rescue: string | null;
  /** `contaboSshKeys`: numbers of public keys among Contabo's secrets, which its rescue system lets in. @default none */
  readonly sshKeys: readonly number[];
}

/**
 * Reads the stack's settings.
 * @throws what Pulumi says where `proxmoxImages` is no object
 */
export function readSettings(): Settings {
  const config = new pulumi.Config("meshflake");
  const [environment, cluster] = [config.get("environment"), config.get("cluster")];
  return {
    ...(environment !== undefined && { environment }),
    ...(cluster !== undefined && { cluster }),
    ...readOnce(process.env),
    hetzner: { image: config.get("hetznerImage") ?? null },
    proxmox: {
      storage: config.get("proxmoxStorage") ?? "local-lvm",
      imageStorage: config.get("proxmoxImageStorage") ?? "local",
      images: config.getObject<Record<string, string>>("proxmoxImages") ?? {},
    },
    contabo: {
      image: config.get("contaboImage") ?? null,
      rescue: config.get("contaboRescue") ?? null,
      sshKeys: config.getObject<number[]>("contaboSshKeys") ?? [],
    },
  };
}
