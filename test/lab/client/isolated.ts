import { spawnSync } from "node:child_process";
import type { Test } from "uvu";

/** Tests that need namespaces, which not every machine gives to everybody. */

const OWN = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "true"];
const USER = ["--user", "--map-root-user"];

const works = (...options: string[]) => spawnSync("unshare", [...options, ...OWN]).status === 0;

/** Without a user namespace, as root. */
export const withRoot = process.getuid?.() === 0 && works();
export const withoutRoot = works(...USER);

/** @param possible whether this machine can run the tests that are added */
export function addWhere(possible: boolean, suite: Test) {
  return (name: string, run: () => Promise<void> | void): void =>
    suite(name, async () => {
      if (possible) await run();
      else console.log(`not tried, for want of namespaces: ${name}`);
    });
}
