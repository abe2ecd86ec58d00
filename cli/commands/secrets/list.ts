import { adminsOf } from "../../../generators/model/made-for.js";
import { type SecretSpec, secretFile, secretsFolder } from "../../../generators/model/secrets.js";
import { readersOf } from "../../../generators/plan/secrets.js";
import { FolderGuard } from "../../../generators/tree/paths.js";
import type { Colors, CommandResult, Context } from "../../context.js";
import { describeDrift } from "../../secrets/audit/drift.js";
import { dateFiles, type FileDate } from "../../secrets/list/dates.js";
import { type SecretStateName, statesOf } from "../../secrets/list/states.js";
import { checkOwner } from "../../secrets/names.js";
import { openSecrets, type Secrets } from "../../secrets/session.js";
import { formatColumns } from "../../terminal/columns.js";
import { joinNames } from "../../terminal/words.js";

interface Row {
  readonly spec: SecretSpec;
  readonly file: string;
  /** Null where it has no file yet. */
  readonly readers: readonly string[] | null;
  readonly since: FileDate | null;
  readonly states: readonly SecretStateName[];
}

async function listRows(secrets: Secrets, of: string | undefined): Promise<Row[]> {
  const { root, fleet, lock } = secrets;
  const specs = [...secrets.specs.values()].filter((spec) => of === undefined || spec.of === of);
  const files = specs.map(({ name }) => secretFile(fleet.environment, name));
  const folder = secretsFolder(fleet.environment);
  const dates = await dateFiles(root, of === undefined ? folder : `${folder}/${of}`, files);
  const guard = new FolderGuard(root);
  return specs.map((spec) => {
    const file = secretFile(fleet.environment, spec.name);
    const states = statesOf(secrets, guard, spec);
    return { spec, file, readers: readersOf(lock, spec), since: dates.get(file) ?? null, states };
  });
}

/** Those of a secret that has no file are those who will read it. */
function formatReaders(spec: SecretSpec, readers: Row["readers"], dim: Colors["dim"]): string {
  const hosts = readers ?? spec.readers;
  if (hosts.length === 0) return dim("admins only");
  return readers === null ? `${hosts.join(", ")} ${dim("(once it has a value)")}` : hosts.join(", ");
}

function formatRow({ spec, readers, since, states }: Row, { green, yellow, dim }: Colors): string[] {
  const date =
    since === null ? dim("-") : `${since.date.slice(0, 10)}${since.from === "disk" ? dim(" (not committed)") : ""}`;
  const state = states.length === 0 ? green("made") : yellow(states.join(", "));
  return [spec.name, state, date, formatReaders(spec, readers, dim)];
}

function formatRows(rows: readonly Row[], admins: readonly string[], drift: readonly string[], colors: Colors): string {
  if (rows.length === 0) return "there are no secrets";
  const cells = rows.map((row) => formatRow(row, colors));
  const [titles = "", ...lines] = formatColumns([["SECRET", "STATE", "SINCE", "HOSTS THAT READ IT"], ...cells]);
  const but = drift.map((message) => colors.yellow(`${message}.`));
  const all = but.length > 0 ? "all of them but for what follows" : "all of them";
  const others = admins.length === 0 ? [] : ["", `Admins read ${all}: ${joinNames(admins)}.`, ...but];
  return [colors.dim(titles), ...lines, ...others].join("\n");
}

export async function run(context: Context, [of]: readonly string[]): Promise<CommandResult> {
  const secrets = await openSecrets(context);
  const { fleet, lock, problems } = secrets;
  if (of !== undefined) checkOwner(fleet, of);
  const rows = await listRows(secrets, of);
  const admins = Object.keys(lock.admins ?? adminsOf(fleet)).sort();
  const drift = describeDrift(secrets).map(({ message }) => message);
  return {
    exitCode: 0,
    text: () => formatRows(rows, admins, drift, context.colors),
    data: () => ({
      environment: fleet.environment,
      ...{ admins, adminDrift: drift },
      secrets: rows.map(({ spec, file, readers, since, states }) => ({
        ...{ name: spec.name, kind: spec.kind, file, readers: readers ?? [], wanted: spec.readers },
        ...{ since: since?.date ?? null, committed: since?.from === "commit", states },
      })),
    }),
    problems,
  };
}
