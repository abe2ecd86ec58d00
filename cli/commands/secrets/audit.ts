import type { Colors, CommandResult, Context } from "../../context.js";
import { auditFleet, type Finding } from "../../secrets/audit/findings.js";
import { auditHost, describeRotation, type HostKnowledge } from "../../secrets/audit/host.js";
import { openSecrets, type Secrets } from "../../secrets/session.js";
import { envOf } from "../../secrets/steps.js";
import { formatColumns } from "../../terminal/columns.js";
import { count } from "../../terminal/words.js";

export async function run(context: Context, [host]: readonly string[]): Promise<CommandResult> {
  const secrets = await openSecrets(context);
  return host === undefined ? showFleet(context, secrets) : showHost(context, secrets, auditHost(secrets, host));
}

function showFleet({ colors }: Context, secrets: Secrets): CommandResult {
  const findings = auditFleet(secrets);
  const must = findings.filter((finding) => finding.must);
  return {
    exitCode: must.length > 0 ? 1 : 0,
    text: () => formatFindings(findings, groupByFix(must).length, colors),
    data: () => ({ environment: secrets.fleet.environment, clean: must.length === 0, findings }),
    problems: secrets.problems,
  };
}

type Group = readonly [Finding, ...Finding[]];

/** Findings that one deed ends, in the order of the first of each. */
function groupByFix(findings: readonly Finding[]): readonly Group[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = `${finding.must} ${finding.fix}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

/** What is to be done about many secrets alike is one command. */
function formatFindings(findings: readonly Finding[], must: number, colors: Colors): string {
  const blocks = groupByFix(findings).map((group) => {
    const [{ must: red, fix }] = group;
    const mark = red ? colors.red("✗") : colors.yellow("!");
    return [...group.map(({ message }) => `${mark} ${message}`), `  ${colors.dim(fix)}`].join("\n");
  });
  const sum = must === 0 ? `${colors.green("✓")} nothing has to be done` : `${count(must, "thing")} to do`;
  return [...blocks, sum].join("\n");
}

function showHost({ colors }: Context, secrets: Secrets, knowledge: HostKnowledge): CommandResult {
  const { host, inFleet, known, owed, leaving } = knowledge;
  const open = inFleet ? owed.filter((name) => known.every((spec) => spec.name !== name)) : owed;
  const env = envOf(secrets);
  const next = [
    ...(known.length + owed.length === 0 ? [] : [`meshflake secrets rotate --host ${host}${env}`]),
    ...(leaving.length === 0
      ? []
      : [`once every host has the new values: meshflake secrets rotate ${leaving.join(" ")} --finish${env}`]),
  ];
  return {
    exitCode: owed.length + leaving.length > 0 ? 1 : 0,
    text: () => formatHost(knowledge, open, next, colors),
    data: () => ({
      ...{ environment: secrets.fleet.environment, host, inFleet },
      known: known.map((spec) => ({ name: spec.name, kind: spec.kind, rotation: describeRotation(spec, host) })),
      toRotate: owed,
      toFinish: leaving,
      next,
    }),
    problems: secrets.problems,
  };
}

function formatHost(
  { host, inFleet, known, owed, leaving }: HostKnowledge,
  open: readonly string[],
  next: readonly string[],
  { bold, red, green }: Colors,
): string {
  const rows = known.map((spec) => [`  ${spec.name}`, describeRotation(spec, host)]);
  return [
    ...(known.length > 0
      ? [bold(`Whoever has ${host} has ${count(known.length, "secret")}`), ...formatColumns(rows)]
      : []),
    ...(open.length > 0
      ? [bold(`${host} ${inFleet ? "could read earlier" : "knew when it left"}`), ...open.map((name) => `  ${name}`)]
      : []),
    ...(owed.length > 0 ? [`${red("✗")} ${count(owed.length, "secret")} to rotate`] : []),
    ...(leaving.length > 0
      ? [bold(`${host} knows the old value, which is still valid, of`), ...leaving.map((name) => `  ${name}`)]
      : []),
    ...(known.length + owed.length + leaving.length === 0
      ? [`${green("✓")} ${host} knows no secret that is still valid`]
      : []),
    ...(next.length > 0
      ? [`${inFleet && owed.length + leaving.length === 0 ? "If it is lost, or removed" : "Next"}: ${next.join("; ")}`]
      : []),
  ].join("\n");
}
