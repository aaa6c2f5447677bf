import type { ServiceName } from "../contract/part-services.ts";
import { type AccessPoint, announcementsOf, pointsOf } from "./access-model.ts";
import type { FabricNode } from "./model.ts";

/** What services a fabric has, resolved. Addresses and prefixes are RFC 5952 text, IPv4 ones dotted quads. */

/** Roles of nodes that are attached like Edges and do one thing for everybody. */
export const SERVICE_KINDS = ["resolver", "nat64", "siit-dc", "access"] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];

export interface FabricServices {
  readonly resolver?: ResolverService;
  readonly nat64?: Nat64Service;
  readonly siitDc?: SiitDcService;
  readonly access?: readonly AccessPoint[];
}

export interface ResolverService {
  /** Every resolver answers there. */
  readonly anycast: readonly string[];
  /** Prefixes of those who may ask. */
  readonly clients: readonly string[];
  /** Absent: nothing is synthesised. */
  readonly dns64?: {
    readonly prefix: string;
    readonly ignoreAaaa: readonly string[];
    readonly excludeAaaa: readonly string[];
  };
  /** Empty: the Internet's. */
  readonly roots: readonly { readonly name: string; readonly address: string }[];
  readonly check: readonly string[];
  readonly forward: readonly ZoneServers[];
  readonly stub: readonly ZoneServers[];
}

export interface ZoneServers {
  readonly zone: string;
  readonly addresses: readonly string[];
}

export interface Nat64Service {
  readonly prefix: string;
  /** Names of nodes: the first that works is everybody's. */
  readonly prefer: readonly string[];
  readonly internal: string;
  /** IPv4 hosts that a working translator reaches. */
  readonly check: readonly string[];
}

export interface SiitDcService {
  readonly prefix: string;
  /** Explicit address mappings, RFC 7757. */
  readonly mappings: readonly { readonly v4: string; readonly v6: string; readonly node: string }[];
}

export const DEFAULT_SERVICES = { internal: "192.168.192.0/18" } as const;

/** Excluded AAAA answers that need no word: IPv4-mapped addresses, RFC 6147 section 5.1.4. */
export const MAPPED_PREFIX = "::ffff:0:0/96";

/** The service that a role in a fabric file is. */
export function serviceOf(role: string | undefined): ServiceKind | undefined {
  return SERVICE_KINDS.find((kind) => kind === role);
}

/** What a role in a fabric file is to planes, policies and filters: a service is attached like an Edge. */
export function attachmentOf<R extends string>(role: R | ServiceKind): Exclude<R, ServiceKind> | "edge" {
  return serviceOf(role) === undefined ? (role as Exclude<R, ServiceKind>) : "edge";
}

/** What a node announces for its service while that works, and after how many others it is chosen. */
export function announcedBy(
  services: FabricServices | undefined,
  node: Pick<FabricNode, "name" | "service">,
): readonly { readonly prefix: string; readonly behind: number; readonly service: ServiceName }[] {
  switch (node.service) {
    case "resolver":
      return (services?.resolver?.anycast ?? []).map((address) => ({
        prefix: `${address}/128`,
        behind: 0,
        service: "resolver",
      }));
    case "nat64": {
      const nat64 = services?.nat64;
      if (nat64 === undefined) return [];
      const behind = Math.max(0, nat64.prefer.indexOf(node.name));
      return [{ prefix: nat64.prefix, behind, service: "translator" }];
    }
    case "siit-dc": {
      const siitDc = services?.siitDc;
      return siitDc === undefined ? [] : [{ prefix: siitDc.prefix, behind: 0, service: "translator" }];
    }
    case "access":
      return pointsOf(services?.access, node).flatMap((point) =>
        announcementsOf(point).map((one) => ({ ...one, behind: point.routers.indexOf(node.name) })),
      );
    default:
      return [];
  }
}
