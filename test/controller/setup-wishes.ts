import type { SetupFile, TunnelSettings } from "../../controller/src/core/access/setup/setup-file.ts";
import type { WgQuickWish } from "../../controller/src/core/access/wg-quick.ts";

/** A device and a tunnel of which set-ups are made in tests. The keys are of nobody. */
export const VPN: WgQuickWish & { readonly privateKey: string } = {
  application: 7,
  endpoint: "2001:db8:53:e::3",
  port: 51820,
  publicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
  presharedKey: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
  privateKey: "6Ag6HCJ0k9xn4gwIEl6h5G0SVgyOVJbXrSJ5Qw2rS2s=",
  addresses: ["2001:db8:d000::7/128"],
  mtu: 1420,
  resolvers: ["2001:db8:53::1", "2001:db8:53::2"],
  keepaliveS: 25,
};

export const TUNNEL: TunnelSettings = {
  application: 8,
  local: "3fff:250::1",
  remote: "2001:db8:53:e::1",
  mtu: 1460,
  hopLimit: 64,
  delegation: true,
  prefixes: ["2001:db8:e000::/60"],
  resolvers: ["2001:db8:53::1"],
};

/** All files in one text. */
export function shown(files: readonly SetupFile[]): string {
  return files.map(({ path, mode, text }) => `==> ${path} (${mode})\n${text}`).join("\n");
}
