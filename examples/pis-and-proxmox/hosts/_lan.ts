/**
 * The home network in one place: pi0 hands these addresses out, and the hosts file them as theirs. A file whose name begins
 * with `_` is no host.
 */
export const lan = {
  network: "192.168.178.0/24",
  router: "192.168.178.1",
  /** Not a host of the fleet: Proxmox VE is Debian. */
  proxmox: "192.168.178.5",
} as const;

/** DHCP reservations; where there is no MAC address, the machine has its address from elsewhere. */
const machines = {
  pi0: { ip: "192.168.178.2" },
  pve: { ip: lan.proxmox },
  pi1: { ip: "192.168.178.21", mac: "dc:a6:32:00:00:21" },
  pi2: { ip: "192.168.178.22", mac: "dc:a6:32:00:00:22" },
  pi3: { ip: "192.168.178.23", mac: "dc:a6:32:00:00:23" },
  pi4: { ip: "192.168.178.24", mac: "dc:a6:32:00:00:24" },
  hash1: { ip: "192.168.178.31", mac: "bc:24:11:00:00:31" },
  hash2: { ip: "192.168.178.32", mac: "bc:24:11:00:00:32" },
  files: { ip: "192.168.178.33", mac: "bc:24:11:00:00:33" },
  postgres: { ip: "192.168.178.34", mac: "bc:24:11:00:00:34" },
  media: { ip: "192.168.178.35", mac: "bc:24:11:00:00:35" },
} as const;

type Machine = keyof typeof machines;
type Reserved = { [M in Machine]: (typeof machines)[M] extends { mac: string } ? M : never }[Machine];

/** The address of a host that DHCP numbers, always the same. */
export function reserved(name: Reserved) {
  const { ip, mac } = machines[name];
  return { lan: ip, mac };
}

/** dnsmasq's `dhcp-host`. */
export const reservations = Object.entries(machines).flatMap(([name, machine]) =>
  "mac" in machine ? [`${machine.mac},${machine.ip},${name}`] : [],
);

/** `pi1.lan` and so on. */
export const namesOnLan = Object.fromEntries(Object.entries(machines).map(([name, { ip }]) => [`${name}.lan`, ip]));
