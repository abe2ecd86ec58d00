import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";

/**
 * A preview in a process of its own, as a person starts one: `empty`, or `own` for the built program.
 *   node start.mjs own|empty STACK WORK_DIR PULUMI_ROOT REPOSITORY
 * The command line's environment is this process's.
 */
const [which, stackName, workDir, root, repository] = process.argv.slice(2);

const program = async () => {
  if (which === "empty") return {};
  const { deployFleet } = await import("meshflake/pulumi");
  return deployFleet({ root: repository });
};
const pulumiCommand = await PulumiCommand.get({ root, skipVersionCheck: true });
const stack = await LocalWorkspace.selectStack(
  { stackName, projectName: "meshflake", program },
  { pulumiCommand, workDir },
);
await stack.preview();
