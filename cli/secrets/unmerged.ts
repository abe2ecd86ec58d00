import { UserError } from "../../generators/model/problem.js";
import { type SecretSpec, secretFile } from "../../generators/model/secrets.js";
import { isUnmerged, takeSide } from "../../generators/secrets/disk/whole.js";
import type { Secrets } from "./session.js";
import { envOf } from "./steps.js";

/**
 * Stops where git left both sides of a secret in its file.
 * @param data what is in the file
 * @throws UserError with what to run
 */
export function requireMerged(secrets: Secrets, spec: SecretSpec, data: Uint8Array): void {
  if (!isUnmerged(Buffer.from(data).toString("latin1"))) return;
  const path = secretFile(secrets.fleet.environment, spec.name);
  const { unmerged } = secrets.state;
  const others = [...unmerged.keys()].filter((name) => name !== spec.name).length;
  const side = unmerged.get(spec.name) ?? "ours";
  const more = others === 0 ? "" : `, and so ${others === 1 ? "has one other file" : `have ${others} other files`}`;
  const rekey = `meshflake secrets rekey ${others === 0 ? spec.name : "--all"}${envOf(secrets)}`;
  throw new UserError(
    `${path} has git's conflict markers${more}: both branches changed it`,
    takeSide(path, side, rekey),
    1,
  );
}
