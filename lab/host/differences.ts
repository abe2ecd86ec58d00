/**
 * Where a lab's host knowingly differs from the NixOS host, and why: the only such list. What it does not name is equal; a test
 * evaluates the reference fleet with Nix and holds both against each other. Options that a host sets by itself (`nixos`, `imports`)
 * are Nix, which a lab does not evaluate, and own secrets are never opened: neither is in any lab.
 */

export interface Difference {
  /**
   * Matches what differs, written as `file:PATH`, `file:PATH:KEY`, `rules:TABLE`, `sysctl:NAME`, `networkd:UNIT`,
   * `unit:NAME` or `unit:NAME:SETTING`.
   */
  readonly where: RegExp;
  readonly why: string;
  /** Whether the reference fleet shows it. @default true */
  readonly reference?: boolean;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    where: /^file:\/etc\/nomad\.json:plugin\.docker\./,
    why: "no lab runs Docker: it wants a machine's own kernel settings, and hundreds of megabytes a host",
  },
  {
    where: /^file:\/etc\/nomad\.json:plugin\.raw_exec\./,
    why: "jobs have to run somehow without Docker: as plain processes of the host",
  },
  {
    where: /^file:\/etc\/unbound\/unbound\.conf:server\.trust-anchor$/,
    why: "the root zone of a lab's internet is its own, and signed by nobody",
  },
  {
    where: /^file:\/etc\/unbound\/unbound\.conf:server\.tls-cert-bundle$/,
    why: "the upstream resolver's certificate comes from the lab's own authority",
  },
  {
    where: /^file:\/etc\/nsswitch\.conf$/,
    why: "the modules that systemd adds are not there",
  },
  {
    where: /^file:\/etc\/(passwd|group)$/,
    why: "NixOS writes accounts when it boots; in a lab all of them are root, since one without root has no other",
  },
  {
    where: /^file:\/etc\/consul-addrs\.json$/,
    why: "NixOS's unit writes it, always the same, before each start",
  },
  {
    where:
      /^file:\/etc\/(bash|binfmt\.d|cni|dbus-1|default|environment\.d|fonts|fstab|gai\.conf|host\.conf|inputrc|issue|kbd|locale|localtime|login\.defs|lsb-release|lvm|man_db|mdadm|modprobe\.d|modules-load\.d|mtab|nanorc|netgroup|nix\/|nscd|os-release|pam|pki|profile|protocols|resolvconf\.conf|rpc|services|set-environment|shells|ssh\/|ssl\/|sudoers|sysctl\.d|systemd\/|terminfo|tmpfiles\.d|udev|vconsole|zoneinfo|zfs)/,
    why: "of a whole machine: its boot, its logins, its devices; programs read the machine's that the lab runs on",
  },
  {
    where: /^sysctl:(fs|kernel|vm|net\.core)\./,
    why: "there is one of these for the whole machine, which is not the lab's to change",
  },
  {
    where: /^sysctl:net\.(ipv4\.ping_group_range|ipv6\.conf\.default\.use_tempaddr)$/,
    why: "root may ping anyway, and addresses of the lab's world come from no router advertisement of the kernel's",
  },
  {
    where: /^unit:networkd-endpoints(:|$)/,
    why: "networkd looks the names of endpoints up by itself, and again until they resolve",
    reference: false,
  },
  {
    where: /^unit:(docker|sshd|host-identity)$/,
    why: "no Docker, no logins, and secrets that lie there from the beginning",
  },
  {
    where: /^unit:[^:]+:(ExecReload|ExecStop|Type|NotifyAccess|RemainAfterExit|TimeoutStartSec|KillMode)$/,
    why: "how systemd waits for a service and ends it: the lab's supervisor has one way for all",
  },
  {
    where:
      /^unit:[^:]+:(User|Group|DynamicUser|SupplementaryGroups|PermissionsStartOnly|ReadWritePaths|ConfigurationDirectory|.*Capabilities|CapabilityBoundingSet|.*Privileges|Private.*|Protect.*|Proc.*|Restrict.*|Lock.*|SystemCall.*|Memory.*|Limit.*|OOM.*|TasksMax)$/,
    why: "sandboxes and limits of systemd's; every account is root",
  },
  {
    where: /^unit:[^:]+:after$/,
    why: "targets, and units that a lab does not have; daemons start at once, and find each other as on a host",
  },
  {
    where: /^unit:bird:ExecStart$/,
    why: "in the foreground, since the lab's supervisor follows nobody into the background",
  },
  {
    where: /^unit:nomad:ExecStart$/,
    why: "no folder of plugins: nixpkgs' is empty",
  },
  {
    where: /^unit:consul:preStart$/,
    why: "nixpkgs' part looks up addresses of interfaces, of which no host names any",
  },
];

/** The difference that explains what differs; undefined where none does. */
export function explain(where: string): Difference | undefined {
  return DIFFERENCES.find((one) => one.where.test(where));
}
