import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Network } from "../../../generators/render/types.js";
import { type HostNetwork, readNetworkd, type WireguardDevice, wireguardConfig } from "../../../lab/host/networkd.js";
import type { Attachment, HostSpec } from "../../../lab/spec.js";
import { findTool } from "../../services/machine.js";
import { complaintOf, everyHost, makeLabs, textOf } from "./labs.js";

/** What networkd's units come to, and that ip and wg take it. */

const lab = suite("lab: networkd's units");
const hosts = everyHost(await makeLabs()).map(({ title, host, lab: { spec } }) => {
  const all = spec.world.sites.flatMap(({ attachments }) => attachments);
  const attachment = all.find((one) => one.host === host.name);
  if (attachment === undefined) throw new Error(`${title} is plugged in nowhere`);
  return { title, host, attachment, network: readNetworkd(host.networkd, attachment) };
});

const plugged: Attachment = {
  host: "x",
  interface: "eth0",
  mac: "02:00:00:00:00:01",
  addresses: [],
  lease4: { address: "192.168.1.5/24", gateway: "192.168.1.1" },
  lease6: { address: "2001:db8::5/64", gateway: "fe80::1" },
};

function uplinkOf(network: Partial<Network>, attachment = plugged): HostNetwork["uplink"] {
  const networks = { "10-uplink": { matchConfig: { Name: "en* eth*" }, ...network } };
  return readNetworkd({ netdevs: {}, networks }, attachment).uplink;
}

lab("DHCP and router advertisements bring what the host does not set by itself", () => {
  const both = uplinkOf({ DHCP: "ipv4", networkConfig: { IPv6AcceptRA: true } });
  assert.equal(both.ip, [
    "link set dev eth0 up",
    "addr replace 192.168.1.5/24 dev eth0",
    "route replace default via 192.168.1.1 dev eth0 onlink metric 1024",
    "addr replace 2001:db8::5/64 dev eth0 nodad",
    "route replace default via fe80::1 dev eth0 onlink metric 1024",
  ]);
  const own = uplinkOf({ address: ["2001:db8::31/64"], networkConfig: { IPv6AcceptRA: true } });
  assert.equal(own.ip.slice(1), [
    "addr replace 2001:db8::31/64 dev eth0 nodad",
    "route replace default via fe80::1 dev eth0 onlink metric 1024",
  ]);
  assert.equal(uplinkOf({ networkConfig: { IPv6AcceptRA: false } }).ip, ["link set dev eth0 up"]);
});

lab("a gateway outside of the host's network is on the link", () => {
  const routes = [
    { Gateway: "172.31.1.1", GatewayOnLink: true },
    { Destination: "10.9.0.0/24", Gateway: "203.0.113.1" },
  ];
  assert.equal(uplinkOf({ address: ["198.51.100.20/32"], routes }).ip.slice(2), [
    "route replace default via 172.31.1.1 dev eth0 onlink",
    "route replace 10.9.0.0/24 via 203.0.113.1 dev eth0",
  ]);
});

lab("an interface is found by its address or its name, and by nothing else", () => {
  const mac = { MACAddress: "02:00:00:00:00:01", Type: "ether" };
  assert.is(uplinkOf({ matchConfig: mac }, { ...plugged, interface: "uplink" }).ip[0], "link set dev uplink up");
  const none = (error: Error) => error instanceof RangeError;
  assert.throws(() => uplinkOf({ matchConfig: mac }, { ...plugged, mac: "02:00:00:00:00:02" }), none);
  assert.throws(() => uplinkOf({}, { ...plugged, interface: "wlan0" }), none);
});

