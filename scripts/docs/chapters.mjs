/** How docs/reference.md is ordered, and what things are called there. */

/** Chapters, and the interfaces whose fields they list. Every interface of input.ts has to appear, or else this fails. */
export const CHAPTERS = [
  [
    "The fleet",
    "`defineFleet({ … })` in `hosts/fleet.ts`.",
    ["FleetInput", "AdminInput", "SiteInput", "MeshInput", "ZoneInput"],
  ],
  ["Clusters and their services", "", ["ClusterInput", "FleetConsulInput", "FleetNomadInput", "FleetDnsInput"]],
  ["Devices and rollouts", "", ["DeviceInput", "DeployInput"]],
  ["Hosts", "What the builder of every platform takes.", ["CommonHostInput", "AddressInput", "HostMeshInput"]],
  ["Nomad on a host", "", ["HostNomadInput", "HostVolumeInput", "HostNetworkInput", "ReservedInput"]],
  ["Consul on a host", "", ["HostConsulInput", "ConsulServiceInput", "ConsulCheckInput"]],
  [
    "The rest of a host",
    "",
    ["HostDnsInput", "FirewallInput", "PortsInput", "DiskInput", "UserInput", "NixExpression"],
  ],
  [
    "Secrets of services",
    "Declared in a host file, for a cluster or for the fleet; the value comes from `meshflake secrets set`.",
    ["SecretInput", "SharedSecretInput"],
  ],
  [
    "Platforms",
    "Each builder of the fleet takes these beside the fields of all hosts.",
    [
      "RaspberryPiInput",
      "ProxmoxInput",
      "ProxmoxLxcInput",
      "ProxmoxMountInput",
      "LxcFeaturesInput",
      "ProxmoxVmInput",
      "HetznerVmInput",
      "HetznerVolumeInput",
      "ContaboVmInput",
      "BareMetalInput",
    ],
  ],
  ["Environments", "`fleet.environment({ … })` in `hosts/environments/NAME.ts`.", ["EnvironmentInput"]],
];

/** Interfaces that only exist for the type checker. */
export const UNLISTED = new Set(["HostNames", "NixTree", "PlatformInputs", "HostOverride"]);

/** What interfaces are called here, where their name less `Input` would not do. */
export const TITLES = {
  CommonHostInput: "All hosts",
  ConsulCheckInput: "A check",
  ConsulServiceInput: "A service",
  FleetConsulInput: "Consul of a fleet",
  FleetDnsInput: "DNS of a fleet",
  FleetInput: "Fleet",
  FleetNomadInput: "Nomad of a fleet",
  HostConsulInput: "Consul of a host",
  HostDnsInput: "DNS of a host",
  HostMeshInput: "Place in the mesh",
  HostNomadInput: "Nomad of a host",
  HostNetworkInput: "A host network",
  HostVolumeInput: "A host volume",
  LxcFeaturesInput: "Features of an LXC",
  NixExpression: "An expression",
  ProxmoxInput: "proxmoxLxc and proxmoxVm",
  ProxmoxMountInput: "A mount",
  HetznerVolumeInput: "A Hetzner volume",
  ReservedInput: "Reserved resources",
  SecretInput: "A secret",
  SharedSecretInput: "A shared secret",
};

/** Type parameters, in words. */
export const NAMES = { Site: "site name", Cluster: "cluster name", Host: "host name", HostName: "host name" };
