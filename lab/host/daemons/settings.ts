import type { NixTree } from "../../../generators/model/input.js";
import { textAt, treeAt } from "../tree.js";

/** Consul's and Nomad's settings files, as nixpkgs' modules make them of `services.consul` and `services.nomad`. */

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

/** Folders of host volumes: made by tmpfiles.d or mounted on NixOS, and empty here. @param options the value of `services.nomad` */
export function volumeFolders(options: NixTree): string[] {
  const volumes = treeAt(options, "settings", "client", "host_volume");
  return Object.keys(volumes).map((name) => textAt(volumes, name, "path"));
}

/** No Docker: jobs are processes of the host. */
function nomadSettings(options: NixTree): NixTree {
  const settings = treeAt(options, "settings");
  const { docker: _, ...plugins } = treeAt(settings, "plugin");
  const isClient = treeAt(settings, "client").enabled === true;
  return {
    data_dir: "/var/lib/nomad",
    ...settings,
    ...(isClient && { plugin: { ...plugins, raw_exec: { config: { enabled: true } } } }),
  };
}

function printJson(value: NixTree): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
