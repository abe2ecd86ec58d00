import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { renderKnownHosts } from "../../../generators/render/known-hosts.js";
import { FLEET, pi, planOf, publicHost } from "../../support/fleets.js";
import { readLock } from "../../support/locks.js";
import { makeFolder, runCli } from "../process.js";
import { makeMachineFleet } from "./fleet.js";
import { hasSshd, makeKey, startSshd } from "./sshd.js";

const ssh = suite("cli: ssh");

const KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0 "), Buffer.alloc(32)]).toString("base64")}`;
const LOCK = {
  version: 2,
  hosts: {
    cosmo: { mesh: "10.10.0.1", ssh: KEY },
    ari: { mesh: "10.10.0.2", ssh: KEY },
    bianco: { mesh: "10.10.0.3", ssh: KEY },
    ziggy: { mesh: "10.10.0.4" },
  },
} as const;
const HOSTS = {
  cosmo: publicHost(10),
  ari: pi("nat", { address: { lan: "192.168.1.5" } }),
  bianco: pi("nat", { address: { lan: "192.168.1.6" } }),
  ziggy: pi("nat"),
};

/** Runs a line that `--print` gave, with options for the test's account; ssh asks nobody. */
function runLine(line: string, login: string, extra = ""): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = `-o BatchMode=yes -o IdentitiesOnly=yes -i '${login}' ${extra}`;
  const script = line.replace(/^ssh /, `ssh ${options} `).replace(/ root@/g, ` ${userInfo().username}@`);
  return new Promise((resolve) => {
    execFile("sh", ["-c", script], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

ssh("known_hosts has every name of every host that has a key", () => {
  const { path, text } = renderKnownHosts(planOf(FLEET, HOSTS, LOCK));
  assert.is(path, "modules/hosts/known_hosts");
  assert.equal(
    text.split("\n").filter((line) => !line.startsWith("#")),
    [
      `ari,ari.cats.example.org,ari.mesh.cats.example.org,10.10.0.2,192.168.1.5 ${KEY}`,
      `bianco,bianco.cats.example.org,bianco.mesh.cats.example.org,10.10.0.3,192.168.1.6 ${KEY}`,
      `cosmo,cosmo.cats.example.org,cosmo.mesh.cats.example.org,203.0.113.10,2001:db8:a::10,10.10.0.1 ${KEY}`,
      "",
    ],
  );
});

ssh("another port stands beside each name; an address that two hosts share is nobody's", () => {
  const shared = { ...HOSTS, bianco: pi("nat", { address: { lan: "192.168.1.5" } }) };
  const { text } = renderKnownHosts(planOf({ ...FLEET, deploy: { port: 2222 } }, shared, LOCK));
  assert.match(
    text,
    `\nari,[ari]:2222,[ari.cats.example.org]:2222,[ari.mesh.cats.example.org]:2222,[10.10.0.2]:2222 ${KEY}\n`,
  );
  assert.not.match(text, "192.168.1.5");
});

ssh("the way: public, the LAN's, through a public host, or as given", async () => {
  const { run, root } = await makeMachineFleet();
  const facts = async (...args: string[]) => {
    const { address, kind, via, port } = JSON.parse((await run("ssh", "--json", ...args)).stdout);
    return [kind, address, via?.host ?? null, port];
  };
  assert.equal(await facts("cosmo"), ["public", "203.0.113.10", null, 22]);
  assert.equal(await facts("ari"), ["public", "2001:db8:c::31", null, 22]);
  assert.equal((await facts("ari", "--mesh"))[2], "cosmo");
  const bianco = await facts("bianco");
  const { hosts } = readLock(root);
  assert.equal(bianco, ["mesh", hosts.bianco?.mesh, "cosmo", 22]);
  assert.equal(await facts("cosmo", "--mesh"), ["mesh", hosts.cosmo?.mesh, "miki", 22]);
  assert.equal(await facts("bianco", "--at", "192.168.7.7", "--port", "2200"), ["given", "192.168.7.7", null, 2200]);
  const lan = await run("ssh", "bianco", "--lan");
  assert.is(lan.code, 2);
  assert.match(lan.stderr, /bianco has no LAN address\nHint: set `address\.lan` in hosts\/bianco\.ts/);
});

ssh("it says where it goes on stderr, and gives up soon an address that does not answer", async () => {
  const { root, admin } = await makeMachineFleet();
  const folder = makeFolder();
  // What ssh itself would do is tried below; here it only says what it was given.
  writeFileSync(join(folder, "ssh"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}`, MESHFLAKE_IDENTITY: admin };
  const run = (...args: string[]) => runCli(args, { cwd: root, env });
  const { stdout, stderr } = await run("ssh", "bianco");
  const { hosts } = readLock(root);
  assert.match(stderr, `ssh root@${hosts.bianco?.mesh} through cosmo\n`);
  assert.is(stdout.match(/ConnectTimeout=10/g)?.length, 2, "the host in between counts as well");
  assert.match((await run("ssh", "cosmo")).stderr, "ssh root@203.0.113.10\n");
  assert.is((await run("ssh", "cosmo", "--quiet")).stderr, "");
});

ssh("a host without a key, and a file without the host, are said so", async () => {
  const { run, root } = await makeMachineFleet();
  assert.match((await run("ssh", "biano")).stderr, /no host is named `biano`\nHint: did you mean `bianco`/);
  assert.match((await run("ssh", "cosmo", "--port", "0", "--print")).stderr, /`0` is no port/);
  const file = join(root, "modules/hosts/known_hosts");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^cosmo,.*\n/m, ""));
  const stale = await run("ssh", "bianco", "--print");
  assert.is(stale.code, 1);
  assert.match(stale.stderr, /modules\/hosts\/known_hosts does not have cosmo's key\nHint: run meshflake generate/);
});

ssh(
  "a real sshd with the host's key is let through, one with another key is not, whatever ssh_config says",
  async () => {
    if (!hasSshd) {
      console.log("not tried: no sshd on this machine");
      return;
    }
    const { run, admin } = await makeMachineFleet();
    const shown = await run("secrets", "show", "cosmo/ssh", "-i", admin);
    const right = await startSshd(shown.stdout);
    const lax = join(right.folder, "lax");
    const at = async (port: number, ...command: string[]) =>
      (
        await run("ssh", "cosmo", "--at", "127.0.0.1", "--port", String(port), "--print", "--", ...command)
      ).stdout.trim();
    const good = await runLine(await at(right.port, "echo", "in;", "exit", "7"), right.login);
    assert.equal([good.code, good.stdout], [7, "in\n"], good.stderr);

    const wrong = await startSshd(readFileSync(makeKey(right.folder, "other"), "utf8"));
    const known = `[127.0.0.1]:${wrong.port} ${readFileSync(join(right.folder, "other.pub"), "utf8")}`;
    writeFileSync(join(right.folder, "known"), known);
    const settings = ["StrictHostKeyChecking no", `UserKnownHostsFile ${right.folder}/known`, "HostKeyAlias 127.0.0.1"];
    writeFileSync(lax, ["Host *", ...settings, "NoHostAuthenticationForLocalhost yes", ""].join("\n  "));
    const bad = await runLine(await at(wrong.port, "echo", "in"), wrong.login, `-F '${lax}'`);
    assert.is(bad.code, 255);
    assert.is(bad.stdout, "");
    assert.match(bad.stderr, "Host key verification failed");
    // The same server and settings let everybody in without our options: the refusal was theirs.
    const control = `ssh -p ${wrong.port} root@127.0.0.1 echo in`;
    assert.is((await runLine(control, wrong.login, `-F '${lax}'`)).stdout, "in\n");
    right.stop();
    wrong.stop();
  },
);

ssh("it runs ssh in its place: terminal, streams and exit code are ssh's", async () => {
  if (!hasSshd) {
    console.log("not tried: no sshd on this machine");
    return;
  }
  const { root, run, admin } = await makeMachineFleet();
  const fleet = join(root, "hosts/fleet.ts");
  const deploy = `  deploy: { user: ${JSON.stringify(userInfo().username)} },\n  mesh: `;
  writeFileSync(fleet, readFileSync(fleet, "utf8").replace(/^ {2}mesh: /m, deploy));
  const sshd = await startSshd((await run("secrets", "show", "cosmo/ssh", "-i", admin)).stdout);
  const socket = join(sshd.folder, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  try {
    const env = { SSH_AUTH_SOCK: socket };
    // 2: no agent answers yet.
    const ask = () => spawnSync("ssh-add", ["-l"], { env: { ...process.env, ...env } }).status;
    for (let tries = 0; tries < 200 && ask() === 2; tries++) await sleep(50);
    execFileSync("ssh-add", ["-q", sshd.login], { env: { ...process.env, ...env } });
    const args = ["ssh", "cosmo", "--at", "127.0.0.1", "--port", String(sshd.port), "--", "echo", "in;", "exit", "7"];
    const { code, stdout, stderr } = await runCli(args, { cwd: root, env });
    assert.equal([code, stdout], [7, "in\n"], stderr);
    const gone = await runCli(args, { cwd: root, env: { ...env, PATH: "/nonexistent" } });
    assert.match(gone.stderr, "ssh is not installed\nHint: install OpenSSH's client");
  } finally {
    agent.kill();
    sshd.stop();
  }
});

ssh("through another host: both keys are checked", async () => {
  if (!hasSshd) {
    console.log("not tried: no sshd on this machine");
    return;
  }
  const { run, admin } = await makeMachineFleet();
  const keyOf = async (host: string) => (await run("secrets", "show", `${host}/ssh`, "-i", admin)).stdout;
  const [jump, far] = [await startSshd(await keyOf("cosmo")), await startSshd(await keyOf("bianco"))];
  const { stdout } = await run("ssh", "bianco", "--print", "--", "echo", "in");
  const lineFor = (first: number, second: number) =>
    stdout
      .trim()
      .replace(
        /-p 22 -W '\\''\[[\d.]+\]:22'\\'' root@[\d.]+/,
        `-p ${first} -i ${jump.login} -W 127.0.0.1:${second} root@127.0.0.1`,
      )
      .replace(/-p 22 -- root@[\d.]+/, `-p ${second} -- root@127.0.0.1`);
  const good = await runLine(lineFor(jump.port, far.port), far.login);
  assert.is(good.stdout, "in\n", good.stderr);
  const swapped = await runLine(lineFor(jump.port, jump.port), jump.login);
  assert.is(swapped.stdout, "");
  assert.match(swapped.stderr, "Host key verification failed");
  jump.stop();
  far.stop();
});

ssh.run();
