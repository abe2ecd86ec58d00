import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Fleets of any size, written as host files: what a person with as many machines would have. */

export interface Size {
  readonly hosts: number;
  readonly topology: "full" | "hub";
}

const HEADER = 'import fleet from "./fleet";\n\nexport default fleet';

function fleetFile(topology: string): string {
  return `import { defineFleet } from "meshflake";

export default defineFleet({
  name: "bench",
  domain: "bench.example.org",
  admins: { nico: { sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZcmSBBkjGyuPYDvWRkl8t5EMJoTZf3XDfVW4rUrRmZ nico@example.org"], age: "age1xufvgr67xm8gcgqdqs7f7dqlzd45mrxrngkpmgjndrejl5gel99qsrrz4s" } },
  sites: {
    east: { ipv4: "none", ipv6: "public" },
    west: { ipv4: "none", ipv6: "public" },
    north: { ipv4: "none", ipv6: "public" },
    ${Array.from({ length: 20 }, (_, i) => `home${i}: { ipv4: "cgnat", ipv6: "firewalled" },`).join("\n    ")}
  },
  mesh: { ipv4: "10.64.0.0/12", relays: ["relay0", "relay1"], topology: "${topology}" },
  accept: { "voters-together": "one provider, three places" },
});
`;
}

function publicHost(builder: string, site: string, number: number, roles: string): string {
  const address = `2001:db8:${site === "east" ? "a" : site === "west" ? "b" : "c"}::${number.toString(16)}/64`;
  return `${HEADER}.${builder}({
  site: "${site}",
  address: { ipv6: "${address}", gateway6: "fe80::1" },
${roles}});
`;
}

/** Three voters in two data centres and a third, two of them relays; everything else at homes (hub) or public (full). */
function hostFile(number: number, topology: Size["topology"]): { name: string; text: string } {
  const voter = "  nomad: { server: true },\n  consul: { server: true },\n";
  const sites = ["east", "west", "north"];
  if (number < 2)
    return { name: `relay${number}`, text: publicHost("contaboVm", sites[number] ?? "", number + 1, voter) };
  if (number === 2) return { name: "voter2", text: publicHost("contaboVm", "north", 3, voter) };
  if (topology === "full")
    return { name: `host${number}`, text: publicHost("contaboVm", sites[number % 3] ?? "", number + 1, "") };
  return { name: `host${number}`, text: `${HEADER}.raspberryPi({ site: "home${number % 20}", model: 4 });\n` };
}

/** Writes the host files of a fleet of the given size into an empty folder. */
export function writeFleet(root: string, { hosts, topology }: Size): void {
  mkdirSync(join(root, "hosts"), { recursive: true });
  writeFileSync(join(root, "hosts/fleet.ts"), fleetFile(topology));
  for (let number = 0; number < hosts; number++) {
    const { name, text } = hostFile(number, topology);
    writeFileSync(join(root, `hosts/${name}.ts`), text);
  }
}

/** Copies the reference fleet, so that a bench never writes into the checkout. */
export function copyReference(root: string): void {
  const checkout = fileURLToPath(new URL("..", import.meta.url));
  for (const part of ["hosts", "modules", "secrets", "flake.nix", "flake.lock", "package.json"])
    cpSync(join(checkout, part), join(root, part), { recursive: true });
}
