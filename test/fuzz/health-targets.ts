import {
  DnsDecodeError,
  type DnsQuestion,
  decodeDnsAnswer,
  encodeDnsQuery,
} from "@vsix/agent/wire/dns-client.ts";
import { neighbourOf } from "@vsix/agent/wire/neighbour-discovery.ts";
import {
  AdvertisementDecodeError,
  decodeRouterAdvertisement,
} from "@vsix/agent/wire/router-advertisement.ts";
import { isRouterSolicitation } from "@vsix/agent/wire/router-solicitation.ts";
import type { FuzzTarget } from "./targets.ts";

const QUESTION: DnsQuestion = { id: 0x1234, name: "old.example", type: "AAAA" };

/** An answer with an alias, two addresses and one of another class, names by pointers. */
export function dnsAnswer(): Uint8Array {
  const query = encodeDnsQuery(QUESTION) ?? new Uint8Array();
  const question = query.subarray(12, query.length - 11);
  const record = (owner: number, type: number, klass: number, data: readonly number[]): readonly number[] => [
    0xc0,
    owner,
    0,
    type,
    0,
    klass,
    0,
    0,
    0,
    60,
    0,
    data.length,
    ...data,
  ];
  const address = [0x20, 1, 0xd, 0xb8, 0, 0x64, 0, 0, 0, 0, 0, 0, 0xc0, 0, 2, 80];
  const alias = record(12, 5, 1, [3, 0x77, 0x77, 0x77, 0xc0, 16]);
  const aliasName = 12 + question.length + 12;
  return Uint8Array.from([
    ...[0x12, 0x34, 0x81, 0x80, 0, 1, 0, 4, 0, 0, 0, 0],
    ...question,
    ...alias,
    ...record(aliasName, 28, 1, address),
    ...record(aliasName, 28, 1, address.with(15, 81)),
    ...record(aliasName, 28, 3, address),
  ]);
}

/** With every option that is read. */
export function routerAdvertisement(): Uint8Array {
  const prefix = [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const resolver = prefix.with(15, 0x53);
  return Uint8Array.from([
    ...[134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[1, 1, 2, 0, 0, 0, 0, 1],
    ...[5, 1, 0, 0, 0, 0, 5, 0xb4],
    ...[3, 4, 64, 0xc0, 0, 0, 14, 16, 0, 0, 7, 8, 0, 0, 0, 0, ...prefix],
    ...[25, 3, 0, 0, 0, 0, 14, 16, ...resolver],
    ...[38, 2, 0x07, 0x08, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
}

/** What a node that looks at its network hears of it. */
export const HEALTH_TARGETS: readonly FuzzTarget[] = [
  {
    name: "dns-client",
    throws: [DnsDecodeError],
    seeds: [dnsAnswer()],
    run: (bytes) => decodeDnsAnswer(bytes, QUESTION),
  },
  {
    name: "router-advertisement",
    throws: [AdvertisementDecodeError],
    seeds: [routerAdvertisement()],
    run: decodeRouterAdvertisement,
  },
  {
    name: "router-solicitation",
    throws: [],
    seeds: [Uint8Array.from([133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 1, 14, 1, 0, 0, 0, 0, 0, 0])],
    run: (bytes) => isRouterSolicitation(bytes, "::"),
  },
  {
    name: "neighbour-advertisement",
    throws: [],
    seeds: [Uint8Array.from([136, 0, 0, 0, 0x60, 0, 0, 0, ...new Uint8Array(16)])],
    run: neighbourOf,
  },
];
