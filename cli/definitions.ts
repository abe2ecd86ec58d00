import { CLOUD_COMMANDS } from "./definitions/cloud.js";
import { FLEET_COMMANDS } from "./definitions/fleet.js";
import { IMAGE_COMMAND } from "./definitions/image.js";
import { LAB_COMMAND } from "./definitions/lab.js";
import { MACHINE_COMMANDS } from "./definitions/machines.js";
import { SECRETS_COMMAND } from "./definitions/secrets.js";
import { SHELL_COMMANDS } from "./definitions/shell.js";
import { START_COMMANDS } from "./definitions/start.js";
import type { Definition } from "./definitions/types.js";

/** What commands there are, in the order of help. Their code is imported when one runs, so that none pays for another's imports. */
export const COMMANDS: readonly Definition[] = [
  ...START_COMMANDS,
  ...FLEET_COMMANDS,
  SECRETS_COMMAND,
  IMAGE_COMMAND,
  ...CLOUD_COMMANDS,
  ...MACHINE_COMMANDS,
  LAB_COMMAND,
  ...SHELL_COMMANDS,
];
