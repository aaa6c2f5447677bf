import type { SidPart } from "../contract/part-fabric.ts";
import { VsixError } from "../errors/vsix-error.ts";
import { formatAddress } from "../net/address.ts";
import { addressAt, parsePrefix } from "../net/prefix.ts";
import type { Fabric } from "./model.ts";
import { adjacenciesOf, findNode, getNode } from "./query.ts";

/**
 * The SIDs of a fabric (RFC 8986). A SID is LOCATOR:FUNCTION:ORDINAL:: with 16 bits each. A function that means a
 * neighbour is numbered by that neighbour's id, so no SID moves when something else is added or taken away.
 */

/** End, RFC 8986 section 4.1. */
const FUNCTION_END = 0x0001;
/** End.DT6 into table main, section 4.6. */
const FUNCTION_DT6 = 0x0006;
/** End.X, section 4.2: this + id of the neighbour inside the plane. */
const FUNCTION_END_X = 0xa000;
/** End.DX6, section 4.4: this + id of the egress peer. */
const FUNCTION_EGRESS_PEER = 0xe000;

/** Table main (rt_table_t in linux/rtnetlink.h). */
const TABLE_MAIN = 254;

export function endSid(locator: string): string {
  return sid(locator, FUNCTION_END, 0);
}

/** Decapsulates and looks up in table main. */
export function lookupSid(locator: string): string {
  return sid(locator, FUNCTION_DT6, 0);
}

/** `ordinal` counts parallel links to the same neighbour from 0. */
export function adjacencySid(locator: string, neighbourId: number, ordinal: number): string {
  return sid(locator, FUNCTION_END_X | neighbourId, ordinal);
}

/** Decapsulates and sends to one egress peer. */
export function egressPeerSid(locator: string, upstreamId: number, ordinal: number): string {
  return sid(locator, FUNCTION_EGRESS_PEER | upstreamId, ordinal);
}

/** Every SID that a node holds; none for Edges and upstreams. Throws VsixError `unknown-node`. */
export function sidsOf(fabric: Fabric, name: string): readonly SidPart[] {
  const node = getNode(fabric, name);
  const adjacencies = adjacenciesOf(fabric, name);
  return node.locators.flatMap(({ prefix }): SidPart[] => [
    { sid: endSid(prefix), behavior: "End" },
    { sid: lookupSid(prefix), behavior: "End.DT6", table: TABLE_MAIN },
    ...adjacencies
      .filter(({ link }) => link.kind === "plane-internal" || link.kind === "upstream")
      .map(
        ({ link, self, far, peer, ordinal }): SidPart => ({
          sid:
            link.kind === "upstream"
              ? egressPeerSid(prefix, peer.id, ordinal)
              : adjacencySid(prefix, peer.id, ordinal),
          behavior: link.kind === "upstream" ? "End.DX6" : "End.X",
          nextHop: far.address,
          interface: self.interface,
        }),
      ),
  ]);
}

/** The SID by which traffic inside `plane` leaves through `upstream` of the External Edge `via`; undefined if none. */
export function egressSidIn(
  fabric: Fabric,
  plane: string,
  via: string,
  upstream: string,
): string | undefined {
  const locator = findNode(fabric, via)?.locators.find((one) => one.plane === plane);
  const adjacency = adjacenciesOf(fabric, via).find(
    ({ peer, link }) => peer.name === upstream && link.kind === "upstream",
  );
  if (locator === undefined || adjacency === undefined) return undefined;
  return egressPeerSid(locator.prefix, adjacency.peer.id, adjacency.ordinal);
}

function sid(locator: string, fn: number, ordinal: number): string {
  const prefix = parsePrefix(locator);
  if (prefix?.length !== 64)
    throw new VsixError("not-a-locator", `${JSON.stringify(locator)} is not a /64 locator`);
  return formatAddress(addressAt(prefix, (BigInt(fn) << 48n) | (BigInt(ordinal) << 32n)));
}
