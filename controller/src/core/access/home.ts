import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import type { AccessPoint } from "@vsix/shared/fabric/access-model.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { healthOutside } from "../compile-health.ts";
import type { ServedUser } from "./place.ts";

/** Everything that a user's own router is told, by part name. */
export interface HomeParts {
  readonly fabric: FabricPart;
  readonly bgp: BgpPart;
  readonly home: HomePart;
  readonly health?: HealthPart;
}

/** RFC 9096 section 3.4: short, so that hosts forget a prefix that is gone. */
const PREFERRED_S = 2700;
const VALID_S = 5400;
/** Between questions of a home by each tunnel: 5,000 homes are 1,700 echoes a second to the first target, and a dead tunnel is known in 20 s. */
const WATCH_MS = 3_000;
/** As the contract allows at most. */
const MAX_TARGETS = 4;
/** Private use (RFC 6996); a home router speaks to nobody, but the contract has a field for it. */
const NO_ASN = 4_294_967_294;
/** As the contract allows at most. */
const MAX_RESOLVERS = 4;

/**
 * The document of the device that enrolled for an application, named `node`: an Edge without ports, with one tunnel to the access point
 * that serves it. Where the tunnel begins is for the device to find out. Undefined where the application has no tunnel there.
 */
export function compileHome(
  fabric: Fabric,
  node: string,
  point: AccessPoint,
  { id, service, prefixes }: Pick<ServedUser, "id" | "service" | "prefixes">,
): HomeParts | undefined {
  const end = service === "srv6-access" ? point.srv6?.sid : point.tunnel?.address;
  const mtu = service === "srv6-access" ? point.srv6?.mtu : point.tunnel?.mtu;
  const first = prefixes[0] === undefined ? undefined : parsePrefix(prefixes[0]);
  if (service === "remote-access-vpn" || end === undefined || mtu === undefined || first === undefined)
    return undefined;
  const { services } = fabric;
  const pref64 = services?.nat64?.prefix ?? services?.resolver?.dns64?.prefix;
  const targets = watchTargets(fabric);
  const health = fabric.health === undefined ? undefined : healthOutside(fabric, fabric.health.part);
  return {
    fabric: {
      version: 1,
      node: {
        name: node,
        role: "edge",
        id: 1,
        site: point.site,
        loopback: formatAddress(addressAt(first, 1)),
      },
      loopbackAddresses: [],
      interfaces: [],
      sids: [],
      blackholes: [],
      overrides: [],
      sidBlock: fabric.addressing.sids,
    },
    bgp: {
      version: 1,
      asn: NO_ASN,
      routerId: "192.0.2.1",
      as: fabric.as,
      originate: [],
      neighbours: [],
      ownPrefixes: [...fabric.prefixes],
      bogons: [],
    },
    home: {
      version: 1,
      tunnels: [
        { id: String(id), remote: end, mtu, hopLimit: point.tunnel?.hopLimit ?? 64, prefixes: [...prefixes] },
      ],
      lan: {
        mtu,
        resolvers: (services?.resolver?.anycast ?? []).slice(0, MAX_RESOLVERS),
        ...(pref64 === undefined ? {} : { pref64 }),
        preferredS: PREFERRED_S,
        validS: VALID_S,
      },
      ...(targets.length === 0 ? {} : { watch: { targets, intervalMs: WATCH_MS } }),
    },
    ...(health === undefined ? {} : { health }),
  };
}

/** Beyond every access router, whichever way a home comes to it: the resolvers, and what is measured outside. */
function watchTargets(fabric: Fabric): string[] {
  const outside = fabric.measure.targets.map(({ address }) => address);
  return [...new Set([...(fabric.services?.resolver?.anycast ?? []), ...outside])].slice(0, MAX_TARGETS);
}
