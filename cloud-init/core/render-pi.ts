import { guardText } from "./guard.ts";
import { hostapdText } from "./hostapd.ts";
import { LAN, WIFI_DEVICE } from "./names.ts";
import type { SeedValues, WrittenFile } from "./render.ts";
import { agentFiles, START_AGENT } from "./render-agent.ts";
import { measureFiles, measureStart } from "./render-measure.ts";
import { pageFiles, START_PAGE } from "./render-page.ts";
import { resetFiles, START_RESET } from "./render-reset.ts";
import { plain, START_SYSTEM, secretFile, systemData, systemFiles } from "./render-system.ts";
import { supplicantText, uplinkFiles, uplinkNetwork } from "./render-uplink.ts";
import type { PiFile } from "./schema.ts";

/**
 * A home router as far as it takes to reach the controller; tunnels, prefixes, resolvers, Pref64 and lifetimes are in the document that it gets
 * there (agent/ACCESS.md, "A home router").
 */
export function piSeed(file: PiFile, node: string, secret: (path: string) => string): SeedValues {
  const { system, uplinks, access, lan, measure } = file;
  const { wifi } = lan;
  const wifiDevice = wifi?.interface ?? WIFI_DEVICE;
  const files: WrittenFile[] = [
    ...systemFiles(system),
    ...agentFiles({ node, claim: secret("claim"), lan: [LAN], seedStays: true }),
    ...uplinkFiles(uplinks),
    ...pageFiles(system.hostname),
    ...resetFiles(
      access.kind === "wireguard" ? access.devices.map(({ name }) => `/etc/wireguard/${name}.conf`) : [],
    ),
  ];
  const start: (readonly string[])[] = [...START_SYSTEM];
  if (lan.guard !== false) {
    files.push(
      plain("/etc/vsix/guard.nft", [guardText(access.kind === "wireguard" ? access.devices : [])]),
      plain("/etc/systemd/system/vsix-guard.service", GUARD_UNIT),
    );
    start.push(["systemctl", "enable", "--now", "vsix-guard.service"]);
  }
  if (wifi !== undefined) {
    files.push(
      secretFile(
        `/etc/hostapd/${wifiDevice}.conf`,
        hostapdText(wifi, wifiDevice, secret("lan.wifi.passphrase")),
      ),
      plain(`/etc/systemd/system/hostapd@${wifiDevice}.service.d/vsix.conf`, HOSTAPD_UNIT),
    );
    start.push(["systemctl", "enable", "--now", "--no-block", `hostapd@${wifiDevice}.service`]);
  }
  if (access.kind === "wireguard")
    for (const [i, { name }] of access.devices.entries()) {
      files.push(secretFile(`/etc/wireguard/${name}.conf`, secret(`access.devices.${i}.config`)));
      start.push(["systemctl", "enable", "--now", "--no-block", `wg-quick@${name}.service`]);
    }
  for (const [i, uplink] of uplinks.entries())
    if (uplink.kind === "wifi") {
      const text = supplicantText(uplink, secret(`uplinks.${i}.passphrase`));
      files.push(secretFile(`/etc/wpa_supplicant/wpa_supplicant-${uplink.interface}.conf`, text));
      start.push([
        "systemctl",
        "enable",
        "--now",
        "--no-block",
        `wpa_supplicant@${uplink.interface}.service`,
      ]);
    }
  files.push(...measureFiles(measure));
  start.push(...measureStart(measure), ...START_PAGE, ...START_RESET, ...START_AGENT);
  return {
    hostname: system.hostname,
    userData: {
      ...systemData(system, [
        "nftables",
        ...(wifi === undefined ? [] : ["hostapd", "iw", "rfkill"]),
        ...(uplinks.some(({ kind }) => kind === "wifi") ? ["wpasupplicant"] : []),
        ...(access.kind === "wireguard" ? ["wireguard-tools"] : []),
      ]),
      write_files: files,
      runcmd: start,
    },
    network: { renderer: "networkd", ...joined(uplinkNetwork(file), lanNetwork(file)) },
  };
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One bridge for all of the LAN; hostapd adds the access point to it. */
function lanNetwork({ lan: { ethernet } }: PiFile): Sections {
  const quiet = { dhcp4: false, dhcp6: false, "accept-ra": false, "link-local": [], optional: true };
  const adapters = ethernet?.adapters ?? [];
  const vlan = ethernet?.vlan;
  const vlanName = vlan === undefined ? undefined : `vlan${vlan.id}`;
  const members = [
    ...(ethernet?.ports ?? []),
    ...adapters.map(({ name }) => name),
    ...(vlanName === undefined ? [] : [vlanName]),
  ];
  return {
    ethernets: {
      ...Object.fromEntries((ethernet?.ports ?? []).map((name) => [name, quiet])),
      ...Object.fromEntries(
        adapters.map(({ name, mac }) => [
          name,
          { match: { macaddress: mac.toLowerCase() }, "set-name": name, ...quiet },
        ]),
      ),
      // A VLAN needs the device below it, which may be an uplink.
      ...(vlan === undefined ? {} : { [vlan.port]: { optional: true } }),
    },
    ...(vlan === undefined || vlanName === undefined
      ? {}
      : { vlans: { [vlanName]: { id: vlan.id, link: vlan.port, ...quiet } } }),
    bridges: {
      [LAN]: {
        ...(members.length === 0 ? {} : { interfaces: members }),
        ...quiet,
        "link-local": ["ipv6"],
        parameters: { stp: false, "forward-delay": 0 },
      },
    },
  };
}

/** Uplinks win where both name a device. */
function joined(first: Sections, second: Sections): Sections {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names]
      .map((name) => [name, { ...second[name], ...first[name] }] as const)
      .filter(([, section]) => Object.keys(section).length > 0),
  );
}

/** What Debian's unit lacks: it tries five times within ten seconds, and never again. */
const HOSTAPD_UNIT = [
  "[Unit]",
  "# hostapd would make a bridge that is not there yet, and take it away when it ends, with all ports of the LAN.",
  `Wants=sys-subsystem-net-devices-${LAN}.device`,
  `After=sys-subsystem-net-devices-${LAN}.device`,
  "StartLimitIntervalSec=0",
  "",
  "[Service]",
  "# Some systems keep radios blocked until somebody has named a country; hostapd's configuration does.",
  "ExecStartPre=-/usr/sbin/rfkill unblock wlan",
  "RestartSec=10",
];

const GUARD_UNIT = [
  "[Unit]",
  "Description=vSIX: strangers open no connections to the LAN (RFC 6092)",
  "DefaultDependencies=no",
  "Before=network-pre.target shutdown.target",
  "Wants=network-pre.target",
  "Conflicts=shutdown.target",
  "",
  "[Service]",
  "Type=oneshot",
  "RemainAfterExit=yes",
  "ExecStart=/usr/sbin/nft -f /etc/vsix/guard.nft",
  "ExecReload=/usr/sbin/nft -f /etc/vsix/guard.nft",
  "ExecStop=/usr/sbin/nft delete table inet vsix_guard",
  "",
  "[Install]",
  "WantedBy=sysinit.target",
];
