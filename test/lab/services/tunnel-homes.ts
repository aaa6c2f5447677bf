import type { Lab } from "../lab.ts";
import { namespaceName } from "../names.ts";
import { ipBatch } from "../run.ts";

/** A user's router by Generic Tunneling: iproute2's ip6tnl towards the point, and the first address of the prefix that he was given; it. */
export async function openTunnel(
  lab: Lab,
  host: string,
  endpoint: string,
  point: string,
  prefix: string,
  destination: string,
): Promise<string> {
  const address = prefix.replace(/::\/\d+$/, "::1");
  await ipBatch(namespaceName(lab.name, host), [
    `link add home type ip6tnl mode ip6ip6 local ${endpoint} remote ${point} encaplimit none`,
    "link set home mtu 1460 up",
    `address add ${address}/128 dev home nodad`,
    `route add ${destination}/128 dev home`,
  ]);
  return address;
}
