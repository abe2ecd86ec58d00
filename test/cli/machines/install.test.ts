import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseHostKey, parseKeyLines } from "../../../cli/install/host-key.js";
import { withStrictSsh } from "../../../cli/install/strict-ssh.js";
import { withPrivateFolder } from "../../../cli/private-folder/private-folder.js";
import { makeFolder, runCli } from "../process.js";
import { makeMachineFleet } from "./fleet.js";
import { hasSshd, makeKey, startSshd } from "./sshd.js";

const install = suite("cli: install");
const { username } = userInfo();

/**
 * Calls ssh as nixos-anywhere 1.13 does: its own lax options first, those of --ssh-option behind them; NIX_SSHOPTS cut at
 * blanks. It sends the extra files to the machine, and installs nothing.
 */
const STAND_IN = `#!/usr/bin/env bash
set -euo pipefail
printf '%s\\n' "$@" > "$LOG/arguments"
sshArgs=(-o IdentitiesOnly=yes -i "$LOGIN" -o BatchMode=yes -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no)
while [ $# -gt 0 ]; do
  case "$1" in
  --target-host) target=$2; shift ;;
  --ssh-port) sshArgs+=(-p "$2"); shift ;;
  --ssh-option) sshArgs+=(-o "$2"); shift ;;
  --extra-files) files=$2; shift ;;
  esac
  shift
done
stat -c '%a %n' "$(dirname "$files")" "$files"/etc "$files"/etc/meshflake "$files"/etc/meshflake/identity > "$LOG/modes"
nixSshOpts="\${sshArgs[*]}"
ssh "$target" $nixSshOpts true
tar -C "$files" -cpf- . | ssh "\${sshArgs[@]}" "$target" "cat > '$LOG/files.tar'"
exit "\${END_WITH:-0}"
`;

function makeStandIn(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, "nixos-anywhere"), STAND_IN, { mode: 0o755 });
  return folder;
}

function hostKeyOf(port: number): string {
  return execFileSync("ssh-keyscan", ["-t", "ed25519", "-p", String(port), "127.0.0.1"], { stdio: "pipe" })
    .toString()
    .replace(/^\S+ /, "")
    .trim();
}

/** What withPrivateFolder could have left. */
function listFolders(): string[] {
  return ["/dev/shm", "/tmp", process.env.XDG_RUNTIME_DIR ?? "/nowhere"].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("meshflake-install-")) : [],
  );
}

