import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { GobgpError } from "./errors.ts";
import {
  AsPathAttributeSchema,
  type AsSegment,
  AsSegment_Type,
  CommunitiesAttributeSchema,
  IPAddressPrefixSchema,
  LargeCommunitiesAttributeSchema,
  LocalPrefAttributeSchema,
  MpReachNLRIAttributeSchema,
  MultiExitDiscAttributeSchema,
  NextHopAttributeSchema,
  OriginAttributeSchema,
} from "./gen/attribute_pb.js";
import { Family_Afi, Family_Safi, PathSchema, type Path as PbPath } from "./gen/gobgp_pb.js";
import type { AsPathSegment, Family, NewPath, Origin, Path } from "./types.ts";

export function toPbFamily(family: Family): { afi: Family_Afi; safi: Family_Safi } {
  return { afi: family === "ipv6-unicast" ? Family_Afi.IP6 : Family_Afi.IP, safi: Family_Safi.UNICAST };
}

export function familyOf(prefix: string): Family {
  return prefix.includes(":") ? "ipv6-unicast" : "ipv4-unicast";
}

function pack<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return anyPack(schema, create(schema, init));
}

/** Splits `prefix/length`. Throws GobgpError `invalid`. */
export function splitPrefix(text: string): { readonly prefix: string; readonly prefixLen: number } {
  const slash = text.indexOf("/");
  const length = Number(text.slice(slash + 1));
  if (slash < 1 || !Number.isInteger(length)) throw new GobgpError("invalid", `not a prefix: ${text}`);
  return { prefix: text.slice(0, slash), prefixLen: length };
}

const SEGMENT_TYPES: Readonly<Record<AsPathSegment["type"], AsSegment_Type>> = {
  set: AsSegment_Type.AS_SET,
  sequence: AsSegment_Type.AS_SEQUENCE,
  "confed-sequence": AsSegment_Type.AS_CONFED_SEQUENCE,
  "confed-set": AsSegment_Type.AS_CONFED_SET,
};

function fromSegment(segment: AsSegment): AsPathSegment {
  switch (segment.type) {
    case AsSegment_Type.AS_SET:
      return { type: "set", asns: segment.numbers };
    case AsSegment_Type.AS_CONFED_SEQUENCE:
      return { type: "confed-sequence", asns: segment.numbers };
    case AsSegment_Type.AS_CONFED_SET:
      return { type: "confed-set", asns: segment.numbers };
    default:
      return { type: "sequence", asns: segment.numbers };
  }
}

function parseLarge(text: string): { globalAdmin: number; localData1: number; localData2: number } {
  const parts = text.split(":").map(Number);
  const [globalAdmin, localData1, localData2] = parts;
  if (
    parts.length !== 3 ||
    globalAdmin === undefined ||
    localData1 === undefined ||
    localData2 === undefined ||
    parts.some((part) => !Number.isInteger(part) || part < 0 || part > 0xffffffff)
  ) {
    throw new GobgpError("invalid", `not a large community: ${text}`);
  }
  return { globalAdmin, localData1, localData2 };
}

export function toPbPath(path: NewPath): PbPath {
  const family = toPbFamily(familyOf(path.prefix));
  const nlri = pack(IPAddressPrefixSchema, splitPrefix(path.prefix));
  const pattrs = [pack(OriginAttributeSchema, { origin: 0 })];
  if (path.asPath !== undefined && path.asPath.length > 0) {
    const segments = path.asPath.map((s) => ({ type: SEGMENT_TYPES[s.type], numbers: [...s.asns] }));
    pattrs.push(pack(AsPathAttributeSchema, { segments }));
  }
  if (family.afi === Family_Afi.IP6) {
    pattrs.push(pack(MpReachNLRIAttributeSchema, { family, nextHops: [path.nextHop], nlris: [nlri] }));
  } else {
    pattrs.push(pack(NextHopAttributeSchema, { nextHop: path.nextHop }));
  }
  if (path.med !== undefined) pattrs.push(pack(MultiExitDiscAttributeSchema, { med: path.med }));
  if (path.localPref !== undefined)
    pattrs.push(pack(LocalPrefAttributeSchema, { localPref: path.localPref }));
  if (path.largeCommunities !== undefined && path.largeCommunities.length > 0) {
    const communities = path.largeCommunities.map(parseLarge);
    pattrs.push(pack(LargeCommunitiesAttributeSchema, { communities }));
  }
  return create(PathSchema, { family, nlri, pattrs });
}

/** ORIGIN, RFC 4271 section 4.3. */
const ORIGINS: readonly Origin[] = ["igp", "egp", "incomplete"];

function textOfCommunity(value: number): string {
  return `${value >>> 16}:${value & 0xffff}`;
}

/** Undefined for families whose NLRI is not a plain prefix. */
export function fromPbPath(path: PbPath): Path | undefined {
  const nlri = path.nlri === undefined ? undefined : anyUnpack(path.nlri, IPAddressPrefixSchema);
  if (nlri === undefined) return undefined;
  let nextHop = "";
  let med: number | undefined;
  let localPref: number | undefined;
  let asPath: readonly AsPathSegment[] = [];
  let origin: Origin = "incomplete";
  let communities: readonly string[] = [];
  let largeCommunities: readonly string[] = [];
  for (const any of path.pattrs) {
    switch (any.typeUrl.slice(any.typeUrl.lastIndexOf(".") + 1)) {
      case "MpReachNLRIAttribute":
        nextHop = anyUnpack(any, MpReachNLRIAttributeSchema)?.nextHops[0] ?? "";
        break;
      case "NextHopAttribute":
        nextHop = anyUnpack(any, NextHopAttributeSchema)?.nextHop ?? "";
        break;
      case "MultiExitDiscAttribute":
        med = anyUnpack(any, MultiExitDiscAttributeSchema)?.med;
        break;
      case "LocalPrefAttribute":
        localPref = anyUnpack(any, LocalPrefAttributeSchema)?.localPref;
        break;
      case "OriginAttribute":
        origin = ORIGINS[anyUnpack(any, OriginAttributeSchema)?.origin ?? 2] ?? "incomplete";
        break;
      case "CommunitiesAttribute":
        communities = anyUnpack(any, CommunitiesAttributeSchema)?.communities.map(textOfCommunity) ?? [];
        break;
      case "AsPathAttribute":
        asPath = anyUnpack(any, AsPathAttributeSchema)?.segments.map(fromSegment) ?? [];
        break;
      case "LargeCommunitiesAttribute":
        largeCommunities =
          anyUnpack(any, LargeCommunitiesAttributeSchema)?.communities.map(
            (c) => `${c.globalAdmin}:${c.localData1}:${c.localData2}`,
          ) ?? [];
        break;
      default:
        break;
    }
  }
  return {
    prefix: `${nlri.prefix}/${nlri.prefixLen}`,
    nextHop,
    ...(med === undefined ? {} : { med }),
    ...(localPref === undefined ? {} : { localPref }),
    asPath,
    origin,
    communities,
    largeCommunities,
    best: path.best,
    withdraw: path.isWithdraw,
    ...(path.neighborIp === "" || path.neighborIp === "<nil>" ? {} : { from: path.neighborIp }),
    sourceAsn: path.sourceAsn,
    stale: path.stale,
    filtered: path.filtered,
    ...(path.uuid.length === 0 ? {} : { uuid: path.uuid }),
  };
}
