import { hex } from "./hostapd.ts";
import type { WrittenFile } from "./render.ts";
import { plain } from "./render-system.ts";
import type { PiFile, Uplink } from "./schema.ts";

/** Of the first uplink; each that follows is worse by as much. Routes of a tunnel are in tables of their own. */
const METRIC = 1024;
/** What NTT gives a line with hikari-denwa. */
const NGN_LENGTH = 56;

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * What Netplan says of uplinks. Radios are devices like others here: Netplan reads its file twice where a bridge stands before its ports, as
 * cloud-init writes them, and takes the second look at an access point for another one of the same name (0.106).
 */
export function uplinkNetwork({ uplinks, access }: PiFile): Sections {
  return {
    ethernets: Object.fromEntries(
      uplinks.map((uplink) => {
        const ipv4 = uplink.kind === "ngn" ? false : (uplink.ipv4 ?? access.kind === "wireguard");
        const dhcp6 = lengthOf(uplink) !== undefined;
        return [uplink.interface, { dhcp4: ipv4, dhcp6, "accept-ra": true, optional: true }];
      }),
    ),
  };
}

/** Configuration of wpa_supplicant(5), whose unit of Debian takes it by the device's name. The text holds the passphrase. */
export function supplicantText(
  { ssid, country }: Extract<Uplink, { kind: "wifi" }>,
  passphrase: string,
): string {
  return [
    "ctrl_interface=/run/wpa_supplicant",
    `country=${country}`,
    "network={",
    // As octets, and between quotation marks whatever a passphrase has: the last one on the line counts.
    `  ssid=${hex(ssid)}`,
    "  scan_ssid=1",
    "  key_mgmt=WPA-PSK",
    `  psk="${passphrase}"`,
    "}",
    "",
  ].join("\n");
}

/** What Netplan cannot say: which uplink comes first, and prefixes by DHCPv6 (systemd.network(5)). */
export function uplinkFiles(uplinks: readonly Uplink[]): readonly WrittenFile[] {
  return uplinks.map((uplink, i) => {
    const length = lengthOf(uplink);
    const metric = METRIC * (i + 1);
    return plain(`/etc/systemd/network/10-netplan-${uplink.interface}.network.d/vsix.conf`, [
      "[Network]",
      "# This machine's name is for its LAN.",
      "MulticastDNS=no",
      "LLMNR=no",
      ...(length === undefined
        ? [""]
        : [
            "DHCPPrefixDelegation=yes",
            "",
            "[DHCPv6]",
            `PrefixDelegationHint=::/${length}`,
            "# There may be nobody who says that there is DHCPv6.",
            "WithoutRA=solicit",
            "# RFC 9096 section 3.1: a restart gives nothing back.",
            "SendRelease=no",
            "",
            "# The address that tunnels begin at, out of the prefix; the LAN has those of the tunnels.",
            "[DHCPPrefixDelegation]",
            "UplinkInterface=:self",
            "SubnetId=0",
            "Announce=no",
            "",
          ]),
      "[IPv6AcceptRA]",
      `RouteMetric=${metric}`,
      ...(uplink.kind === "ngn" || length === undefined ? [] : ["DHCPv6Client=always"]),
      "",
      "[DHCPv4]",
      `RouteMetric=${metric}`,
    ]);
  });
}

/** Of the prefix that is asked for. */
function lengthOf(uplink: Uplink): number | undefined {
  if (uplink.kind === "ngn") return uplink.prefix === "delegated" ? NGN_LENGTH : undefined;
  return uplink.kind === "ethernet" ? uplink.delegation : undefined;
}
