import type { Rule } from "../../generators/validate/rule.js";
import { ALL_RULES, readExpected } from "../../test/rules/repositories.js";

/** The text of docs/rules.md. */

const HEAD = `<!-- Written by \`npm run docs\` from generators/validate/rules; do not edit. -->

# Rules

\`meshflake check\` tries these ${ALL_RULES.length} rules on every fleet, and reports everything that it finds at once:

\`\`\`
hosts/lax1.ts:7:9  mesh.port: what is wrong. Hint: what to do. error[code]
\`\`\`

An **error** stops every command before anything is written. A **warning** does not; \`--strict\` makes warnings errors, and
\`accept: { "code": "why" }\` in the fleet file silences one that the fleet lives with. The code in brackets is stable.
Types, unknown fields and values of the wrong kind are found before, by the editor and by the JSON Schema.
`;

function formatContents(rules: readonly Rule[]): string {
  const rows = rules.map(({ code, severity, title }) => `| [\`${code}\`](#${code}) | ${severity} | ${title} |`);
  return ["| code | severity | what must hold |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The first line that the rule's fixture expects of it. */
function findExample(code: string): string {
  const line = readExpected(code)
    .split("\n")
    .find((text) => text.endsWith(`[${code}]`));
  if (line === undefined) throw new Error(`no example of ${code} in its fixture's expected.txt`);
  return line;
}

function formatRule({ code, severity, title, why }: Rule): string {
  return `## ${code}\n\n**${title}** (${severity}).\n\n${why}\n\n\`\`\`\n${findExample(code)}\n\`\`\`\n`;
}

/** @throws Error where a rule has no example */
export function formatRules(): string {
  return [HEAD, `${formatContents(ALL_RULES)}\n`, ...ALL_RULES.map(formatRule)].join("\n");
}
