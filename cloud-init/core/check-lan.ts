import type { Path } from "@vsix/shared/fabric/fault.ts";
import type { Loose } from "@vsix/shared/fabric/loose.ts";
import type { Report } from "./check.ts";
import { LAN, WIFI_DEVICE } from "./names.ts";
import type { AccessPoint, PiFile } from "./schema.ts";

/** 5 GHz channels of 20 MHz, IEEE 802.11 Annex E. */
const FIVE = new Set([
  36, 40, 44, 48, 52, 56, 60, 64, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 144, 149, 153, 157,
  161, 165,
]);
/** Names that other things here have. */
const TAKEN = new Set([LAN, "lo"]);

/** Who is on which device. */
export function checkLan({ uplinks, access, lan }: Loose<PiFile>, report: Report): void {
  const used = new Map<string, string>();
  const take = (path: Path, name: string | undefined, what: string): void => {
    if (name === undefined) return;
    const before = used.get(name);
    if (TAKEN.has(name) || /^vx[tw]-/.test(name))
      report({ path, message: `${name} is the name of something else here; take another` });
    else if (before !== undefined) report({ path, message: `${name} is ${before} already` });
    else used.set(name, what);
  };
  for (const [i, uplink] of (uplinks ?? []).entries())
    take(["uplinks", i, "interface"], uplink?.interface, "an uplink");
  if (access?.kind === "wireguard")
    for (const [i, device] of (access.devices ?? []).entries())
      take(["access", "devices", i, "name"], device?.name, "a WireGuard device");
  if (lan === undefined) return;
  const { wifi, ethernet } = lan;
  if (wifi !== undefined)
    take(
      wifi.interface === undefined ? ["lan", "wifi"] : ["lan", "wifi", "interface"],
      wifi.interface ?? WIFI_DEVICE,
      "the access point",
    );
  for (const [i, name] of (ethernet?.ports ?? []).entries())
    take(["lan", "ethernet", "ports", i], name, "a port of the LAN");
  for (const [i, adapter] of (ethernet?.adapters ?? []).entries())
    take(["lan", "ethernet", "adapters", i, "name"], adapter?.name, "a port of the LAN");
  const vlan = ethernet?.vlan;
  if (vlan?.port !== undefined && ethernet?.ports?.includes(vlan.port) === true)
    report({
      path: ["lan", "ethernet", "vlan", "port"],
      message: `${vlan.port} is a port of the LAN already, without the VLAN`,
    });
  if (!Object.keys(lan).some((key) => key === "wifi" || key === "ethernet") || isEmpty(lan))
    report({
      path: ["lan"],
      at: "key",
      message: "nobody would be behind this router: give `wifi` or `ethernet`",
    });
  if (wifi !== undefined) checkWifi(wifi, report);
}

function isEmpty({ wifi, ethernet }: NonNullable<Loose<PiFile>["lan"]>): boolean {
  return wifi === undefined && ethernet !== undefined && Object.keys(ethernet).length === 0;
}

function checkWifi({ channel, ac, ssid }: Loose<AccessPoint>, report: Report): void {
  const at = ["lan", "wifi"];
  if (channel !== undefined && channel > 13 && !FIVE.has(channel))
    report({
      path: [...at, "channel"],
      message: `there is no channel ${channel}; 1 to 13 are at 2.4 GHz, at 5 GHz 36, 40, 44, 48 and up`,
    });
  if (ac === true && channel !== undefined && channel <= 13)
    report({
      path: [...at, "ac"],
      message: `802.11ac has no channel ${channel}: take 36 or another of 5 GHz`,
    });
  if (ssid !== undefined && octetsOf(ssid) > 32)
    report({
      path: [...at, "ssid"],
      message: `a name of a network has at most 32 octets; this has ${octetsOf(ssid)}`,
    });
}

/** In UTF-8. */
export function octetsOf(text: string): number {
  let octets = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return octets;
}
