/**
 * The provider as Pulumi keeps it in a stack's state: the text of a CommonJS module, which its process for dynamic providers evaluates.
 *
 * Written by hand instead of by Pulumi's serialiser of closures, for three reasons: that loads the TypeScript compiler, which alone takes
 * longer than all else that the program does; the text would change with every build, and show up as an update of every instance; and what
 * runs is then the code of the installed version, also for what an older one left in the state.
 *
 * The package is searched from the folder of `Pulumi.yaml`, which is where that process works.
 */
export const PROVIDER_TEXT = `exports.handler = () => {
  const path = require("node:path").join(process.cwd(), "package.json");
  const file = require("node:module").createRequire(path).resolve("meshflake/pulumi/contabo");
  const provider = import(require("node:url").pathToFileURL(file).href).then((module) => module.contaboProvider);
  const call = (method) => async (...args) => (await provider)[method](...args);
  return Object.fromEntries(["check", "diff", "create", "read", "update", "delete"].map((method) => [method, call(method)]));
};
`;
