import type { FileSpec, UnitSpec } from "../../spec.js";

/** What systemd does for a service before and while it runs, as steps of a lab's unit. */

/** A service in systemd's own words. */
export interface Service {
  readonly name: string;
  /** `ExecStart`: a program and its arguments, or the text of a script. */
  readonly start: readonly string[] | string;
  /** The text of `ExecStartPre`, a script. */
  readonly preStart?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly restart: UnitSpec["restart"];
  /** `RestartSec`, in seconds. */
  readonly restartSec: number;
  readonly killSignal?: "SIGINT";
  readonly after?: readonly string[];
  /** `LoadCredential`: files by the names that the service knows them by. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** `RuntimeDirectory` and its mode: a folder below /run. */
  readonly runtime?: { readonly folder: string; readonly mode: string };
  /** `StateDirectory` and its mode: a folder below /var/lib. */
  readonly state?: { readonly folder: string; readonly mode: string };
  /** Folders that it wants to find: on NixOS, lines of tmpfiles.d and mounts. */
  readonly folders?: readonly string[];
  /** Files whose change starts it anew. */
  readonly triggers?: readonly string[];
  readonly reload?: NonNullable<UnitSpec["reload"]>;
  /** A timer: seconds after boot, and after each end. */
  readonly everySec?: number;
}

/** NixOS's folder of such scripts is in its store. */
const SCRIPTS = "/run/unit-scripts";

/** What NixOS puts before each script of a unit. */
const PRELUDE = "#!/usr/bin/env bash\nset -e\n";

/** A service as a unit of a lab, and the scripts that it runs. */
export function planUnit(service: Service): { readonly unit: UnitSpec; readonly files: readonly FileSpec[] } {
  const { name, start, preStart } = service;
  const files = [
    ...(typeof start === "string" ? [scriptFile(`${name}-start`, start)] : []),
    ...(preStart === undefined ? [] : [scriptFile(`${name}-pre-start`, preStart)]),
  ];
  return {
    unit: unitOf(
      service,
      files.map(({ path }) => path),
    ),
    files,
  };
}

function scriptFile(name: string, text: string): FileSpec {
  return { path: `${SCRIPTS}/${name}`, text: PRELUDE + text, mode: 0o555 };
}

function unitOf(service: Service, scripts: readonly string[]): UnitSpec {
  const { name, start, restart, restartSec, after = [], killSignal, reload, everySec } = service;
  const before = [...prepare(service), ...(service.preStart === undefined ? [] : [[`${SCRIPTS}/${name}-pre-start`]])];
  const triggers = [...(service.triggers ?? []), ...scripts];
  return {
    name,
    exec: typeof start === "string" ? [`${SCRIPTS}/${name}-start`] : start,
    ...(before.length > 0 && { before }),
    environment: environmentOf(service),
    restart,
    restartMs: restartSec * 1000,
    after,
    ...(everySec !== undefined && { everyMs: everySec * 1000 }),
    ...(killSignal !== undefined && { stopSignal: killSignal }),
    ...(triggers.length > 0 && { restartTriggers: triggers }),
    ...(reload !== undefined && { reload }),
  };
}

function credentialsFolder(name: string): string {
  return `/run/credentials/${name}.service`;
}

/** Folders, then copies of the credentials; one that is not there yet is a failed start, and is looked for again. */
function prepare({ name, credentials = {}, runtime, state, folders = [] }: Service): string[][] {
  const copies = Object.entries(credentials).map(([key, file]) => [
    ...["install", "-m", "0400"],
    ...[file, `${credentialsFolder(name)}/${key}`],
  ]);
  return [
    ...(runtime === undefined ? [] : [makeFolder(`/run/${runtime.folder}`, runtime.mode)]),
    ...(state === undefined ? [] : [makeFolder(`/var/lib/${state.folder}`, state.mode)]),
    ...folders.map((folder) => makeFolder(folder, "0755")),
    ...(copies.length === 0 ? [] : [makeFolder(credentialsFolder(name), "0700")]),
    ...copies,
  ];
}

function makeFolder(path: string, mode: string): string[] {
  return ["install", "-d", "-m", mode, path];
}

function environmentOf({ name, environment, credentials, runtime, state }: Service): Record<string, string> {
  return {
    ...environment,
    ...(credentials !== undefined && { CREDENTIALS_DIRECTORY: credentialsFolder(name) }),
    ...(runtime !== undefined && { RUNTIME_DIRECTORY: `/run/${runtime.folder}` }),
    ...(state !== undefined && { STATE_DIRECTORY: `/var/lib/${state.folder}` }),
  };
}
