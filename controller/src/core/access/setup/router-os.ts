import type { WgQuickWish } from "../wg-quick.ts";
import { lanSubnet } from "./lan-subnet.ts";
import {
  HEADERS,
  headline,
  lines,
  type SetupFile,
  type TunnelPlace,
  type TunnelSettings,
} from "./setup-file.ts";

const SCRIPT = "vsix.rsc";

/** Commands of RouterOS 7 for a VPN device: the router itself has an IPv6 address by it. */
export function routerOsVpn(wish: WgQuickWish & { readonly privateKey: string }): readonly SetupFile[] {
  const { application, endpoint, port, publicKey, presharedKey, privateKey, addresses, mtu } = wish;
  const keepalive = wish.keepaliveS === undefined ? "" : ` persistent-keepalive=${wish.keepaliveS}s`;
  const isOver6 = endpoint.includes(":");
  return [
    {
      path: SCRIPT,
      mode: "0600",
      text: lines(
        `# ${headline("remote access VPN", application)}. RouterOS 7: /import ${SCRIPT}, then remove the file.`,
        `/interface/wireguard/add name=vsix mtu=${mtu} private-key="${privateKey}"`,
        `/interface/wireguard/peers/add interface=vsix public-key="${publicKey}" preshared-key="${presharedKey}" ` +
          `endpoint-address=${endpoint} endpoint-port=${port} allowed-address=::/0${keepalive}`,
        ...addresses.map((address) => `/ipv6/address/add address=${address} interface=vsix advertise=no`),
        ...(isOver6
          ? [
              "# The far end is reached by IPv6, so what leads there must not go through the tunnel itself: give your provider's gateway,",
              "# then take the # away before both lines.",
              `# /ipv6/route/add dst-address=${endpoint}/128 gateway=fe80::1%ether1`,
              "# /ipv6/route/add dst-address=::/0 gateway=vsix",
            ]
          : ["/ipv6/route/add dst-address=::/0 gateway=vsix"]),
      ),
    },
  ];
}

/** The same for a tunnel with a network behind it: what comes from the prefixes goes into it. */
export function routerOsTunnel(settings: TunnelSettings, { lan }: TunnelPlace): readonly SetupFile[] {
  const { application, local, remote, mtu, delegation, prefixes, resolvers } = settings;
  const subnet = lanSubnet(settings);
  const mss = mtu - HEADERS;
  return [
    {
      path: SCRIPT,
      mode: "0644",
      text: lines(
        `# ${headline("tunnel", application)}. RouterOS 7: /import ${SCRIPT}`,
        `/interface/ipipv6/add name=vsix local-address=${local} remote-address=${remote} mtu=${mtu}`,
        "/routing/table/add name=vsix fib",
        "/ipv6/route/add dst-address=::/0 gateway=vsix routing-table=vsix",
        ...prefixes.flatMap((prefix) => [
          `/routing/rule/add dst-address=${prefix} action=lookup table=main`,
          `/routing/rule/add src-address=${prefix} action=lookup-only-in-table table=vsix`,
        ]),
        ...(delegation
          ? [
              `/ipv6/dhcp-client/add interface=vsix request=prefix pool-name=vsix pool-prefix-length=64 prefix-hint=::/${subnet.delegatedLength} add-default-route=no use-peer-dns=no`,
              `/ipv6/address/add address=::1/64 from-pool=vsix interface=${lan} advertise=yes`,
            ]
          : [`/ipv6/address/add address=${subnet.address} interface=${lan} advertise=yes`]),
        resolvers.length === 0
          ? undefined
          : `/ipv6/nd/add interface=${lan} mtu=${mtu} dns=${resolvers.join(",")}`,
        `/ipv6/firewall/mangle/add chain=forward protocol=tcp tcp-flags=syn out-interface=vsix action=change-mss new-mss=${mss} tcp-mss=${mss + 1}-65535`,
        `/ipv6/firewall/mangle/add chain=forward protocol=tcp tcp-flags=syn in-interface=vsix action=change-mss new-mss=${mss} tcp-mss=${mss + 1}-65535`,
      ),
    },
  ];
}
