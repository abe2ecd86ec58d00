/**
 * How a new machine gets its one file, its age identity (`docs/decisions/0007`). It never goes through Pulumi, whose state would
 * keep it: `meshflake` decrypts it with an admin's key and sends it over a connection whose host key is known.
 */

/** Where a new machine can be reached. */
export type Newcomer =
  | { readonly platform: "hetznerVm" | "contaboVm"; readonly host: string; readonly at: string }
  | {
      readonly platform: "proxmoxLxc" | "proxmoxVm";
      readonly host: string;
      readonly node: string;
      readonly id: string;
    };

/** The program on the host that unpacks the identity; a plain `tar` is on no `PATH` there. */
const UNPACK = "/run/current-system/sw/bin/tar -C / -xpf -";

/** The command that brings a new machine its identity. In an environment, `--env` goes with it. */
export function joinCommand(machine: Newcomer, environment: string | null = null): string {
  const name = environment === null ? machine.host : `${machine.host} --env ${environment}`;
  switch (machine.platform) {
    case "hetznerVm":
    case "contaboVm":
      return `meshflake install ${name} --at ${machine.at}`;
    case "proxmoxLxc":
      return `meshflake identity ${name} --tar | ssh -o StrictHostKeyChecking=yes root@${machine.node} 'pct exec ${machine.id} -- ${UNPACK}'`;
    case "proxmoxVm":
      return `meshflake identity ${name} --tar | ssh -o StrictHostKeyChecking=yes root@${machine.node} 'qm guest exec ${machine.id} --pass-stdin 1 -- ${UNPACK}'`;
    default:
      return machine satisfies never;
  }
}
