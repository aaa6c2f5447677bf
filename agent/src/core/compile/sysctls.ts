import type { FabricPart, Faces } from "@vsix/shared/contract/part-fabric.ts";

export interface DesiredSysctl {
  readonly path: string;
  readonly value: string;
}

/** Ports behind which only our own routers stand: SRv6 with an SRH is accepted there and nowhere else. */
const TRUSTED: readonly Faces[] = ["plane-internal", "external-edge", "plane"];

/** Kernel settings of a router. Documentation: Linux Documentation/networking/ip-sysctl.rst, seg6-sysctl.rst. */
export function compileSysctls(
  part: FabricPart,
  present: (interfaceName: string) => boolean,
  translates = false,
): readonly DesiredSysctl[] {
  const isEdge = part.node.role === "edge";
  const all: DesiredSysctl[] = [
    { path: "net/ipv6/conf/all/forwarding", value: "1" },
    { path: "net/ipv6/conf/default/forwarding", value: "1" },
    // The interface setting and this one must both allow it.
    { path: "net/ipv6/conf/all/seg6_enabled", value: isEdge ? "0" : "1" },
    // Replacing one nexthop object moves all its routes without a notification for each (facts-bgp: half the time).
    { path: "net/ipv4/nexthop_compat_mode", value: "0" },
    // Plane probes and traces need an answer to every probe: Time Exceeded (type 3) is taken out of the rate limit.
    { path: "net/ipv6/icmp/ratemask", value: "0-1,4-127" },
    // Equal-cost paths are chosen by flow, including the flow label.
    { path: "net/ipv6/fib_multipath_hash_policy", value: "0" },
  ];
  // Between a translator and the IPv4 Internet the kernel forwards.
  if (translates) all.push({ path: "net/ipv4/conf/all/forwarding", value: "1" });
  for (const { name, faces } of part.interfaces) {
    if (!present(name)) continue;
    const base = `net/ipv6/conf/${name}`;
    all.push(
      { path: `${base}/forwarding`, value: "1" },
      { path: `${base}/accept_ra`, value: "0" },
      { path: `${base}/accept_redirects`, value: "0" },
      // While a link-local address is tentative the kernel asks for no neighbour on behalf of what it forwards: up to two
      // seconds lost at every link that comes back. Our own addresses skip DAD too, the fabric numbers both ends.
      { path: `${base}/accept_dad`, value: "0" },
      // RFC 4861 section 10 says a second. But BGP's last words over a dead link leave the neighbour incomplete, and when
      // the carrier is back everything waits for the next try: longer than what the kernel queues (measured).
      { path: `net/ipv6/neigh/${name}/retrans_time_ms`, value: "100" },
      // Addresses survive a flap; the kernel drops only the routes.
      { path: `${base}/keep_addr_on_down`, value: "1" },
      { path: `${base}/seg6_enabled`, value: !isEdge && TRUSTED.includes(faces) ? "1" : "0" },
    );
  }
  return all;
}
