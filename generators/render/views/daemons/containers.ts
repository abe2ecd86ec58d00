import type { Host } from "../../../model/fleet.js";
import type { NixTree } from "../../../model/input.js";
import type { HostPlan } from "../../../plan/types.js";
import { shareBy } from "../../share.js";

/** Docker, and folders that jobs mount: option trees from the root. */

const dockerOf = shareBy((bridge: string, mtu: number, relay: boolean): NixTree => {
  const settings: NixTree = {
    dns: [bridge],
    bip: `${bridge}/16`,
    mtu,
    "default-network-opts": { bridge: { "com.docker.network.driver.mtu": String(mtu) } },
    // Docker would drop what the relay forwards from mesh to mesh.
    ...(relay && { "ip-forward-no-drop": true }),
  };
  const autoPrune = { enable: true, dates: "weekly", flags: ["--all"] };
  return { virtualisation: { docker: { daemon: { settings }, autoPrune } } };
});

/** Docker, asking Unbound, with packets that fit through the mesh. Null where no driver needs it. */
export function viewDocker({ containers, mesh }: HostPlan): NixTree | null {
  return containers?.docker === true ? dockerOf(containers.bridgeAddress, containers.mtu, mesh.forwards) : null;
}

/** Where something else is mounted: by Proxmox, by Hetzner's volumes, or by the host's own options. */
function mountsOf({ input, nixos }: Host): string[] {
  const own = typeof nixos.fileSystems === "object" && nixos.fileSystems !== null ? Object.keys(nixos.fileSystems) : [];
  if (input.platform === "proxmoxLxc") own.push(...(input.mounts ?? []).map(({ target }) => target));
  if (input.platform === "hetznerVm") own.push(...Object.values(input.volumes ?? {}).map(({ mount }) => mount));
  return own;
}

/** A path in a line of tmpfiles.d(5): `%` begins a specifier, and white space ends a field. */
function quotePath(path: string): string {
  const literal = path.replaceAll("%", "%%");
  return /[\s"'\\]/.test(literal) ? JSON.stringify(literal) : literal;
}

/** Folders of host volumes, made where they are missing; on a mount, whoever fills it does that. */
export function viewFolders({ host }: HostPlan): NixTree | null {
  const mounts = mountsOf(host);
  const rules = Object.values(host.nomad?.hostVolumes ?? {})
    .filter(({ path }) => !mounts.some((mount) => mount !== "/" && (path === mount || path.startsWith(`${mount}/`))))
    .map(({ path }) => `d ${quotePath(path)} 0755 root root -`);
  return rules.length === 0 ? null : { systemd: { tmpfiles: { rules } } };
}
