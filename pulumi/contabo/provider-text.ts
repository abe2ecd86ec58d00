/**
 * The provider as Pulumi keeps it in a stack's state: the text of a CommonJS module, which its process for dynamic providers evaluates.
 *
 * Written by hand instead of by Pulumi's serialiser of closures, for three reasons: that loads the TypeScript compiler, which takes longer
 * than all else that the program does; the text would change with every build, and show up as an update of every instance; and what runs is
 * then the code of the installed version, also for what an older one left in the state.
 *
 * That process works in the folder of `Pulumi.yaml`. The package is searched from there, and from the repository above it, which may be
 * meshflake's own.
 */
export const PROVIDER_TEXT = `exports.handler = () => {
  const { join } = require("node:path");
  const { createRequire } = require("node:module");
  const find = (folder) => createRequire(join(folder, "package.json")).resolve("meshflake/pulumi/contabo");
  const findAny = (first, second) => {
    try { return find(first); } catch { return find(second); }
  };
  const url = () => require("node:url").pathToFileURL(findAny(process.cwd(), join(process.cwd(), ".."))).href;
  const load = async () => (await import(url())).contaboProvider;
  const call = (method) => async (...args) => (await load())[method](...args);
  return Object.fromEntries(["check", "diff", "create", "read", "update", "delete"].map((method) => [method, call(method)]));
};
`;
