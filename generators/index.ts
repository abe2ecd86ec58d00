/** The public API: what host files import from `meshflake`. */
export { type Builders, defineFleet, type FleetDefinition, nix } from "./model/define.js";
export type * from "./model/input.js";
export type * from "./model/vocabulary.js";
