import { LAN } from "./names.ts";
import type { AccessPoint } from "./schema.ts";

const AKM = { wpa2: "WPA-PSK", wpa3: "SAE", both: "WPA-PSK SAE" } as const;
/** IEEE 802.11w: SAE wants it, and devices of before do without. */
const PROTECTION = { wpa2: 0, wpa3: 2, both: 1 } as const;

/** Configuration of hostapd 2.10 (hostapd.conf in its sources). The text holds the passphrase. */
export function hostapdText(wifi: AccessPoint, device: string, passphrase: string): string {
  const { ssid, country, channel, ac = false, security = "wpa2" } = wifi;
  const five = channel > 13;
  return [
    `interface=${device}`,
    "driver=nl80211",
    `bridge=${LAN}`,
    // As octets: whatever character a name has, it is none of this file's.
    `ssid2=${hex(ssid)}`,
    "utf8_ssid=1",
    `country_code=${country}`,
    "ieee80211d=1",
    ...(five ? ["ieee80211h=1"] : []),
    `hw_mode=${five ? "a" : "g"}`,
    `channel=${channel}`,
    "ieee80211n=1",
    ...(ac ? ["ieee80211ac=1"] : []),
    "wmm_enabled=1",
    "wpa=2",
    `wpa_key_mgmt=${AKM[security]}`,
    "rsn_pairwise=CCMP",
    `ieee80211w=${PROTECTION[security]}`,
    `wpa_passphrase=${passphrase}`,
    "ctrl_interface=/run/hostapd",
    "",
  ].join("\n");
}

/** UTF-8, hexadecimal. */
export function hex(text: string): string {
  return encodeURIComponent(text).replace(/%([0-9A-F]{2})|[^%]/g, (part, digits: string | undefined) =>
    (digits ?? part.charCodeAt(0).toString(16).padStart(2, "0")).toLowerCase(),
  );
}
