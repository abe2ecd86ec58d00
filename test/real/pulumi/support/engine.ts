import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { EngineEvent, OpType, OutputMap, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { Cloud, EMPTY_CLOUD } from "../stand-in/cloud.js";
import { STAND_INS, type StandInName } from "../stand-in/index.js";
import { readShapes } from "../stand-in/shapes.js";

/** The real engine, with stand-ins for providers: the program under test is served to it by this process. */

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** 64 characters, as Hetzner's are. No test may find it anywhere. */
export const HETZNER_TOKEN = "planted-hetzner-token".padEnd(64, "x");
export const PROXMOX_PASSWORD = "planted-proxmox-password";
export const CLOUDFLARE_TOKEN = "planted-cloudflare-token";
export const PASSPHRASE = "planted-passphrase";

/** The folder of the Pulumi command line, which `npm run pulumi:tools` builds; null where it was not built. */
export function findPulumi(): string | null {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folders = [
    ...(process.env.MESHFLAKE_TOOLS ?? "").split(delimiter),
    join(cache, "meshflake/tools"),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  return folders.find((folder) => folder !== "" && existsSync(join(folder, "pulumi"))) ?? null;
}

let known: readonly (readonly [string, string])[] | undefined;

/** The shapes of every real provider's inputs; TypeScript takes seconds over them, so that they are read once. */
function shapesOfAll(): readonly (readonly [string, string])[] {
  known ??= Object.entries(STAND_INS).map(([name, { npm, behaviours, invokes }]) => {
    const shapes = readShapes(npm, [...Object.keys(behaviours), ...Object.keys(invokes)]);
    return [name, JSON.stringify(shapes)];
  });
  return known;
}

/** How often the engine did what. */
export type Counts = Partial<Record<OpType, number>>;

export interface Outcome {
  /** Without what stayed the same. */
  readonly counts: Counts;
  /** What Pulumi printed, without colours. */
  readonly text: string;
  readonly outputs: OutputMap;
  /** The steps that the engine took or planned, such as `update hcloud:index/server:Server miki`, sorted. */
  readonly steps: readonly string[];
  /** Why it failed, or null. */
  readonly error: string | null;
}

/** A backend, a set of clouds, and the stacks on them. */
export class Engine {
  private constructor(
    readonly folder: string,
    private readonly pulumi: PulumiCommand,
    /** Of the command line, and of the plugins that it starts. */
    readonly env: Readonly<Record<string, string>>,
  ) {
    mkdirSync(this.workDir);
  }

  /** The folder of Pulumi's project. */
  get workDir(): string {
    return join(this.folder, "work");
  }

  /** Where the Automation API finds the command line. */
  get pulumiRoot(): string {
    return join(this.folder, "root");
  }

  /** @throws Error where the Pulumi command line was not built */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Engine> {
    const tools = findPulumi();
    if (tools === null) throw new Error("no pulumi: run npm run pulumi:tools, or set MESHFLAKE_TOOLS to its folder");
    const folder = mkdtempSync(join(tmpdir(), "meshflake-pulumi-"));
    mkdirSync(join(folder, "backend"));
    const bin = writePlugins(folder);
    for (const [name, shapes] of shapesOfAll()) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(EMPTY_CLOUD));
      writeFileSync(join(folder, `${name}.shapes.json`), shapes);
    }
    const pulumi = await PulumiCommand.get({ root: writePulumiRoot(folder, tools), skipVersionCheck: true });
    return new Engine(folder, pulumi, {
      PATH: [bin, process.env.PATH ?? ""].join(delimiter),
      PULUMI_BACKEND_URL: `file://${folder}/backend`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
      STAND_IN_FOLDER: folder,
      ...env,
    });
  }

  cloud(name: StandInName): Cloud {
    return new Cloud(join(this.folder, `${name}.json`));
  }

  async stack(name: string, program: PulumiFn, config: Config = {}): Promise<TestStack> {
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "meshflake", program },
      { pulumiCommand: this.pulumi, workDir: this.workDir, envVars: { ...this.env } },
    );
    const made = new TestStack(stack, config);
    await made.configure({});
    return made;
  }

  /** Everything that the backend keeps, as text. */
  readState(): string {
    const files = readdirSync(join(this.folder, "backend"), { recursive: true, withFileTypes: true });
    const texts = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    return texts.join("\n");
  }
}

/** A stack's settings: of the namespace `meshflake` where a key has none. */
export type Config = Readonly<Record<string, string>>;

/** One stack. Every operation says what the engine did, whether it failed or not. */
export class TestStack {
  constructor(
    readonly stack: Stack,
    private readonly config: Config,
  ) {}

  /** @param more settings beside those that the stack was made with, until the next call */
  async configure(more: Config): Promise<void> {
    const before = Object.keys(await this.stack.getAllConfig());
    if (before.length > 0) await this.stack.removeAllConfig(before);
    const all = Object.entries({ ...this.config, ...more });
    const named = all.map(([key, value]) => [key.includes(":") ? key : `meshflake:${key}`, { value }] as const);
    if (named.length > 0) await this.stack.setAllConfig(Object.fromEntries(named));
  }

  up(options: { replace?: string[] } = {}): Promise<Outcome> {
    return this.watch(async (settings) => {
      const { outputs } = await this.stack.up({ ...settings, ...options });
      return outputs;
    });
  }

  preview(options: { replace?: string[] } = {}): Promise<Outcome> {
    return this.watch(async (settings) => {
      await this.stack.preview({ ...settings, ...options });
      return {};
    });
  }

  refresh(): Promise<Outcome> {
    return this.watch(async (settings) => {
      await this.stack.refresh(settings);
      return {};
    });
  }

  private async watch(
    run: (settings: {
      onOutput: (text: string) => void;
      onEvent: (event: EngineEvent) => void;
      color: "never";
    }) => Promise<OutputMap>,
  ): Promise<Outcome> {
    let text = "";
    const steps: string[] = [];
    const counts: Counts = {};
    const onEvent = ({ resourcePreEvent }: EngineEvent) => {
      if (resourcePreEvent === undefined) return;
      const { op, urn, type } = resourcePreEvent.metadata;
      if (op === "same" || type.startsWith("pulumi:")) return;
      counts[op] = (counts[op] ?? 0) + 1;
      steps.push(`${op} ${type} ${urn.split("::").at(-1)}`);
    };
    const onOutput = (part: string) => {
      text += part;
    };
    const done = (outputs: OutputMap, error: string | null): Outcome => ({
      counts,
      text,
      outputs,
      steps: steps.sort(),
      error,
    });
    try {
      return done(await run({ onOutput, onEvent, color: "never" }), null);
    } catch (error) {
      return done({}, error instanceof Error ? error.message : String(error));
    }
  }
}

/** Where the Automation API looks for the command line: `bin/pulumi` below a folder. */
function writePulumiRoot(folder: string, tools: string): string {
  const bin = join(folder, "root/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\nexec '${join(tools, "pulumi")}' "$@"\n`, { mode: 0o755 });
  return dirname(bin);
}

/** Plugins are programs in the search path. @returns their folder */
function writePlugins(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const serve = join(root, "test/real/pulumi/stand-in/serve.ts");
  const loader = pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs"));
  for (const name of Object.keys(STAND_INS)) {
    const text = `#!/bin/sh\nexec '${process.execPath}' --import '${loader}' '${serve}' ${name} "$@"\n`;
    writeFileSync(join(bin, `pulumi-resource-${name}`), text, { mode: 0o755 });
  }
  return bin;
}
