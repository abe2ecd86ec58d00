import type { Problem } from "../../generators/model/problem.js";
import type { CloudView } from "../plan/types.js";
import { stackProblem } from "./problem.js";

/** Whether the credentials that the providers need are there, and where they may be. Their values are never shown. */

/** Reads one of the stack's settings, or an environment variable. */
export type Lookup = (name: string) => string | undefined;

/** How long Hetzner's tokens are. The provider says so as well, but only after the first resources. */
const HETZNER_TOKEN_LENGTH = 64;

/** Settings that providers would keep in Pulumi's state, with what to use instead. */
const SECRET_SETTINGS = [
  ["hcloud:token", "HCLOUD_TOKEN"],
  ["proxmoxve:apiToken", "PROXMOX_VE_API_TOKEN"],
  ["proxmoxve:password", "PROXMOX_VE_PASSWORD"],
  ["proxmoxve:authTicket", "PROXMOX_VE_API_TOKEN"],
  ["proxmoxve:csrfPreventionToken", "PROXMOX_VE_API_TOKEN"],
  ["proxmoxve:otp", "PROXMOX_VE_API_TOKEN"],
  ["proxmoxve:ssh", "PROXMOX_VE_SSH_PASSWORD or PROXMOX_VE_SSH_PRIVATE_KEY"],
  ["cloudflare:apiToken", "CLOUDFLARE_API_TOKEN"],
  ["cloudflare:apiKey", "CLOUDFLARE_API_TOKEN"],
  ["cloudflare:apiUserServiceKey", "CLOUDFLARE_API_TOKEN"],
] as const;

/** Fields of settings that have others as well, such as the nodes' addresses in `proxmoxve:ssh`. */
const SECRET_FIELD = /password|privateKey/i;

/**
 * @param setting looks up a setting of the stack, e.g. `hcloud:token`
 * @param variable looks up an environment variable
 */
export function checkCredentials(view: CloudView, setting: Lookup, variable: Lookup): Problem[] {
  const uses = (platform: string) => view.machines.some((machine) => machine.platform === platform);
  const problems = SECRET_SETTINGS.filter(([key]) => isSecret(setting(key))).map(([key, name]) =>
    stackProblem(`the setting ${key} would be kept in Pulumi's state`, `pulumi config rm ${key}, and set ${name}`),
  );
  if (uses("hetznerVm") || view.zone?.provider === "hetzner") problems.push(...checkHetznerToken(variable));
  if (uses("proxmoxLxc") || uses("proxmoxVm")) problems.push(...checkProxmox(view, setting, variable));
  if (view.zone?.provider === "cloudflare" && !variable("CLOUDFLARE_API_TOKEN"))
    problems.push(stackProblem("CLOUDFLARE_API_TOKEN is not set", "make an API token that may edit the zone's DNS"));
  return problems;
}

/** @param value as Pulumi hands it out: an object as JSON */
function isSecret(value: string | undefined): boolean {
  return value !== undefined && (!value.startsWith("{") || SECRET_FIELD.test(value));
}

function checkHetznerToken(variable: Lookup): Problem[] {
  const token = variable("HCLOUD_TOKEN");
  const hint = "make an API token in Hetzner's console (Security, API tokens; read and write), and export it";
  if (!token) return [stackProblem("HCLOUD_TOKEN is not set", hint)];
  if (token.length === HETZNER_TOKEN_LENGTH) return [];
  return [stackProblem(`HCLOUD_TOKEN has ${token.length} characters instead of ${HETZNER_TOKEN_LENGTH}`, hint)];
}

function checkProxmox(view: CloudView, setting: Lookup, variable: Lookup): Problem[] {
  const problems: Problem[] = [];
  const endpoint = setting("proxmoxve:endpoint") ?? variable("PROXMOX_VE_ENDPOINT");
  if (!endpoint?.startsWith("https://"))
    problems.push(
      stackProblem("PROXMOX_VE_ENDPOINT is no https address", "set it to a node's, e.g. https://pve.example.org:8006/"),
    );
  const token = variable("PROXMOX_VE_API_TOKEN");
  const isLogin = Boolean(variable("PROXMOX_VE_USERNAME") && variable("PROXMOX_VE_PASSWORD"));
  if (!token && !isLogin)
    problems.push(
      stackProblem(
        "Proxmox has no credentials",
        "set PROXMOX_VE_API_TOKEN, or PROXMOX_VE_USERNAME and PROXMOX_VE_PASSWORD",
      ),
    );
  if (token || variable("PROXMOX_VE_USERNAME") !== "root@pam") problems.push(...refuseRootOnly(view));
  return problems;
}

/** Proxmox looks at the account's name: not even a token of root's own may do these things. */
function refuseRootOnly({ machines }: CloudView): Problem[] {
  return machines.flatMap((machine) => {
    if (!("needsRoot" in machine) || machine.needsRoot.length === 0) return [];
    return [
      stackProblem(
        `${machine.host}: Proxmox lets nobody but root@pam pass on ${machine.needsRoot.join(", ")}`,
        "set PROXMOX_VE_USERNAME=root@pam and its PROXMOX_VE_PASSWORD instead of a token, or take it out of the host file",
      ),
    ];
  });
}
