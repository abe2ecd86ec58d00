import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { drawMermaid } from "../../cli/graph/mermaid.js";
import { findDevice, formatDevice } from "../../cli/plan/devices.js";
import { formatPlan } from "../../cli/plan/tables.js";
import { colorsFor } from "../../cli/terminal/colors.js";
import { FLEET, pi, planOf, publicHost, SIX } from "../support/fleets.js";
import { copyGenerated, runCli } from "./process.js";

const plan = suite("cli: plan and graph");
const plain = colorsFor({ env: {}, isTty: false, off: false });
const RELAYED = { ...FLEET, mesh: { ...FLEET.mesh, relays: ["cosmo", "miki"] } };

plan("tables show hosts, pairs over relays, quorum and ports", async () => {
  const { code, stdout } = await runCli(["plan"], { cwd: await copyGenerated() });
  assert.is(code, 0);
  assert.match(stdout, /^cats: 6 hosts, mesh 10\.10\.0\.0\/16, port 55820, MTU 1420, full mesh$/m);
  assert.match(
    stdout,
    /^cosmo +contaboVm +dusseldorf +10\.10\.\d+\.\d+ +5 {2}nomad server, nomad client, consul server, relay$/m,
  );
  assert.match(stdout, /^ari +bianco +cosmo, then miki$/m);
  assert.match(stdout, /^consul +cats +3 voters, 1 may fail +cosmo, maco, miki$/m);
  assert.match(stdout, /^cosmo +world +22 80 443 +55820$/m);
  assert.not.match(stdout, / $/m);
});

plan("warnings are counted where they would hide the result; check, and JSON, have all of them", async () => {
  const cwd = await copyGenerated();
  writeFileSync(join(cwd, "hosts/web.tsx"), "");
  const { stdout, stderr } = await runCli(["plan"], { cwd });
  assert.match(stdout, /^cats: 6 hosts/);
  assert.match(stderr, /^1 warning: meshflake check shows it$/m);
  assert.not.match(stderr, "web.tsx");
  assert.match((await runCli(["check"], { cwd })).stdout, /web\.tsx.*warning\[host-ignored\]/);
  assert.match((await runCli(["generate"], { cwd })).stderr, /web\.tsx.*warning\[host-ignored\]/);
  assert.is(JSON.parse((await runCli(["plan", "--json"], { cwd })).stdout).problems[0].code, "host-ignored");
  assert.match((await runCli(["plan", "--format", "github"], { cwd })).stderr, /::warning file=hosts\/web\.tsx/);
  assert.is((await runCli(["plan", "--strict"], { cwd })).code, 2);
});

plan("--json has every host and cluster", async () => {
  const { stdout } = await runCli(["plan", "--json"], { cwd: await copyGenerated() });
  const { version, command, ok, environment, hosts, clusters } = JSON.parse(stdout);
  assert.equal([version, command, ok, environment], [1, "plan", true, null]);
  assert.equal(
    hosts.map(({ name }: { name: string }) => name),
    ["ari", "bianco", "cosmo", "maco", "miki", "ziggy"],
  );
  const cosmo = hosts.find(({ name }: { name: string }) => name === "cosmo");
  assert.equal(cosmo.names, ["cosmo.mesh.cats.example.org"]);
  assert.equal(cosmo.public, { ipv4: "203.0.113.10", ipv6: "2001:db8:a::10" });
  assert.equal(clusters[0].consulServers, ["cosmo", "maco", "miki"]);
});

plan("one host in detail; a misspelt one gets a suggestion", async () => {
  const cwd = await copyGenerated();
  const { code, stdout } = await runCli(["plan", "bianco"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /^site +madrid \(IPv4 cgnat\)$/m);
  assert.match(stdout, /^to-cosmo +cosmo +203\.0\.113\.10:55820 +25 s +/m);
  assert.match(stdout, /^ari +cosmo, then miki$/m);
  assert.match(stdout, /^wireguard +systemd-network +secrets\/bianco\/wireguard\.age$/m);
  const wrong = await runCli(["plan", "binaco"], { cwd });
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /no host or device is named `binaco`\nHint: did you mean `bianco`/);
});

plan("graph prints Mermaid and nothing else", async () => {
  const { code, stdout } = await runCli(["graph"], { cwd: await copyGenerated() });
  assert.is(code, 0);
  assert.match(stdout, /^flowchart LR\n/);
  assert.match(stdout, /h_ari -\. "via cosmo, then miki" \.- h_bianco/);
  assert.match(stdout, /h_cosmo\{\{"cosmo<br\/>10\.10\.\d+\.\d+<br\/>relay, voter"\}\}:::relay/);
});

plan("a drawing has every pair once, and sites as subgraphs", () => {
  const lines = drawMermaid(planOf(RELAYED, SIX)).split("\n");
  const edges = lines.filter((line) => line.includes(" --- ") || line.includes(" -. "));
  const names = Object.keys(SIX).length;
  assert.ok(edges.length > 0 && edges.length <= (names * (names - 1)) / 2);
  assert.is(new Set(edges).size, edges.length);
  assert.is(
    lines.filter((line) => line.trim().startsWith("subgraph")).length,
    lines.filter((line) => line.trim() === "end").length,
  );
});

