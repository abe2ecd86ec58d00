import type { RenderedFile } from "../../generators/render/types.js";
import { printLiteral } from "../add/print.js";
import type { InitSettings } from "./settings.js";

/** The example fleet of a new repository: small, valid, in documentation addresses, and made to be edited. */

function renderFleet({ name, domain, admin, sshKey, age }: InitSettings): string {
  const key = /^[a-z_]\w*$/.test(admin) ? admin : JSON.stringify(admin);
  return `import { defineFleet } from "meshflake";

export default defineFleet({
  name: ${JSON.stringify(name)},
  // Public names: a host is HOST.${domain}, and HOST.mesh.${domain} inside the mesh.
  domain: ${JSON.stringify(domain)},
  timeZone: "UTC",
  // May log in to every host, and decrypt the secrets that are made while they are here.
  admins: {
    ${key}: ${printLiteral({ sshKeys: [sshKey], age }, 4, key.length + 3)},
  },
  // Places with one uplink. Hover over \`ipv4\` for the kinds there are.
  sites: {
    cloud: { ipv4: "public", ipv6: "public" },
    home: { ipv4: "cgnat", ipv6: "none", lan: "192.168.1.0/24" },
  },
  // Hosts that cannot reach each other meet over a relay. With a second one, traffic moves over when the first is down.
  mesh: { ipv4: "10.10.0.0/16", relays: ["hub"] },
  // Warnings that this fleet lives with. Remove this line once three hosts are servers.
  accept: { "voters-one": "a first server, before there are three" },
});
`;
}

const HUB = `import fleet from "./fleet";

/** A small cloud server: the others meet over it, and it keeps the cluster's state. */
export default fleet.hetznerVm({
  site: "cloud",
  serverType: "cx23",
  location: "nbg1",
  // Addresses for documentation: put your own here.
  address: { ipv4: "203.0.113.10/32", gateway4: "172.31.1.1", ipv6: "2001:db8:a::10/64", gateway6: "fe80::1" },
  // One voter keeps no cluster alive when it is gone. Three, at different places, do.
  nomad: { server: true },
  consul: { server: true },
});
`;

const PI = `import fleet from "./fleet";

export default fleet.raspberryPi({ site: "home", model: 4, address: { lan: "192.168.1.10" } });
`;

const BOX = `import fleet from "./fleet";

/** Any other machine, such as a mini PC. */
export default fleet.bareMetal({
  site: "home",
  address: { lan: "192.168.1.11" },
  disks: { layout: "ext4", device: "/dev/sda" },
});
`;

/** The host files of a new repository. */
export function renderExampleFleet(settings: InitSettings): RenderedFile[] {
  return [
    { path: "hosts/fleet.ts", text: renderFleet(settings) },
    { path: "hosts/hub.ts", text: HUB },
    { path: "hosts/pi.ts", text: PI },
    { path: "hosts/box.ts", text: BOX },
  ];
}
