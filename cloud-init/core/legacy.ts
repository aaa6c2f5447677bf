import type { Finding, Path } from "@vsix/shared/fabric/fault.ts";

/** What became of each key of the original `vsixpi.yml`, all of which stood under `user_data`. `*`: any item of a list. */
export const REPLACED: readonly (readonly [key: string, by: string])[] = [
  ["project.login_name", "`claim`: the application, and with it its owner, is known by its claim token"],
  ["system.hostname", "`system.hostname`"],
  ["system.username", "`system.users[].name`"],
  ["system.password", "`system.users[].passwordHash`"],
  ["system.ssh_login.github_ids", "`system.users[].githubIds`"],
  ["system.ssh_login.public_keys", "`system.users[].sshKeys`"],
  ["tunnel.myself.address", "nothing: the router finds its own address, and follows it when it changes"],
  ["tunnel.providers.*.endpoint", "nothing: the controller says where tunnels lead, once `claim` was used"],
  ["tunnel.providers.*.prefix", "nothing: the controller says which prefix belongs to a tunnel"],
  ["access_service.wifi.ssid", "`lan.wifi.ssid`"],
  ["access_service.wifi.passphrase", "`lan.wifi.passphrase`"],
  ["access_service.wifi.channel", "`lan.wifi.channel`, and `lan.wifi.country` with it"],
  ["access_service.wifi.use_11ac", "`lan.wifi.ac`"],
  ["access_service.ethernet.built_in.vlan_id", "`lan.ethernet.vlan`: { port: eth0, id: … }"],
  ["access_service.ethernet.usb_adapters.*.alias", "`lan.ethernet.adapters[].name`"],
  ["access_service.ethernet.usb_adapters.*.mac_address", "`lan.ethernet.adapters[].mac`"],
  [
    "access_service.router_adv.lifetime.valid",
    "nothing: lifetimes are those of RFC 9096, told by the controller",
  ],
  [
    "access_service.router_adv.lifetime.preferred",
    "nothing: lifetimes are those of RFC 9096, told by the controller",
  ],
  ["access_service.router_adv.nameservers", "nothing: resolvers are `services.resolver` of the fabric file"],
  ["access_service.mtu", "nothing: the MTU of a tunnel is in the fabric file, and hosts are told it"],
  ["access_service.mss", "nothing: SYNs are clamped to the tunnel's MTU"],
  ["maintenance.auto_reconf", "nothing: changes come from the controller, signed, as they are made"],
  ["maintenance.auto_upgrade", "`system.upgrades`: automatic or none"],
];

const ROOT = "user_data";
const NOTHING = "nothing: ";

/** An original file, read as what it is: for each of its keys, what is written instead. Undefined for any other file. */
export function legacyFindings(value: unknown): readonly Finding[] | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, ROOT)) return undefined;
  const findings: Finding[] = [
    {
      path: [ROOT],
      at: "key",
      message:
        "this is a file of the original vsixpi; the new one begins with `version: 1` and `kind: pi` (see examples/home.yaml)",
    },
  ];
  walk((value as Record<string, unknown>)[ROOT], [], findings);
  return findings;
}

function walk(value: unknown, at: Path, findings: Finding[]): void {
  const name = at.map((step) => (typeof step === "number" ? "*" : step)).join(".");
  const path = [ROOT, ...at];
  const known = REPLACED.find(([key]) => key === name);
  if (known !== undefined) {
    const [, by] = known;
    const words = by.startsWith(NOTHING)
      ? `is not written any more: ${by.slice(NOTHING.length)}`
      : `is now ${by}`;
    findings.push({ path, at: "key", message: `\`${name}\` ${words}` });
    return;
  }
  if (at.length > 0 && !REPLACED.some(([key]) => key.startsWith(`${name}.`))) {
    findings.push({ path, at: "key", message: `\`${name}\` was no key of vsixpi.yml either` });
    return;
  }
  if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(item, [...at, i], findings);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) walk(item, [...at, key], findings);
}