plan("more hosts than can be read, or edges than Mermaid takes, become sites", () => {
  const many = Object.fromEntries([...Array(40).keys()].map((i) => [`h${i}`, publicHost(10 + i)]));
  const mixed = { ...many, cosmo: publicHost(200), miki: publicHost(201), pi1: pi("cgnat"), pi2: pi("home6") };
  const text = drawMermaid(planOf(RELAYED, mixed));
  assert.match(text, /s0_\d+\["dc: IPv4 public, IPv6 public<br\/>42 hosts<br\/>2 relays<br\/>cosmo, miki"\]:::relay/);
  assert.match(text, /-- "\d+ tunnels" ---/);
  assert.ok(text.split("\n").length < 20);
});

plan("a cluster of hundreds lists no pairs", () => {
  const many = Object.fromEntries([...Array(70).keys()].map((i) => [`p${i}`, pi("cgnat")]));
  const text = formatPlan(planOf(RELAYED, { ...many, cosmo: publicHost(10), miki: publicHost(11) }), plain);
  assert.match(text, /hub and spoke/);
  assert.not.match(text, /Pairs over a relay/);
});

const PHONE_KEY = `${"A".repeat(43)}=`;
const LOCK = {
  version: 2,
  hosts: { cosmo: { mesh: "10.10.0.1", wireguard: `${"B".repeat(43)}=` } },
  devices: { "my-phone": { mesh: "10.10.0.9" } },
} as const;
const WITH_PHONE = { ...RELAYED, devices: { "my-phone": { publicKey: PHONE_KEY } } };

plan("devices: where they join, and what to type into the app", () => {
  const fleet = planOf(WITH_PHONE, SIX, LOCK);
  assert.match(
    formatPlan(fleet, plain),
    /^Devices\nDEVICE .*\nmy-phone {2}10\.10\.0\.9 {2}cosmo {2}203\.0\.113\.10:55820 {2}B{43}= {2}10\.10\.0\.0\/16$/m,
  );
  const device = findDevice(fleet, "my-phone");
  assert.ok(device !== undefined);
  const text = device === undefined ? "" : formatDevice(device, plain);
  assert.match(text, /^Addresses +10\.10\.0\.9\/32$/m);
  assert.match(text, /^DNS servers +10\.10\.0\.1$/m);
  assert.match(
    text,
    /^Peer \(cosmo\)\nPublic key +B{43}=\nEndpoint +203\.0\.113\.10:55820\nAllowed IPs +10\.10\.0\.0\/16\nPersistent keepalive {2}25\n/m,
  );
  assert.match(text, /without IPv4 the endpoint is \[2001:db8:a::10\]:55820\.$/);
  const relay = fleet.hosts.get("cosmo")?.mesh.interfaces.flatMap(({ peers }) => peers) ?? [];
  assert.equal(relay.find(({ kind }) => kind === "device")?.allowedIps, ["10.10.0.9/32"]);
  assert.not.match(formatPlan(planOf(RELAYED, SIX), plain), /Devices/);
});

plan("devices are drawn at their relay, and counted where sites are drawn", () => {
  assert.match(
    drawMermaid(planOf(WITH_PHONE, SIX, LOCK)),
    /d_my_phone\(\["my-phone<br\/>10\.10\.0\.9"\]\)\n {2}d_my_phone --- h_cosmo\n/,
  );
  const many = Object.fromEntries([...Array(70).keys()].map((i) => [`p${i}`, pi("cgnat")]));
  const sites = drawMermaid(planOf(WITH_PHONE, { ...many, ...SIX }, LOCK));
  assert.match(sites, /d0\(\["1 device"\]\)\n {2}d0 --- s0_\d+/);
});

plan("a device by name, and a configuration's name as a hint", async () => {
  const cwd = await copyGenerated();
  const fleet = join(cwd, "hosts/fleet.ts");
  writeFileSync(
    fleet,
    readFileSync(fleet, "utf8").replace(
      /^ {2}sites: /m,
      `  devices: { phone: { publicKey: "${PHONE_KEY}" } },\n  sites: `,
    ),
  );
  mkdirSync(join(cwd, "hosts/environments"));
  writeFileSync(
    join(cwd, "hosts/environments/dev.ts"),
    'import fleet from "../fleet";\n\nexport default fleet.environment({ hosts: { ari: false } });\n',
  );
  const { code, stdout, stderr } = await runCli(["plan", "phone"], { cwd });
  assert.is(code, 0, stderr);
  assert.match(stdout, /^phone: a device of cats, joins through cosmo\. Type into its WireGuard app:$/m);
  const data = JSON.parse((await runCli(["plan", "phone", "--json"], { cwd })).stdout);
  assert.equal([data.device.name, data.device.relay, data.device.allowedIps], ["phone", "cosmo", ["10.10.0.0/16"]]);
  const wrong = await runCli(["plan", "dev-bianco"], { cwd });
  assert.is(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /no host or device is named `dev-bianco`\nHint: that is bianco in environment dev: meshflake plan bianco --env dev/,
  );
});

plan.run();
