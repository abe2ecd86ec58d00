import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostSpec } from "../../../lab/spec.js";
import { findTool } from "../../services/machine.js";
import { complaintOf, everyHost, makeLabs, textOf } from "./labs.js";

/** The programs themselves read what the lab has for them. */

const lab = suite("lab: what the programs say of their files");
const hosts = everyHost(await makeLabs());

/** Adds a test that only runs where the program is. */
function withProgram(program: string, name: string, run: () => void): void {
  if (findTool(program) === null) console.log(`not tried, for want of ${program}: ${name}`);
  else lab(name, run);
}

const folder = mkdtempSync(join(tmpdir(), "meshflake-lab-files-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** A program that reads a file of every host. */
interface Reader {
  readonly program: string;
  readonly path: string;
  readonly args: (file: string) => readonly string[];
  /** Makes of the file what can be read outside of the host. */
  readonly here?: (text: string) => string;
  /** What it must not take, and what stands there rightly. */
  readonly mistake: readonly [right: string, wrong: string];
}

const READERS: readonly Reader[] = [
  {
    program: "unbound-checkconf",
    path: "/etc/unbound/unbound.conf",
    args: (file) => [file],
    // Its folder belongs to the host; the certificate is made when a lab starts.
    here: (text) =>
      text.replace(/^ {2}directory: .*$/m, `  directory: ${folder}`).replace(/^ {2}tls-cert-bundle: .*\n/m, ""),
    mistake: ["prefetch: yes", "prefetch: perhaps"],
  },
  {
    program: "bird",
    path: "/etc/bird/bird.conf",
    args: (file) => ["-p", "-c", file],
    mistake: ["protocol bfd", "protocol bdf"],
  },
  {
    program: "consul",
    path: "/etc/consul.json",
    args: (file) => ["validate", "-quiet", file],
    mistake: ["retry_join", "retry_jion"],
  },
  {
    program: "nomad",
    path: "/etc/nomad.json",
    args: (file) => ["config", "validate", file],
    mistake: ['"10s"', '"soon"'],
  },
];

/** @returns what the program said against the text; null where it takes it */
function ask({ program, path, args, here = (text) => text }: Reader, host: HostSpec, text: string): string | null {
  const file = join(folder, host.name, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, here(text));
  return complaintOf(program, args(file));
}

for (const reader of READERS)
  withProgram(reader.program, `${reader.program} takes ${reader.path}`, () => {
    const having = hosts.flatMap(({ title, host }) => {
      const text = textOf(host, reader.path);
      return text === null ? [] : [{ title, host, text }];
    });
    for (const { title, host, text } of having) assert.is(ask(reader, host, text), null, title);
    const [first] = having;
    assert.ok(first?.text.includes(reader.mistake[0]));
    assert.ok(first !== undefined && ask(reader, first.host, first.text.replace(...reader.mistake)) !== null);
  });

/** In a network namespace of its own, which ends with it. */
function nft(script: string): string | null {
  return complaintOf("unshare", ["-rn", "nft", "-f", "-"], script);
}

withProgram("nft", "nftables takes every ruleset, twice", () => {
  for (const { title, host } of hosts) assert.is(nft(`${host.ruleset}${host.ruleset}`), null, title);
  assert.match(nft(`${hosts[0]?.host.ruleset}table inet x { chain y { nonsense } }`) ?? "", /syntax error/);
});

withProgram("bash", "bash can read every script", () => {
  for (const { title, host } of hosts)
    for (const { path, text } of host.files.filter((file) => file.path.startsWith("/run/unit-scripts/")))
      assert.is(complaintOf("bash", ["-n"], text), null, `${title}: ${path}`);
});

lab.run();
