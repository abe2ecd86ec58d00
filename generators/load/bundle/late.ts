import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Large CommonJS packages, loaded when they are first needed. `import()` would look through their whole text for the names of
 * their exports before: for esbuild that is 40 of 50 milliseconds, for TypeScript much more.
 */

export const loadEsbuild = (): typeof import("esbuild") => require("esbuild");

export const loadTypeScript = (): typeof import("typescript") => require("typescript");

export const loadTsMorph = (): typeof import("ts-morph") => require("ts-morph");
