#!/usr/bin/env node
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Project, SyntaxKind } from "ts-morph";
import { CHAPTERS, NAMES, TITLES, UNLISTED } from "./docs/chapters.mjs";

/**
 * Writes docs/reference.md: every field that a person may write, out of the JSDoc of the input interfaces.
 * `--check` writes nothing and exits with 3 where the file is not up to date.
 */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const OUTPUT = "docs/reference.md";

const SHOWN_ALIASES = [
  "Uplink",
  "Driver",
  "Architecture",
  "Duration",
  "Port",
  "Count",
  "Mtu",
  "ZoneProvider",
  "DeviceFile",
  "NixValue",
];

const project = new Project({ tsConfigFilePath: join(ROOT, "tsconfig.json"), skipAddingFilesFromTsConfig: true });
const input = project.addSourceFileAtPath(join(ROOT, "generators/model/input.ts"));
const vocabulary = project.addSourceFileAtPath(join(ROOT, "generators/model/vocabulary.ts"));
const listed = CHAPTERS.flatMap(([, , names]) => names);
const aliases = new Map(
  [...vocabulary.getTypeAliases(), ...input.getTypeAliases()].map((alias) => [alias.getName(), alias]),
);

function titleOf(name) {
  if (TITLES[name] !== undefined) return TITLES[name];
  const short = name.replace(/Input$/, "");
  return ["RaspberryPi", "ProxmoxLxc", "ProxmoxVm", "HetznerVm", "ContaboVm", "BareMetal"].includes(short)
    ? short[0].toLowerCase() + short.slice(1)
    : short;
}

/** GitHub's anchor of a heading. */
function anchorOf(name) {
  return titleOf(name)
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replace(/ /g, "-");
}

/** @returns a doc comment as one paragraph, links as code */
function textOf(doc) {
  const text = doc?.getCommentText() ?? "";
  return text
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s*\n\s*/g, " ")
    .trim();
}

function describe(node) {
  const docs = node.getJsDocs();
  const doc = docs[docs.length - 1];
  const tags = new Map((doc?.getTags() ?? []).map((tag) => [tag.getTagName(), tag.getCommentText()?.trim() ?? ""]));
  return { text: textOf(doc), tags };
}

/** A value range that the JSDoc of a field or of its type gives. */
function rangeOf({ tags }) {
  const [least, most] = [tags.get("minimum"), tags.get("maximum")];
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  return least === undefined ? "" : `at least ${least}`;
}

/** @returns a type as a person reads it: Markdown, with links to the interfaces listed here */
function showType(node) {
  const kind = node.getKind();
  if (kind === SyntaxKind.ArrayType) {
    const inner = showType(node.asKindOrThrow(SyntaxKind.ArrayType).getElementTypeNode());
    return `list of ${inner}`;
  }
  if (kind === SyntaxKind.ParenthesizedType) return showType(node.asKindOrThrow(kind).getTypeNode());
  if (kind === SyntaxKind.UnionType) {
    return node.asKindOrThrow(SyntaxKind.UnionType).getTypeNodes().map(showType).join(" or ");
  }
  if (kind === SyntaxKind.MappedType) return showMapped(node.asKindOrThrow(SyntaxKind.MappedType));
  if (kind !== SyntaxKind.TypeReference) return showOther(node.getText());
  return showReference(node.asKindOrThrow(SyntaxKind.TypeReference));
}

/** Literals and keywords, and the one indexed type: of what values a constant list holds. */
function showOther(text) {
  const constant = /^\(typeof (\w+)\)\[number\]$/.exec(text)?.[1];
  if (constant === undefined) return `\`${text}\``;
  return constantsOf(constant)
    .map((value) => `\`${value}\``)
    .join(" or ");
}

function constantsOf(name) {
  const declaration = input.getVariableDeclaration(name) ?? vocabulary.getVariableDeclarationOrThrow(name);
  return declaration.getDescendantsOfKind(SyntaxKind.StringLiteral).map((literal) => literal.getText());
}

function showMapped(node) {
  const key = NAMES[node.getTypeParameter().getConstraintOrThrow().getText()] ?? "name";
  return `for each ${key}: ${showType(node.getTypeNodeOrThrow())}`;
}

function showReference(node) {
  const name = node.getTypeName().getText();
  const given = node.getTypeArguments();
  if (NAMES[name] !== undefined) return NAMES[name];
  if (name === "Record") return `for each ${NAMES[given[0].getText()] ?? "name"}: ${showType(given[1])}`;
  if (name === "Partial") return `any fields of ${showType(given[0])}`;
  if (name === "HostInput") return "a builder's result";
  if (name === "HostOverride") return "fields of a host";
  if (name === "NixTree") return "options, as a tree";
  if (listed.includes(name)) return `[${titleOf(name)}](#${anchorOf(name)})`;
  return aliases.has(name) ? `[${name}](#${name.toLowerCase()})` : `\`${name}\``;
}

