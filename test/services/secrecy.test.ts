import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cluster, deploy, machineOf, makeCluster, runOnServers, SERVERS } from "./cluster.js";
import { CONSUL_UID, type Machine, onMachines, waitFor } from "./machine.js";
import { mustRun, request, runScript, startConsul, startNomad, startScript } from "./units.js";

/** A late agent's gossip key, and where secrets are while scripts and daemons run. */

const secrecy = suite("services: welcome and secrecy");
const test = onMachines(secrecy, "consul", "nomad");

let cluster: Cluster;
secrecy.after(() => cluster?.net.stop());

const SPIED = [
  "jq",
  "curl",
  "age",
  "sed",
  "grep",
  "sha256sum",
  "chown",
  "chmod",
  "mv",
  "cp",
  "mkdir",
  "cat",
  "head",
  "rm",
  "id",
  "setpriv",
];

/** Programs that write down their arguments and their environment before they start; nothing that is run by name escapes. */
function spy(machine: Machine): void {
  // Consul's account writes there too.
  machine.sh("touch /run/spied; chmod 0666 /run/spied");
  for (const name of [...SPIED, "sleep"])
    machine.write(
      `/run/bin/${name}`,
      `#!/bin/bash\n{ printf '%s\\n' "$0" "$@"; printenv; } >>/run/spied\nexec "$(PATH="\${PATH#/run/bin:}" command -v ${name})" "$@"\n`,
      "0755",
    );
  machine.write("/run/bin/systemctl", '#!/bin/sh\necho "$@" >>/run/systemctl\n', "0755");
}

/** Every secret value, each gossip key by itself. */
function listSecrets(): string[] {
  return [...cluster.values.values()].flatMap((value) => (value.startsWith("[") ? JSON.parse(value) : [value.trim()]));
}

const HOSTS = [...SERVERS, "toto"];

test("a host without a gossip file asks until the servers are there, and joins", async () => {
  cluster = await makeCluster(HOSTS);
  const toto = machineOf(cluster, "toto");
  for (const name of HOSTS) spy(machineOf(cluster, name));
  assert.not.ok(toto.sh("ls /run/agenix").includes("consul-gossip"));
  toto.write("/etc/meshflake/identity", cluster.values.get("toto/identity") ?? "", "0400");
  const SERVERS_OF_TOTO = cluster.plan.hosts.get("toto")?.consul?.join.join(" ") ?? "";
  const env = { NODE: "toto", SERVERS: SERVERS_OF_TOTO, IDENTITY: "/etc/meshflake/identity" };
  const early = startScript(toto, "consul-welcome", env);
  const ended = new Promise((resolve) => early.once("close", resolve));
  await Promise.all(SERVERS.map((name) => startConsul(machineOf(cluster, name))));
  await runOnServers(cluster, "consul-setup");
  assert.is(await ended, 0);
  assert.is(toto.sh("cat /run/consul-welcome/gossip"), cluster.values.get("cats/consul-gossip"));
  assert.match(toto.sh("cat /run/systemctl"), /start --no-block consul.service/);
  await startConsul(toto);
  await waitFor("four members", () => {
    const token = cluster.values.get("cats/consul-management");
    return request(machineOf(cluster, "cosmo"), "GET", 8500, "agent/members", { token })?.body.length === 4;
  });
});

test("a copy that could not be made is not left behind, and is made the next time", async () => {
  const [cosmo, management] = [machineOf(cluster, "cosmo"), cluster.values.get("cats/consul-management") ?? ""];
  const copy = () => request(cosmo, "GET", 8500, "kv/meshflake/gossip/toto", { token: management });
  assert.is(request(cosmo, "DELETE", 8500, "kv/meshflake/gossip/toto", { token: management })?.status, 200);
  const age = cosmo.sh("cat /run/bin/age");
  cosmo.write("/run/bin/age", "#!/bin/sh\nexit 1\n", "0755");
  assert.is.not((await runScript(cosmo, "consul-setup", {}, "once")).code, 0);
  assert.is(copy()?.status, 404);
  cosmo.write("/run/bin/age", age, "0755");
  await runOnServers(cluster, "consul-setup");
  assert.is(copy()?.status, 200);
});

test("started again, it has the key at once; another identity gets none", async () => {
  const toto = machineOf(cluster, "toto");
  const servers = cluster.plan.hosts.get("toto")?.consul?.join.join(" ") ?? "";
  const env = { NODE: "toto", SERVERS: servers, IDENTITY: "/etc/meshflake/identity" };
  toto.sh("rm -f /run/consul-welcome/* /run/systemctl");
  await mustRun(toto, "consul-welcome", env);
  assert.is(toto.sh("ls /run/consul-welcome").trim(), "gossip");
  assert.is(toto.sh("cat /run/systemctl").trim(), "start --no-block consul.service");

  toto.sh("rm -f /run/consul-welcome/* /run/systemctl; mv /var/lib/consul/serf/local.keyring /var/lib/kept");
  toto.write("/etc/meshflake/other", cluster.values.get("cosmo/identity") ?? "", "0400");
  const wrong = startScript(toto, "consul-welcome", { ...env, IDENTITY: "/etc/meshflake/other" });
  let said = "";
  wrong.stderr?.setEncoding("utf8").on("data", (chunk) => {
    said += chunk;
  });
  await waitFor("three refusals", () => said.split("no identity matched").length > 3);
  assert.not.ok(toto.sh("ls /run/consul-welcome").split("\n").includes("gossip"));
  assert.not.ok(toto.sh("ls /run").split("\n").includes("systemctl"));
  const end = new Promise((resolve) => wrong.once("close", resolve));
  toto.sh(
    "for pid in $(grep -la consul-welcome /proc/[0-9]*/cmdline | cut -d/ -f3); do if [ $pid != $$ ]; then kill $pid; fi; done || true",
  );
  await end;
  toto.sh("mv /var/lib/kept /var/lib/consul/serf/local.keyring");
});

