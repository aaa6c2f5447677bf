import {
  type AttributeDraft,
  EXPECTED_FLAGS,
  emptyDraft,
  FLAG_EXTENDED_LENGTH,
  FLAG_OPTIONAL,
  FLAG_TRANSITIVE,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  type PathAttributes,
  readAttribute,
} from "./attributes.ts";
import { type BgpDecodeError, updateError } from "./decode-error.ts";
import { addressText, prefixText } from "./prefix-text.ts";

/** An UPDATE as far as IPv6 unicast goes. Prefixes and addresses are RFC 5952 text. */
export interface Update {
  readonly reach: readonly string[];
  readonly withdraw: readonly string[];
  /** Global next hop; link-local where the neighbour gave nothing else. Present with `reach`. */
  readonly nextHop?: string;
  /** The second address of a 32-octet next hop, RFC 2545 section 3. */
  readonly linkLocalNextHop?: string;
  /** Present with `reach`. */
  readonly attributes?: PathAttributes;
  /** IPv6 unicast's End-of-RIB, RFC 4724 section 2. */
  readonly endOfRib: boolean;
  /** RFC 7606: an attribute was malformed, so what was announced stands in `withdraw` instead. */
  readonly treatedAsWithdraw?: BgpDecodeError;
}

const AFI_IPV6 = 2;
const SAFI_UNICAST = 1;

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function isIpv6Unicast(bytes: Uint8Array, at: number): boolean {
  return u16(bytes, at) === AFI_IPV6 && bytes[at + 2] === SAFI_UNICAST;
}

/** NLRI of IPv6 unicast. A length over 128 or an overrun cannot be skipped: the session ends (RFC 7606 section 5.3). */
function readPrefixes(bytes: Uint8Array, from: number, end: number, into: string[]): void {
  let at = from;
  while (at < end) {
    const bits = bytes[at] ?? 0;
    const octets = (bits + 7) >> 3;
    if (bits > 128 || at + 1 + octets > end) throw updateError(10, "NLRI runs over its attribute");
    into.push(prefixText(bytes, at + 1, bits));
    at += 1 + octets;
  }
}

interface Draft extends AttributeDraft {
  readonly reach: string[];
  readonly withdraw: string[];
  nextHop: string | undefined;
  linkLocalNextHop: string | undefined;
  malformed: BgpDecodeError | undefined;
  sawReach: boolean;
  sawUnreach: boolean;
}

/** RFC 4760 section 3, next hops by RFC 2545 section 3. */
function readReach(draft: Draft, bytes: Uint8Array, at: number, length: number): void {
  if (draft.sawReach) throw updateError(1, "MP_REACH_NLRI twice");
  draft.sawReach = true;
  if (length < 5) throw updateError(9, `MP_REACH_NLRI of ${length} octets`);
  if (!isIpv6Unicast(bytes, at)) return; // a family we did not offer is ignored, RFC 4760 section 6
  const hopLength = bytes[at + 3] ?? 0;
  if (hopLength !== 16 && hopLength !== 32) throw updateError(9, `next hop of ${hopLength} octets`);
  if (5 + hopLength > length) throw updateError(9, "next hop runs over MP_REACH_NLRI");
  draft.nextHop = addressText(bytes, at + 4);
  if (hopLength === 32) {
    draft.linkLocalNextHop = addressText(bytes, at + 20);
    if (draft.nextHop === "::") draft.nextHop = draft.linkLocalNextHop;
  }
  readPrefixes(bytes, at + 5 + hopLength, at + length, draft.reach);
}

function readUnreach(draft: Draft, bytes: Uint8Array, at: number, length: number): void {
  if (draft.sawUnreach) throw updateError(1, "MP_UNREACH_NLRI twice");
  if (length < 3) throw updateError(9, `MP_UNREACH_NLRI of ${length} octets`);
  if (!isIpv6Unicast(bytes, at)) return;
  draft.sawUnreach = true;
  readPrefixes(bytes, at + 3, at + length, draft.withdraw);
}

