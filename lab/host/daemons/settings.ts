import type { NixTree } from "../../../generators/model/input.js";
import { treeAt } from "../tree.js";

/** Consul's and Nomad's settings files, as nixpkgs' modules make them of `services.consul` and `services.nomad`. */

/** Where host volumes lie in a lab. */
const VOLUMES = "/var/lib/volumes";

/** The text of /etc/consul.json. @param options the value of `services.consul` */
export function printConsul(options: NixTree): string {
  const settings = {
    data_dir: "/var/lib/consul",
    ui_config: { enabled: options.webUi === true },
    ...treeAt(options, "extraConfig"),
  };
  return printJson(settings);
}

/** The text of /etc/nomad.json. @param options the value of `services.nomad` */
export function printNomad(options: NixTree): string {
  return printJson(nomadSettings(options));
}

/** Folders that Nomad's client wants to find. @param options the value of `services.nomad` */
export function volumeFolders(options: NixTree): string[] {
  return Object.values(volumesOf(treeAt(options, "settings"))).map((volume) => String(treeAt(volume as NixTree).path));
}

/** No Docker: jobs are processes of the host. Their volumes are the lab's, never folders of the machine that it runs on. */
function nomadSettings(options: NixTree): NixTree {
  const settings = treeAt(options, "settings");
  const client = treeAt(settings, "client");
  const { docker: _, ...plugins } = treeAt(settings, "plugin");
  const volumes = volumesOf(settings);
  return {
    data_dir: "/var/lib/nomad",
    ...settings,
    ...(client.enabled === true && {
      client: { ...client, ...(Object.keys(volumes).length > 0 && { host_volume: volumes }) },
      plugin: { ...plugins, raw_exec: { config: { enabled: true } } },
    }),
  };
}

function volumesOf(settings: NixTree): NixTree {
  const volumes = Object.entries(treeAt(settings, "client", "host_volume"));
  return Object.fromEntries(
    volumes.map(([name, volume]) => [name, { ...treeAt(volume as NixTree), path: `${VOLUMES}/${name}` }]),
  );
}

function printJson(value: NixTree): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
