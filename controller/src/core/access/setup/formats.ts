import { type WgQuickWish, wgQuick } from "../wg-quick.ts";
import { iosXeTunnel } from "./ios-xe.ts";
import { iproute2Tunnel } from "./iproute2.ts";
import { networkManagerTunnel, networkManagerVpn } from "./network-manager.ts";
import { networkdTunnel, networkdVpn } from "./networkd.ts";
import { openWrtTunnel, openWrtVpn } from "./open-wrt.ts";
import { routerOsTunnel, routerOsVpn } from "./router-os.ts";
import { isDeviceName, type SetupFile, type TunnelPlace, type TunnelSettings } from "./setup-file.ts";

type VpnWish = WgQuickWish & { readonly privateKey: string };

/** What a VPN device can be told in, by the program or system that reads it. */
export const VPN_FORMATS = {
  "wg-quick": (wish: VpnWish): readonly SetupFile[] => [
    { path: "/etc/wireguard/vsix.conf", mode: "0600", text: wgQuick(wish) },
  ],
  networkd: networkdVpn,
  "network-manager": networkManagerVpn,
  "router-os": routerOsVpn,
  "open-wrt": openWrtVpn,
} as const satisfies Readonly<Record<string, (wish: VpnWish) => readonly SetupFile[]>>;
export type VpnFormat = keyof typeof VPN_FORMATS;

/** What the router behind a tunnel can be told in, and how its LAN is called there where nobody named it otherwise. */
export const TUNNEL_FORMATS = {
  networkd: { make: networkdTunnel, lan: "lan0" },
  "network-manager": { make: networkManagerTunnel, lan: "lan0" },
  "router-os": { make: routerOsTunnel, lan: "bridge" },
  "open-wrt": { make: openWrtTunnel, lan: "lan" },
  "ios-xe": { make: iosXeTunnel, lan: "GigabitEthernet0/0/1" },
  iproute2: { make: iproute2Tunnel, lan: "lan0" },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly make: (settings: TunnelSettings, place: TunnelPlace) => readonly SetupFile[];
      readonly lan: string;
    }
  >
>;
export type TunnelFormat = keyof typeof TUNNEL_FORMATS;

/** The files of a tunnel. Throws RangeError where the LAN's name is none: it goes into files and scripts as it is. */
export function tunnelSetup(
  format: TunnelFormat,
  settings: TunnelSettings,
  place: TunnelPlace,
): readonly SetupFile[] {
  if (!isDeviceName(place.lan)) throw new RangeError(`${JSON.stringify(place.lan)} is no name of a device`);
  return TUNNEL_FORMATS[format].make(settings, place);
}
