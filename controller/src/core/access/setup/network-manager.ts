import { hostAndPort, type WgQuickWish } from "../wg-quick.ts";
import { lanSubnet } from "./lan-subnet.ts";
import { radvdConf } from "./radvd.ts";
import {
  headline,
  lines,
  type SetupFile,
  TABLE,
  type TunnelPlace,
  type TunnelSettings,
} from "./setup-file.ts";

const FOLDER = "/etc/NetworkManager/system-connections";
/** Of NMIPTunnelMode and NMIPTunnelFlags (libnm). */
const MODE_IP6IP6 = 6;
const IGNORE_ENCAP_LIMIT = 1;
const MAIN = 254;
const NEVER_ASKED = "0";

/** A keyfile of NetworkManager (nm-settings-keyfile(5)) for a VPN device; `::/0` of the peer makes it the default route by itself. */
export function networkManagerVpn(wish: WgQuickWish & { readonly privateKey: string }): readonly SetupFile[] {
  const { application, publicKey, presharedKey, privateKey, addresses, mtu, resolvers } = wish;
  return [
    {
      path: `${FOLDER}/vsix.nmconnection`,
      mode: "0600",
      text: lines(
        `# ${headline("remote access VPN", application)}. Keep this file to yourself (owner root, mode 0600).`,
        "[connection]",
        "id=vSIX",
        "type=wireguard",
        "interface-name=vsix",
        "",
        "[wireguard]",
        `mtu=${mtu}`,
        `private-key=${privateKey}`,
        "",
        `[wireguard-peer.${publicKey}]`,
        `endpoint=${hostAndPort(wish)}`,
        `preshared-key=${presharedKey}`,
        `preshared-key-flags=${NEVER_ASKED}`,
        "allowed-ips=::/0;",
        wish.keepaliveS === undefined ? undefined : `persistent-keepalive=${wish.keepaliveS}`,
        "",
        "[ipv4]",
        "method=disabled",
        "",
        "[ipv6]",
        "method=manual",
        "addr-gen-mode=stable-privacy",
        ...addresses.map((address, i) => `address${i + 1}=${address}`),
        ...(resolvers.length === 0
          ? []
          : [`dns=${resolvers.map((one) => `${one};`).join("")}`, "dns-priority=-50", "dns-search=~;"]),
      ),
    },
  ];
}

/**
 * A keyfile for a tunnel, and radvd.conf(5) for the network behind it. Addresses stand there as they were given: NetworkManager asks for
 * prefixes only where it heard a router advertisement, and within the tunnel there is none.
 */
export function networkManagerTunnel(settings: TunnelSettings, { lan }: TunnelPlace): readonly SetupFile[] {
  const { application, local, remote, mtu, hopLimit, prefixes } = settings;
  const title = `# ${headline("tunnel", application)}`;
  const subnet = lanSubnet(settings);
  return [
    {
      path: `${FOLDER}/vsix.nmconnection`,
      mode: "0600",
      text: lines(
        `${title} (owner root, mode 0600)`,
        "[connection]",
        "id=vSIX",
        "type=ip-tunnel",
        "interface-name=vsix",
        "",
        "[ip-tunnel]",
        `mode=${MODE_IP6IP6}`,
        `local=${local}`,
        `remote=${remote}`,
        `ttl=${hopLimit}`,
        `mtu=${mtu}`,
        `flags=${IGNORE_ENCAP_LIMIT}`,
        "",
        "[ipv4]",
        "method=disabled",
        "",
        "[ipv6]",
        "method=link-local",
        "route1=::/0",
        `route1_options=table=${TABLE}`,
        `routing-rule1=priority ${TABLE - 1} from ::/0 table ${MAIN} suppress_prefixlength 0`,
        ...prefixes.map(
          (prefix, i) => `routing-rule${i + 2}=priority ${TABLE} from ${prefix} table ${TABLE}`,
        ),
      ),
    },
    {
      path: `${FOLDER}/vsix-lan.nmconnection`,
      mode: "0600",
      text: lines(
        `${title}. Is there a connection for ${lan} already? Then give it this address instead.`,
        "[connection]",
        "id=vSIX LAN",
        "type=ethernet",
        `interface-name=${lan}`,
        "",
        "[ipv6]",
        "method=manual",
        `address1=${subnet.address}`,
      ),
    },
    radvdConf(settings, { lan }, title),
  ];
}
