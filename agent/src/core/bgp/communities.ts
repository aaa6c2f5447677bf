import type { RouteClass } from "@vsix/shared/contract/part-bgp.ts";

/** Large communities AS:FUNCTION:VALUE (RFC 8092) that live inside the AS only. */
export const FUNCTION_CLASS = 80;
/** How much the Edge that announced this is wanted on this plane; the value is a MED. */
export const FUNCTION_STEER = 90;
/** Path guard: the value is the id of a plane router that the route went through. */
export const FUNCTION_GUARD = 91;
/** An Edge's prefix told by a router that has only just begun: the value is 1. */
export const FUNCTION_SETTLING = 92;

const CLASS_VALUES: Readonly<Record<RouteClass, number>> = {
  aggregate: 1,
  infrastructure: 2,
  edge: 3,
  default: 4,
  transit: 5,
};

/**
 * Steering MEDs that any plane router knows how to turn into a MED, beside those in its own parts. GoBGP cannot copy a
 * community's value into the MED, so every value needs a statement.
 */
export const KNOWN_MEDS: readonly number[] = [100, 200, 1000];

/** MED of an Edge's prefix whose steering value no statement knows: after everything that is known. */
export const UNKNOWN_MED = 4_000_000_000;

/** MED towards an Edge that part `steering` does not name: neither preferred nor drained. */
export const UNSTEERED_MED = 200;

export function classCommunity(as: number, routeClass: RouteClass): string {
  return `${as}:${FUNCTION_CLASS}:${CLASS_VALUES[routeClass]}`;
}

export function steerCommunity(as: number, med: number): string {
  return `${as}:${FUNCTION_STEER}:${med}`;
}

export function guardCommunity(as: number, nodeId: number): string {
  return `${as}:${FUNCTION_GUARD}:${nodeId}`;
}

/** Whoever hears it inside the plane does not use the path yet. */
export function settlingCommunity(as: number): string {
  return `${as}:${FUNCTION_SETTLING}:1`;
}

/** Matches exactly this community. */
export function exactly(community: string): string {
  return `^${community}$`;
}

/** Matches every large community of ours. */
export function anyOfOurs(as: number): string {
  return `^${as}:`;
}

/** Matches steering and guards: what concerns one plane only. */
export function planeOnly(as: number): string {
  return `^${as}:9[0-9]:`;
}
