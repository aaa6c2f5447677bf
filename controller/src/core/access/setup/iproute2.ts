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

/**
 * A script of ip-route(8) that makes Linux the far end by SRv6, without a device: a reduced encapsulation of one SID there (RFC 8986
 * section 5.2), End.DT6 here (section 4.6). It may run again; what it made before it makes anew. And radvd.conf(5): its MTU matters, for
 * the kernel drops what does not fit an encapsulation without a word.
 */
export function iproute2Tunnel(settings: TunnelSettings, place: TunnelPlace): readonly SetupFile[] {
  const { application, local, remote, prefixes } = settings;
  const title = `# ${headline("tunnel", application)}`;
  const rule = (rest: string): string => `ip -6 rule add ${rest}`;
  return [
    {
      path: "/usr/local/sbin/vsix-access",
      mode: "0755",
      text: lines(
        "#!/bin/sh",
        `${title}. Run it as root, after each start of the router.`,
        `# ${local} has to be led to this router, and no device of it may have it as its address.`,
        "set -eu",
        `sid=${remote}`,
        `own=${local}`,
        `lan=${place.lan}`,
        'uplink=$(ip -6 -o route get "$sid" | sed -n "s/.* dev \\([^ ]*\\).*/\\1/p")',
        'for device in all "$uplink"; do echo 1 >"/proc/sys/net/ipv6/conf/$device/seg6_enabled"; done',
        "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding",
        "",
        "# What comes by SRv6 goes to the network behind this router.",
        'ip -6 route replace "$own/128" encap seg6local action End.DT6 table main dev "$uplink"',
        `ip -6 address replace ${lanSubnet(settings).address} dev "$lan"`,
        "",
        "# What comes from the prefixes goes there by SRv6, and nothing else does.",
        'ip sr tunsrc set "$own"',
        `ip -6 route replace default encap seg6 mode encap.red segs "$sid" dev "$uplink" table ${TABLE}`,
        `for priority in ${TABLE - 1} ${TABLE}; do`,
        '  while ip -6 rule del priority "$priority" 2>/dev/null; do :; done',
        "done",
        rule(`priority ${TABLE - 1} table main suppress_prefixlength 0`),
        ...prefixes.map((prefix) => rule(`priority ${TABLE} from ${prefix} table ${TABLE}`)),
      ),
    },
    radvdConf(settings, place, title),
  ];
}
