import { HALVES, TYPE } from "@vsix/shared/dns/model.ts";
import { formatName } from "@vsix/shared/dns/name.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import { isNameType } from "@vsix/shared/dns/segment-layout.ts";
import { formatIp } from "../core/dns/ip.ts";
import type { PairView } from "./questions.ts";
import { isMarked, type StoredSegment } from "./segment-source.ts";

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(TYPE).map(([name, number]) => [number, name]),
);

/** As RFC 3597 section 5 writes a type that has no name here. */
export function typeName(type: number): string {
  return NAMES.get(type) ?? `TYPE${type}`;
}

/** One row for people and programs. Throws DnsSegmentError. */
export function viewOf(segment: Segment, row: number, { node, marks }: StoredSegment): PairView {
  const pair = segment.pair(row);
  const { question, response, query } = pair;
  return {
    timeMs: Number(pair.timeNs / 1000n) / 1000,
    node,
    // What a node calls an interface goes to terminals and into files.
    point: /^[\x21-\x7e]{1,64}$/.test(pair.point) ? pair.point : "?",
    class: pair.class,
    half: HALVES.includes(pair.half) ? pair.half : "whole",
    transport: pair.transport,
    client: formatIp(pair.client),
    clientPort: pair.clientPort,
    server: formatIp(pair.server),
    name: formatName(question.name),
    type: question.type,
    rcode: response?.rcode ?? null,
    outcome: pair.outcome,
    latencyUs: pair.latencyUs ?? null,
    querySize: query?.size ?? null,
    responseSize: response?.size ?? null,
    retries: pair.retries,
    answers: (response?.answers ?? []).map(
      ({ type, rdata }) => `${typeName(type)} ${rdataText(type, rdata)}`,
    ),
    duplicate: isMarked(marks, row),
  };
}

function rdataText(type: number, rdata: Uint8Array): string {
  if ((type === TYPE.A && rdata.length === 4) || (type === TYPE.AAAA && rdata.length === 16))
    return formatIp(rdata);
  return isNameType(type) ? formatName(rdata) : Buffer.from(rdata).toString("hex");
}