test("no secret is among the arguments or in the environment of anything that ran; a planted one is found", async () => {
  for (const name of SERVERS) deploy(cluster, name);
  for (const name of SERVERS) await startNomad(machineOf(cluster, name));
  await runOnServers(cluster, "nomad-setup");
  const secrets = listSecrets();
  assert.ok(secrets.length > 20);
  for (const name of HOSTS) {
    const machine = machineOf(cluster, name);
    const read = () => machine.sh("cat /run/spied; tail -qc +1 /proc/[0-9]*/{cmdline,environ} 2>/dev/null || true");
    const found = () => {
      const text = read();
      return secrets.filter((secret) => text.includes(secret)).length;
    };
    for (const program of ["jq", "curl", ...(name === "toto" ? ["age"] : ["grep", "sha256sum"])])
      assert.ok(read().includes(`/run/bin/${program}\n`), `${program} on ${name}`);
    assert.is(found(), 0, name);
    await machine.run(["/run/bin/cat", "/dev/null", secrets[0] ?? ""]);
    assert.is(found(), 1);
  }
});

test("files with secrets are root's or their daemon's alone, and setup leaves none", () => {
  const secrets = listSecrets();
  for (const name of SERVERS) {
    const machine = machineOf(cluster, name);
    machine.write("/run/secrets-of-the-test", secrets.join("\n"), "0600");
    const list = () =>
      machine
        .sh(`grep -rlFaf /run/secrets-of-the-test /run /etc /var/lib --exclude=secrets-of-the-test | while read -r file; do
        stat -c '%U %a %n' "$file"; done | sort -k3`)
        .split("\n")
        .filter((line) => line !== "");
    const files = list().filter((line) => !/ \/run\/(agenix|credentials|spied)/.test(line));
    const open = (lines: readonly string[]) => lines.filter((line) => !/^(root|consul) [46]00 /.test(line));
    // Daemons' databases are in folders of their own that nobody else may enter.
    assert.equal(
      open(files).filter((line) => !/ \/var\/lib\/(consul|nomad)\//.test(line)),
      [],
    );
    assert.equal(machine.sh("stat -c '%U %a' /var/lib/consul /var/lib/nomad").split("\n").slice(0, 2), [
      "consul 700",
      "root 700",
    ]);
    for (const path of ["/run/consul/tokens.json", "/var/lib/consul/serf/local.keyring"])
      assert.ok(files.includes(`consul 600 ${path}`), `${path}\n${files.join("\n")}`);
    for (const path of ["/run/nomad/consul.json", "/var/lib/nomad/server/serf.keyring"])
      assert.ok(files.includes(`root 600 ${path}`), `${path}\n${files.join("\n")}`);
    assert.equal(
      files.filter((line) => line.includes("-setup/")),
      [],
    );
    assert.is(machine.sh(`stat -c %u /run/consul`).trim(), String(CONSUL_UID));
    machine.write("/var/lib/planted", secrets[0] ?? "", "0644");
    assert.equal(
      open(list()).filter((line) => line.endsWith("/var/lib/planted")),
      ["root 644 /var/lib/planted"],
    );
  }
});

test("what Consul plants in its own folder leads nobody to files of others", async () => {
  const cosmo = machineOf(cluster, "cosmo");
  const ring = "/var/lib/consul/serf/local.keyring";
  cosmo.sh(`printf kept >/run/victim; chmod 0600 /run/victim; mkdir -m 0755 /run/elsewhere
rm -f ${ring} /var/lib/consul/serf/seen-gossip`);
  for (const name of ["local.keyring.new", "seen-gossip"]) {
    cosmo.sh(`ln -sf /run/victim /var/lib/consul/serf/${name}; ln -sf /run/elsewhere/made ${ring}.link`);
    assert.is.not((await runScript(cosmo, "consul-secrets")).code, 0, name);
    assert.is(cosmo.sh("cat /run/victim; stat -c ' %U %a' /run/victim; ls /run/elsewhere"), "kept root 600\n", name);
    cosmo.sh(`rm -f /var/lib/consul/serf/${name}`);
  }
  cosmo.sh("rm -rf /var/lib/consul/serf; ln -s /run/elsewhere /var/lib/consul/serf");
  assert.is.not((await runScript(cosmo, "consul-secrets")).code, 0);
  assert.is(cosmo.sh("ls /run/elsewhere; stat -c %U /run/elsewhere"), "root\n");
  cosmo.sh("rm /var/lib/consul/serf");
  await mustRun(cosmo, "consul-secrets");
  assert.is(cosmo.sh(`stat -c '%U %a' ${ring}`), "consul 600\n");
});

secrecy.run();
