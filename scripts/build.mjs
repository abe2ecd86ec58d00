#!/usr/bin/env node
import { bundle } from "./build/bundle.mjs";
import { generateSchemas, publishSchemas } from "./build/schema.mjs";
import { generateTemplates } from "./build/templates.mjs";
import { declareTypes } from "./build/types.mjs";

/**
 * Builds the package: generated modules beside the sources first (the tests need no more than these), then `dist/`.
 * `--generate-only` stops after the generated modules. Steps whose inputs did not change are skipped.
 */
await Promise.all([generateSchemas(), generateTemplates()]);
if (!process.argv.includes("--generate-only")) {
  await Promise.all([bundle(), declareTypes(), publishSchemas()]);
}
