import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, unlessUnchanged, writeFile } from "./files.mjs";

const FOLDER = "generators/render/templates";
const OUTPUT = "generators/render/generated/templates.js";
const SUFFIX = ".nix.hbs";

const DECLARATION = `import type { TemplateDelegate } from "handlebars";

/** The precompiled templates by name: \`templates/mesh.nix.hbs\` is \`mesh\`. */
export declare const templates: Record<string, TemplateDelegate>;
`;

/** Precompiles the Handlebars templates, so that at run time only Handlebars' runtime is loaded. */
export async function generateTemplates() {
  const folder = join(root, FOLDER);
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(SUFFIX))
        .sort()
    : [];
  const inputs = ["scripts/build/templates.mjs", "package-lock.json", ...names.map((name) => `${FOLDER}/${name}`)];
  await unlessUnchanged("templates", inputs, [OUTPUT], async () => {
    const { default: handlebars } = await import("handlebars");
    const entries = names.map((name) => {
      const code = handlebars.precompile(readFileSync(join(folder, name), "utf8"), { noEscape: true, strict: true });
      return `  ${JSON.stringify(name.slice(0, -SUFFIX.length))}: template(${code}),`;
    });
    const head = `import runtime from "handlebars/runtime.js";\n\nconst template = runtime.template;\n`;
    writeFile(OUTPUT, `${head}\nexport const templates = {\n${entries.join("\n")}\n};\n`);
    writeFile(OUTPUT.replace(/js$/, "d.ts"), DECLARATION);
  });
}
