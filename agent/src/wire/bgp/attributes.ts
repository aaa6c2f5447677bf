import { type BgpDecodeError, updateError } from "./decode-error.ts";

/** Path attribute type codes. */
export const ORIGIN = 1;
export const AS_PATH = 2;
export const MULTI_EXIT_DISC = 4;
export const LOCAL_PREF = 5;
export const COMMUNITIES = 8; // RFC 1997
export const ORIGINATOR_ID = 9; // RFC 4456
export const CLUSTER_LIST = 10; // RFC 4456
export const MP_REACH_NLRI = 14; // RFC 4760
export const MP_UNREACH_NLRI = 15; // RFC 4760
export const LARGE_COMMUNITIES = 32; // RFC 8092

export const FLAG_OPTIONAL = 0x80;
export const FLAG_TRANSITIVE = 0x40;
export const FLAG_EXTENDED_LENGTH = 0x10;

export type Origin = "igp" | "egp" | "incomplete";

export interface AsPathSegment {
  readonly type: "set" | "sequence" | "confed-sequence" | "confed-set";
  readonly asns: readonly number[];
}

export interface PathAttributes {
  readonly origin: Origin;
  readonly asPath: readonly AsPathSegment[];
  readonly med?: number;
  readonly localPref?: number;
  /** `a:b`. */
  readonly communities: readonly string[];
  /** `a:b:c`. */
  readonly largeCommunities: readonly string[];
}

/** What decoding fills in, attribute by attribute. */
export interface AttributeDraft {
  origin: Origin | undefined;
  asPath: AsPathSegment[] | undefined;
  med: number | undefined;
  localPref: number | undefined;
  communities: string[];
  largeCommunities: string[];
}

export function emptyDraft(): AttributeDraft {
  return {
    origin: undefined,
    asPath: undefined,
    med: undefined,
    localPref: undefined,
    communities: [],
    largeCommunities: [],
  };
}

const ORIGINS: readonly Origin[] = ["igp", "egp", "incomplete"];
/** RFC 4271 section 4.3 (1, 2) and RFC 5065 section 3 (3, 4). */
const SEGMENTS: readonly (AsPathSegment["type"] | undefined)[] = [
  undefined,
  "set",
  "sequence",
  "confed-sequence",
  "confed-set",
];

/** Optional and transitive bits that each attribute we know must have (RFC 4271 section 6.3). */
export const EXPECTED_FLAGS: Readonly<Record<number, number>> = {
  [ORIGIN]: FLAG_TRANSITIVE,
  [AS_PATH]: FLAG_TRANSITIVE,
  [MULTI_EXIT_DISC]: FLAG_OPTIONAL,
  [LOCAL_PREF]: FLAG_TRANSITIVE,
  [COMMUNITIES]: FLAG_OPTIONAL | FLAG_TRANSITIVE,
  [ORIGINATOR_ID]: FLAG_OPTIONAL,
  [CLUSTER_LIST]: FLAG_OPTIONAL,
  [MP_REACH_NLRI]: FLAG_OPTIONAL,
  [MP_UNREACH_NLRI]: FLAG_OPTIONAL,
  [LARGE_COMMUNITIES]: FLAG_OPTIONAL | FLAG_TRANSITIVE,
};

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65536 + u16(bytes, at + 2);
}

function readAsPath(bytes: Uint8Array, from: number, end: number): AsPathSegment[] | BgpDecodeError {
  const segments: AsPathSegment[] = [];
  let at = from;
  while (at < end) {
    const type = SEGMENTS[bytes[at] ?? 0];
    const count = bytes[at + 1] ?? 0;
    at += 2;
    // RFC 7606 section 7.2: unknown type, overrun, underrun and zero length are all malformed
    if (type === undefined || count === 0 || at + 4 * count > end)
      return updateError(11, "malformed AS_PATH");
    const asns: number[] = [];
    for (let i = 0; i < count; i++) asns.push(u32(bytes, at + 4 * i));
    segments.push({ type, asns });
    at += 4 * count;
  }
  return segments;
}

function wrongLength(name: string, length: number): BgpDecodeError {
  return updateError(5, `${name} of ${length} octets`);
}

/**
 * Reads one attribute other than MP_REACH and MP_UNREACH into the draft. Returns the error where RFC 7606 section 7
 * says "treat-as-withdraw"; attributes we do not use are passed over.
 */
export function readAttribute(
  draft: AttributeDraft,
  type: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): BgpDecodeError | undefined {
  switch (type) {
    case ORIGIN: {
      if (length !== 1) return wrongLength("ORIGIN", length);
      draft.origin = ORIGINS[bytes[at] ?? 255];
      return draft.origin === undefined ? updateError(6, `ORIGIN ${bytes[at]}`) : undefined;
    }
    case AS_PATH: {
      const path = readAsPath(bytes, at, at + length);
      if (!Array.isArray(path)) return path;
      draft.asPath = path;
      return undefined;
    }
    case MULTI_EXIT_DISC:
      if (length !== 4) return wrongLength("MULTI_EXIT_DISC", length);
      draft.med = u32(bytes, at);
      return undefined;
    case LOCAL_PREF:
      if (length !== 4) return wrongLength("LOCAL_PREF", length);
      draft.localPref = u32(bytes, at);
      return undefined;
    case COMMUNITIES:
      if (length === 0 || length % 4 !== 0) return wrongLength("COMMUNITIES", length);
      for (let i = at; i < at + length; i += 4)
        draft.communities.push(`${u16(bytes, i)}:${u16(bytes, i + 2)}`);
      return undefined;
    case LARGE_COMMUNITIES:
      if (length === 0 || length % 12 !== 0) return wrongLength("LARGE_COMMUNITY", length);
      for (let i = at; i < at + length; i += 12)
        draft.largeCommunities.push(`${u32(bytes, i)}:${u32(bytes, i + 4)}:${u32(bytes, i + 8)}`);
      return undefined;
    case ORIGINATOR_ID:
      return length === 4 ? undefined : wrongLength("ORIGINATOR_ID", length);
    case CLUSTER_LIST:
      return length > 0 && length % 4 === 0 ? undefined : wrongLength("CLUSTER_LIST", length);
    default:
      return undefined;
  }
}
