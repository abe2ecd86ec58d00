import type { EnvironmentInput, FleetInput, HostInput } from "../../generators/model/input.js";

/** What JSON Schema is made of. The generator takes no generic type as a root, so each gets a name without parameters here. */
export interface SchemaRoots {
  fleet: FleetInput;
  host: HostInput;
  environment: EnvironmentInput;
}
