import { homedir } from "node:os";
import type { Test } from "uvu";
import { compileFleet } from "../../../generators/compile.js";
import { UserError } from "../../../generators/model/problem.js";
import { prepareMachine } from "../../../lab/client/start/programs.js";
import { planLab } from "../../../lab/plan.js";
import { makeFolder, PACKAGE, type Run, runCli } from "../../cli/process.js";

/** Labs in tests: the built command boots them, beside whatever labs a person has. */

/** Why this machine cannot run a lab of the reference fleet; null where it can. */
async function whyNoLab(): Promise<string | null> {
  try {
    await prepareMachine(planLab(await compileFleet(PACKAGE), { name: "probe" }));
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const why = await whyNoLab();

/** Adds tests to a suite that are tried where labs can run; the runner counts those that only say they are not. */
export function onLab(suite: Test) {
  return (name: string, run: () => Promise<void> | void): void =>
    suite(name, async () => {
      if (why === null) await run();
      else console.log(`not tried: ${name}: ${why}`);
    });
}

/** Labs of one test file, in a folder of their own. */
export class Labs {
  readonly env: Readonly<Record<string, string>>;

  /** @param root the fleet's repository */
  constructor(private readonly root = PACKAGE) {
    this.env = {
      // Where tools are that `npm run lab:tools` built.
      HOME: homedir(),
      XDG_RUNTIME_DIR: makeFolder(),
      ...(process.env.MESHFLAKE_TOOLS !== undefined && { MESHFLAKE_TOOLS: process.env.MESHFLAKE_TOOLS }),
    };
  }

  /** Runs `meshflake lab ARGS`. */
  run(...args: string[]): Promise<Run> {
    return runCli(["lab", ...args], { cwd: this.root, env: this.env });
  }

  /** Like `run`. @returns what it printed @throws Error where it fails, with what it said */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`lab ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }
}