install("the identity arrives with its modes, over connections that checked the key; nothing stays here", async () => {
  if (!hasSshd) {
    console.log("not tried: no sshd on this machine");
    return;
  }
  const { root, admin } = await makeMachineFleet();
  const keys = makeFolder();
  const sshd = await startSshd(readFileSync(makeKey(keys, "host"), "utf8"));
  const bin = makeStandIn();
  const log = makeFolder();
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}`, LOG: log, LOGIN: sshd.login };
  const at = ["--at", "127.0.0.1", "--port", String(sshd.port), "--user", username, "-i", admin];
  const before = listFolders();
  const given = ["--host-key", hostKeyOf(sshd.port)];
  const run = (...args: string[]) => runCli(["install", "cosmo", ...at, ...args], { cwd: root, env });
  const good = await run(...given, "--yes", "--", "--no-disko-deps");
  assert.is(good.code, 0, good.stderr);
  assert.match(good.stdout, "cosmo is installed, and starts: meshflake ssh cosmo");
  const words = readFileSync(join(log, "arguments"), "utf8").trim().split("\n");
  assert.equal(words.slice(0, 4), ["--flake", ".#cosmo", "--target-host", `${username}@meshflake-install-cosmo`]);
  assert.is(words.at(-1), "--no-disko-deps");
  const modes = readFileSync(join(log, "modes"), "utf8").trim().split("\n");
  assert.equal(
    modes.map((line) => line.split(" ")[0]),
    ["700", "755", "700", "600"],
  );
  const sent = execFileSync("tar", ["-xOf", join(log, "files.tar"), "./etc/meshflake/identity"]).toString();
  assert.match(sent, /^AGE-SECRET-KEY-1[A-Z0-9]+\n$/);
  assert.not.match(words.join(" ") + good.stdout + good.stderr, "AGE-SECRET-KEY");

  writeFileSync(join(keys, "known"), `[127.0.0.1]:${sshd.port} ${hostKeyOf(sshd.port)}\n`);
  assert.is((await run("--known-hosts", join(keys, "known"), "--yes")).code, 0);
  env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  const failed = await runCli(["install", "cosmo", ...at, ...given, "--yes"], {
    cwd: root,
    env: { ...env, END_WITH: "9" },
  });
  assert.is(failed.code, 1);
  assert.match(failed.stderr, "nixos-anywhere failed with exit code 9");
  assert.equal(listFolders(), before);

  const dry = await run(...given, "--dry-run");
  assert.match(dry.stdout, /127\.0\.0\.1 would lose \/dev\/sda, and become cosmo\. It has to show ssh-ed25519 SHA256:/);
  sshd.stop();
});

install("a machine that shows another key is never talked to", async () => {
  if (!hasSshd) {
    console.log("not tried: no sshd on this machine");
    return;
  }
  const { root, admin } = await makeMachineFleet();
  const keys = makeFolder();
  const sshd = await startSshd(readFileSync(makeKey(keys, "host"), "utf8"));
  const other = readFileSync(`${makeKey(keys, "other")}.pub`, "utf8").trim();
  const log = makeFolder();
  const env = { PATH: `${makeStandIn()}${delimiter}${process.env.PATH}`, LOG: log, LOGIN: sshd.login };
  const args = ["install", "cosmo", "--at", "127.0.0.1", "--port", String(sshd.port), "-i", admin];
  const wrong = await runCli([...args, "--host-key", other, "--yes"], { cwd: root, env });
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /shows another host key than the given one: ssh-ed25519 SHA256:/);
  assert.equal(readdirSync(log), []);
  // Nobody said which key is right, and nobody can be asked.
  const unknown = await runCli(args, { cwd: root, env });
  assert.match(unknown.stderr, "there is no terminal to ask on\nHint: give --host-key");
  assert.equal(readdirSync(log), []);
  sshd.stop();
});

install("whoever comes in between after that check is refused, by our ssh and by any other", async () => {
  if (!hasSshd) {
    console.log("not tried: no sshd on this machine");
    return;
  }
  const keys = makeFolder();
  const sshd = await startSshd(readFileSync(makeKey(keys, "host"), "utf8"));
  const right = parseHostKey(hostKeyOf(sshd.port));
  const wrong = parseHostKey(readFileSync(`${makeKey(keys, "other")}.pub`, "utf8"));
  assert.ok(right !== null && wrong !== null);
  const real = execFileSync("sh", ["-c", "command -v ssh"]).toString().trim();
  const lax = ["-o", "BatchMode=yes", "-i", sshd.login, "-o", "UserKnownHostsFile=/dev/null"];
  const base = [...lax, "-o", "StrictHostKeyChecking=no", "-p", String(sshd.port)];
  for (const [key, passes] of [[right, true] as const, [wrong, false] as const]) {
    await withPrivateFolder({ note: () => {} }, "install", (folder) => {
      const target = { alias: "meshflake-install-x", address: "127.0.0.1", keys: [key], ssh: real };
      return withStrictSsh(folder, target, async ({ bin, option }) => {
        const words = [...base, "-o", option];
        const own = spawnSync(join(bin, "ssh"), [...words, `${username}@meshflake-install-x`, "echo in"]);
        assert.is(own.stdout.toString(), passes ? "in\n" : "");
        if (!passes) assert.match(own.stderr.toString(), "Host key verification failed");
        const past = spawnSync(real, [
          ...words,
          "-o",
          "HostName=127.0.0.1",
          `${username}@meshflake-install-x`,
          "echo in",
        ]);
        assert.is(past.stdout.toString(), "");
        assert.match(past.stderr.toString(), "an ssh that does not check host keys was started, and refused");
        const named = spawnSync(real, [...base, `${username}@meshflake-install-x`, "echo in"]);
        assert.match(named.stderr.toString(), "Could not resolve hostname");
        // Other machines are none of our business.
        assert.is(spawnSync(join(bin, "ssh"), [...base, `${username}@127.0.0.1`, "echo in"]).stdout.toString(), "in\n");
      });
    });
  }
  sshd.stop();
});

install("what is missing is said before anything is done", async () => {
  const { root, admin, run } = await makeMachineFleet();
  const bin = makeFolder();
  for (const program of ["ssh", "ssh-keyscan", "ssh-keygen", "ssh-copy-id"]) {
    writeFileSync(join(bin, program), "#!/bin/sh\n", { mode: 0o755 });
  }
  const none = await runCli(["install", "cosmo", "-i", admin], { cwd: root, env: { PATH: bin } });
  assert.match(
    none.stderr,
    "neither nixos-anywhere nor nix is installed\nHint: install Nix (https://nixos.org/download)",
  );
  const noSsh = await runCli(["install", "cosmo", "-i", admin], { cwd: root, env: { PATH: "/nonexistent" } });
  assert.match(
    noSsh.stderr,
    /ssh and ssh-keyscan and ssh-keygen and ssh-copy-id are not installed\nHint: install OpenSSH/,
  );
  mkdirSync(join(bin, "nix"));
  const noKey = await runCli(["install", "cosmo"], { cwd: root, env: { PATH: `${makeStandIn()}${delimiter}${bin}` } });
  assert.match(noKey.stderr, "decrypting needs an admin's identity");
  assert.match((await run("install", "bianco")).stderr, "bianco is a Raspberry Pi, which starts from its card");
  assert.match(
    (await run("install", "cosmo", "--", "--extra-files", "x")).stderr,
    "--extra-files is meshflake's to give",
  );
});

install("host keys: what counts as one", () => {
  const folder = makeFolder();
  const key = readFileSync(`${makeKey(folder, "a")}.pub`, "utf8").trim();
  const fingerprint = execFileSync("ssh-keygen", ["-lf", join(folder, "a.pub")])
    .toString()
    .split(" ")[1];
  assert.is(parseHostKey(`${key} root@x`)?.fingerprint, fingerprint);
  assert.is(parseHostKey(key.replace("ssh-ed25519 ", "ssh-rsa ")), null);
  assert.is(parseHostKey(key.slice(0, -4)), null);
  const lines = `# c\nhost ${key}\n@revoked host ${key}\nhost ecdsa-sha2-nistp256 AAAA\n`;
  assert.is(parseKeyLines(lines).length, 1);
});

install.run();