lab("a VLAN is made on the trunk that it is plugged into, or is the interface itself", () => {
  const vlan: HostSpec["networkd"] = {
    netdevs: { "05-vlan": { netdevConfig: { Name: "eth0.20", Kind: "vlan" }, vlanConfig: { Id: 20 } } },
    networks: {
      "05-trunk": { matchConfig: { Name: "eth0" }, vlan: ["eth0.20"] },
      "10-uplink": { matchConfig: { Name: "eth0.20" }, address: ["203.0.113.5/24"] },
    },
  };
  assert.equal(readNetworkd(vlan, plugged).uplink.ip, [
    "link set dev eth0 up",
    "link add link eth0 name eth0.20 type vlan id 20",
    "link set dev eth0.20 up",
    "addr replace 203.0.113.5/24 dev eth0.20",
  ]);
  const { ip, sysctl } = readNetworkd(vlan, { ...plugged, interface: "eth0.20" }).uplink;
  assert.is(ip[0], "link set dev eth0.20 up");
  assert.is(sysctl["net/ipv6/conf/eth0.20/accept_ra"], 0);
});

lab("names of endpoints are left to be looked up", () => {
  const peers = ["home.example.org:51820", "[2001:db8::1]:51820"].map((endpoint) => ({
    publicKey: "A=",
    allowedIps: ["10.0.0.1/32"],
    endpoint,
  }));
  const device = { device: "mesh", mtu: 1420, privateKeyFile: "/run/agenix/wireguard", peers, ip: [] };
  const text = wireguardConfig(device, "KEY\n");
  assert.match(text, /^\[Interface\]\nPrivateKey = KEY\n\n\[Peer\]/);
  assert.match(text, "Endpoint = [2001:db8::1]:51820");
  assert.not.match(text, "home.example.org");
});

/** Runs a script in namespaces of its own, with a private /run for WireGuard's sockets; they end with it. */
function inside(script: string): string | null {
  const whole = `mount -t tmpfs tmpfs /run\nip link set lo up\n${script}`;
  return complaintOf("unshare", ["-rnmpf", "--kill-child", "--mount-proc", "bash", "-euc", whole]);
}

/** A program that reads lines. */
function feed(program: string, lines: readonly string[]): string {
  return `${program} <<'END'\n${lines.join("\n")}\nEND\n`;
}

lab("ip takes every uplink, twice", () => {
  for (const { title, attachment, network } of hosts) {
    const { ip, sysctl } = network.uplink;
    const cable = `ip link add ${attachment.interface} type veth peer name far\nip link set far up\n`;
    const settings = Object.entries(sysctl).map(([key, value]) => {
      const path = key.includes("/") ? key : key.replaceAll(".", "/");
      return `echo ${value} >/proc/sys/${path}\n`;
    });
    const has = attachment.addresses.map((one) => `ip -o addr show | grep -qF ' ${one.split("/")[0]}/'\n`);
    const lines = feed("ip -batch -", ip);
    assert.is(inside(`${cable}${settings.join("")}${lines}${lines}${has.join("")}`), null, title);
  }
});

/** Makes a WireGuard interface, and asks whether it has the peers and networks that it is to have. */
function tryWireguard(host: HostSpec, device: WireguardDevice): string {
  const name = device.device;
  const config = wireguardConfig(device, textOf(host, device.privateKeyFile) ?? "");
  const networks = device.peers.map(({ publicKey, allowedIps }) => `${publicKey}\t${allowedIps.join(" ")}`);
  const lines = feed("ip -batch -", [`link set dev ${name} mtu ${device.mtu}`, ...device.ip]);
  const wanted = feed("sort", networks);
  return `wireguard-go ${name} >/dev/null
${feed(`wg setconf ${name} /dev/stdin`, [config])}${lines}${lines}
[ "$(wg show ${name} allowed-ips | sort)" = "$(${wanted})" ]
`;
}

if (findTool("wireguard-go") === null || findTool("wg") === null) {
  console.log("not tried, for want of wireguard-go or wg: wg takes every interface");
} else
  lab("wg takes every interface, and has the peers and networks of the plan", () => {
    const tried = hosts.filter(({ title }) => title.startsWith("."));
    assert.is(tried.length, 6);
    for (const { title, host, network } of tried)
      assert.is(inside(network.wireguard.map((device) => tryWireguard(host, device)).join("")), null, title);
  });

lab.run();