/** @returns a table cell: bars would end it */
function cell(text) {
  return text.replace(/\|/g, "\\|");
}

/** What the type says about itself, for a field that says nothing. */
function explainType(node) {
  const declaration = input.getInterface(node.getText().replace(/<.*/, ""));
  return declaration === undefined ? "" : describe(declaration).text;
}

function listField(property) {
  const own = describe(property);
  const range = rangeOf(own);
  const fallback = own.tags.get("default");
  const type = showType(property.getTypeNodeOrThrow());
  const required = property.hasQuestionToken() ? (fallback === undefined ? "" : showDefault(fallback)) : "**required**";
  const meaning = [
    own.text || explainType(property.getTypeNodeOrThrow()),
    range && `From ${range}.`.replace("From at", "At"),
  ]
    .filter(Boolean)
    .join(" ");
  return `| \`${property.getName()}\` | ${cell(type)} | ${cell(meaning)} | ${cell(required)} |`;
}

/** Values as code, prose as it is. */
function showDefault(text) {
  return /^(".*"|\[.*\]|true|false|[\d.]+)$/.test(text) ? `\`${text}\`` : text;
}

function listInterface(name) {
  const declaration = input.getInterfaceOrThrow(name);
  const bases = declaration.getExtends().map((base) => base.getExpression().getText());
  const beside = bases
    .filter((base) => base !== "CommonHostInput")
    .map((base) => `[${titleOf(base)}](#${anchorOf(base)})`);
  return [
    `### ${titleOf(name)}`,
    "",
    [describe(declaration).text, beside.length > 0 ? `Beside the fields of ${beside.join(" and ")}.` : ""]
      .join(" ")
      .trim(),
    "",
    "| Field | Type | Meaning | Default |",
    "| --- | --- | --- | --- |",
    ...declaration.getProperties().map(listField),
    "",
  ];
}

/** Types that are not interfaces: words, numbers in a range, strings of a form. */
function listAlias(name) {
  const alias = aliases.get(name);
  const constant = /^\(typeof (\w+)\)\[number\]$/.exec(alias.getTypeNodeOrThrow().getText())?.[1];
  const { tags } = describe(alias);
  const documented = [alias, ...(constant === undefined ? [] : [vocabulary.getVariableStatementOrThrow(constant)])];
  const text = documented.map((node) => node.getJsDocs()[0]?.getCommentText()?.trim()).find(Boolean) ?? "";
  const words =
    constant === undefined || text.includes("\n- ") ? [] : constantsOf(constant).map((word) => `\`${word}\``);
  const range = rangeOf({ tags }).replace(/^(.)(.*)$/, (_, first, rest) => `${first.toUpperCase()}${rest}.`);
  const parts = [text, words.length > 0 ? `One of ${words.join(", ")}.` : "", range].filter(Boolean);
  return [`### ${name}`, "", ...parts.flatMap((part) => [part, ""])];
}

function isSame(a, b) {
  return a.toLowerCase() === b.toLowerCase();
}

function render() {
  const missing = input
    .getInterfaces()
    .map((each) => each.getName())
    .filter((name) => !listed.includes(name) && !UNLISTED.has(name));
  if (missing.length > 0) throw new Error(`no chapter lists ${missing.join(", ")}: add it to CHAPTERS`);
  const headings = [...CHAPTERS.map(([title]) => title), ...listed.map(titleOf), ...SHOWN_ALIASES];
  const twice = headings.filter((each, index) => headings.findIndex((other) => isSame(each, other)) < index);
  if (twice.length > 0) throw new Error(`two headings share an anchor: ${twice.join(", ")}`);
  return [
    "# Reference",
    "",
    "Every field of the fleet file, of host files and of environments. Made from the interfaces in",
    "`generators/model/input.ts` by `npm run docs`; an editor shows the same text on hover.",
    "",
    ...CHAPTERS.map(([title]) => `- [${title}](#${title.toLowerCase().replace(/ /g, "-")})`),
    "- [Values](#values)",
    "",
    ...CHAPTERS.flatMap(([title, intro, names]) => [
      `## ${title}`,
      "",
      ...(intro === "" ? [] : [intro, ""]),
      ...names.flatMap(listInterface),
    ]),
    "## Values",
    "",
    ...SHOWN_ALIASES.flatMap(listAlias),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

const text = render();
if (process.argv.includes("--check")) {
  if (readFileSync(join(ROOT, OUTPUT), "utf8") !== text) {
    console.error(`${OUTPUT} is not up to date: run npm run docs`);
    process.exitCode = 3;
  }
} else writeFileSync(join(ROOT, OUTPUT), text);
