import {
  AS_PATH,
  type AsPathSegment,
  COMMUNITIES,
  EXPECTED_FLAGS,
  FLAG_EXTENDED_LENGTH,
  LARGE_COMMUNITIES,
  LOCAL_PREF,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  MULTI_EXIT_DISC,
  ORIGIN,
  type PathAttributes,
} from "./attributes.ts";
import { encodeMessage, UPDATE } from "./message.ts";

/** A prefix as it stands in NLRI: `bits` and the 16 octets of its address. */
export interface WirePrefix {
  readonly bits: number;
  readonly address: Uint8Array;
}

export interface UpdateToEncode {
  readonly reach: readonly WirePrefix[];
  readonly withdraw: readonly WirePrefix[];
  /** 16 or 32 octets; needed with `reach`. */
  readonly nextHop?: Uint8Array;
  readonly attributes?: PathAttributes;
}

const SEGMENT_CODES: Readonly<Record<AsPathSegment["type"], number>> = {
  set: 1,
  sequence: 2,
  "confed-sequence": 3,
  "confed-set": 4,
};
const ORIGIN_CODES = { igp: 0, egp: 1, incomplete: 2 } as const;

function u32(value: number): readonly number[] {
  return [Math.floor(value / 0x1000000) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function attribute(type: number, value: readonly number[]): readonly number[] {
  const flags = EXPECTED_FLAGS[type] ?? 0;
  return value.length > 255
    ? [flags | FLAG_EXTENDED_LENGTH, type, value.length >> 8, value.length & 0xff, ...value]
    : [flags, type, value.length, ...value];
}

function nlri(prefixes: readonly WirePrefix[]): readonly number[] {
  return prefixes.flatMap((p) => [p.bits, ...p.address.subarray(0, (p.bits + 7) >> 3)]);
}

function pathAttributes(attributes: PathAttributes): readonly number[] {
  const { communities, largeCommunities } = attributes;
  return [
    ...attribute(ORIGIN, [ORIGIN_CODES[attributes.origin]]),
    ...attribute(
      AS_PATH,
      attributes.asPath.flatMap((s) => [SEGMENT_CODES[s.type], s.asns.length, ...s.asns.flatMap(u32)]),
    ),
    ...(attributes.med === undefined ? [] : attribute(MULTI_EXIT_DISC, u32(attributes.med))),
    ...(attributes.localPref === undefined ? [] : attribute(LOCAL_PREF, u32(attributes.localPref))),
    ...(communities.length === 0
      ? []
      : attribute(
          COMMUNITIES,
          communities.flatMap((c) => c.split(":").flatMap((n) => u32(Number(n)).slice(2))),
        )),
    ...(largeCommunities.length === 0
      ? []
      : attribute(
          LARGE_COMMUNITIES,
          largeCommunities.flatMap((c) => c.split(":").flatMap((n) => u32(Number(n)))),
        )),
  ];
}

/** A whole UPDATE message. Throws RangeError over 4,096 octets. */
export function encodeUpdate(update: UpdateToEncode): Uint8Array {
  const attributes: number[] = [];
  if (update.attributes !== undefined) attributes.push(...pathAttributes(update.attributes));
  if (update.reach.length > 0) {
    const hop = update.nextHop ?? new Uint8Array(16);
    attributes.push(...attribute(MP_REACH_NLRI, [0, 2, 1, hop.length, ...hop, 0, ...nlri(update.reach)]));
  }
  if (update.withdraw.length > 0)
    attributes.push(...attribute(MP_UNREACH_NLRI, [0, 2, 1, ...nlri(update.withdraw)]));
  const length = attributes.length;
  return encodeMessage(UPDATE, Uint8Array.of(0, 0, length >> 8, length & 0xff, ...attributes));
}

/** End-of-RIB of IPv6 unicast, RFC 4724 section 2. */
export function encodeEndOfRib(): Uint8Array {
  const attributes = attribute(MP_UNREACH_NLRI, [0, 2, 1]);
  return encodeMessage(UPDATE, Uint8Array.of(0, 0, 0, attributes.length, ...attributes));
}
