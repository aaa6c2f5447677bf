import type { Purpose } from "./pools.ts";

/** What a user may apply for. */
export const SERVICES = ["generic-tunneling", "srv6-access", "remote-access-vpn"] as const;
export type Service = (typeof SERVICES)[number];

export function isService(text: string): text is Service {
  return SERVICES.some((service) => service === text);
}

/**
 * Who decides about an application. auto: nobody, within the quotas. members: nobody, where it is for a project that the
 * user is a member of; else an operator. manual: an operator. closed: there are no applications.
 */
export const APPROVALS = ["auto", "members", "manual", "closed"] as const;
export type Approval = (typeof APPROVALS)[number];

/** What operators decided about a service. Limits are numbers of applications that are not over; null: no limit. */
export interface ServicePolicy {
  readonly service: Service;
  readonly approval: Approval;
  readonly perUser: number | null;
  readonly perProject: number | null;
  readonly total: number | null;
  /** Seconds from approval; null: until somebody ends it. */
  readonly lifetimeS: number | null;
  /** Remote access VPN: `address` is one /128 a device, `network` a /64 behind it as well. */
  readonly gives: "address" | "network";
}

/** Until an operator says otherwise: an operator decides. */
export function defaultPolicy(service: Service): ServicePolicy {
  const limits = { perUser: 4, perProject: 64, total: null, lifetimeS: null };
  return { service, approval: "manual", ...limits, gives: "address" };
}

/** The pools that an approved application gets a prefix of, each. */
export function purposesOf({ service, gives }: ServicePolicy): readonly Purpose[] {
  if (service === "generic-tunneling") return ["tunnel"];
  if (service === "srv6-access") return ["srv6"];
  return gives === "network" ? ["vpn-address", "vpn-prefix"] : ["vpn-address"];
}

/** Whether an application is approved as it comes in. `member`: of the project that it is for. */
export function approvesItself(approval: Approval, member: boolean): boolean {
  return approval === "auto" || (approval === "members" && member);
}

/** What is known of the other end. */
export interface Ends {
  /** The user's router, an address of the underlay. */
  readonly endpoint: string | null;
  /** WireGuard's, base64. */
  readonly publicKey: string | null;
}

/** What an approved application still lacks before packets can flow; undefined when nothing. */
export function lacks(
  service: Service,
  { endpoint, publicKey }: Ends,
): "endpoint" | "public key" | undefined {
  if (service === "remote-access-vpn") return publicKey === null ? "public key" : undefined;
  return endpoint === null ? "endpoint" : undefined;
}