function readAttributes(draft: Draft, bytes: Uint8Array, from: number, end: number): void {
  const seen = new Set<number>();
  let at = from;
  while (at < end) {
    const flags = bytes[at] ?? 0;
    const type = bytes[at + 1] ?? 0;
    const wide = (flags & FLAG_EXTENDED_LENGTH) !== 0;
    const head = wide ? 4 : 3;
    const length = wide ? u16(bytes, at + 2) : (bytes[at + 2] ?? 0);
    if (at + head + length > end) {
      // RFC 7606 section 4: the rest cannot be read, what was read is withdrawn
      draft.malformed ??= updateError(5, `attribute ${type} runs over the message`);
      return;
    }
    at += head;
    const expected = EXPECTED_FLAGS[type];
    const wrongFlags = expected !== undefined && (flags & (FLAG_OPTIONAL | FLAG_TRANSITIVE)) !== expected;
    if (type === MP_REACH_NLRI) readReach(draft, bytes, at, length);
    else if (type === MP_UNREACH_NLRI) readUnreach(draft, bytes, at, length);
    else if (!seen.has(type) && !wrongFlags)
      draft.malformed ??= readAttribute(draft, type, bytes, at, length);
    // a repeated attribute is dropped, the first counts (RFC 7606 section 3 g)
    if (wrongFlags) draft.malformed ??= updateError(4, `flags of attribute ${type}`);
    seen.add(type);
    at += length;
  }
}

function finish(draft: Draft): Update {
  const { reach, withdraw, nextHop, origin, asPath } = draft;
  const endOfRib =
    draft.sawUnreach && !draft.sawReach && withdraw.length === 0 && draft.malformed === undefined;
  if (reach.length === 0 && draft.malformed === undefined) return { reach, withdraw, endOfRib };
  if (draft.malformed === undefined && (origin === undefined || asPath === undefined))
    draft.malformed = updateError(3, "mandatory attribute missing"); // RFC 7606 section 3 d
  if (
    draft.malformed !== undefined ||
    origin === undefined ||
    asPath === undefined ||
    nextHop === undefined
  ) {
    const all = { reach: [], withdraw: [...withdraw, ...reach], endOfRib: false };
    return draft.malformed === undefined ? all : { ...all, treatedAsWithdraw: draft.malformed };
  }
  return {
    reach,
    withdraw,
    nextHop,
    ...(draft.linkLocalNextHop === undefined ? {} : { linkLocalNextHop: draft.linkLocalNextHop }),
    attributes: {
      origin,
      asPath,
      ...(draft.med === undefined ? {} : { med: draft.med }),
      ...(draft.localPref === undefined ? {} : { localPref: draft.localPref }),
      communities: draft.communities,
      largeCommunities: draft.largeCommunities,
    },
    endOfRib,
  };
}

/**
 * The body of an UPDATE, RFC 4271 section 4.3, 4-octet AS numbers. IPv4 fields are checked for length and passed
 * over. Throws BgpDecodeError where the session has to end; a malformed attribute withdraws instead (RFC 7606).
 */
export function decodeUpdate(body: Uint8Array): Update {
  if (body.length < 4) throw updateError(1, `body of ${body.length} octets`);
  const attributesAt = 4 + u16(body, 0);
  if (attributesAt > body.length) throw updateError(1, "withdrawn routes run over the message");
  const end = attributesAt + u16(body, attributesAt - 2);
  if (end > body.length) throw updateError(1, "attributes run over the message");
  const draft: Draft = {
    ...emptyDraft(),
    reach: [],
    withdraw: [],
    nextHop: undefined,
    linkLocalNextHop: undefined,
    malformed: undefined,
    sawReach: false,
    sawUnreach: false,
  };
  readAttributes(draft, body, attributesAt, end);
  return finish(draft);
}
