import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { encodeDnsBatch } from "@vsix/shared/contract/up-dns.ts";
import {
  type AaaaOutcome,
  type DnsPair,
  type DnsRecord,
  FLAG,
  type Half,
  TYPE,
} from "@vsix/shared/dns/model.ts";
import { parseName } from "@vsix/shared/dns/name.ts";
import { addPair } from "@vsix/shared/dns/pair-writer.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";

/** Captured pairs for tests, as a capture would have made them. */

export interface PairOptions {
  readonly timeMs: number;
  readonly name?: string;
  readonly type?: number;
  readonly outcome?: AaaaOutcome;
  readonly half?: Half;
  readonly client?: string;
  readonly clientPort?: number;
  readonly id?: number;
  readonly point?: string;
  readonly class?: DnsPair["class"];
  readonly answer?: string;
  readonly messageHash?: number;
}

const RCODE: Readonly<Partial<Record<AaaaOutcome, number>>> = { nxdomain: 3, servfail: 2, other: 5 };

export function pairOf(options: PairOptions): DnsPair {
  const { timeMs, name = "www.example", type = TYPE.AAAA, outcome = "native" } = options;
  const half = options.half ?? (outcome === "unanswered" ? "query" : "whole");
  const wire = parseName(name);
  const client = parseAddress(options.client ?? "2001:db8:1::5");
  const server = parseAddress("2001:db8:53::53");
  const address = parseAddress(
    options.answer ?? (outcome === "translated" ? "64:ff9b::1" : "2001:db8:80::1"),
  );
  if (wire === undefined || client === undefined || server === undefined || address === undefined)
    throw new Error("no such name or address");
  const answers: DnsRecord[] =
    type === TYPE.AAAA && (outcome === "native" || outcome === "translated")
      ? [{ owner: wire, type: TYPE.AAAA, ttlS: 60, rdata: address }]
      : [];
  const flags = FLAG.RD;
  return {
    timeNs: BigInt(Math.round(timeMs * 1000)) * 1000n,
    half,
    class: options.class ?? "client",
    transport: "udp",
    client,
    clientPort: options.clientPort ?? 40_000,
    server,
    serverPort: 53,
    id: options.id ?? 1,
    point: options.point ?? "eth0",
    question: { name: wire, type, class: 1 },
    query: half === "response" ? undefined : { flags, edns: undefined, size: 40 },
    response:
      half === "query"
        ? undefined
        : {
            flags: flags | FLAG.QR | FLAG.RA,
            edns: undefined,
            size: 68,
            rcode: RCODE[outcome] ?? 0,
            answers,
            answersLeft: 0,
          },
    latencyUs: half === "whole" ? 1_500 : undefined,
    retries: 0,
    outcome: type !== TYPE.AAAA ? "none" : half === "query" ? "unanswered" : outcome,
    messageHash: half === "whole" ? 0 : (options.messageHash ?? 1),
  };
}

/** A batch of these pairs, as it is spooled and sent. */
export function batchOf(
  pairs: readonly DnsPair[],
  meta: {
    readonly pairsBefore?: number;
    readonly counters?: Record<string, number>;
    readonly previous?: { instance: string; pairs: number }[];
    readonly gap?: { fromUs: number; toUs: number };
  } = {},
): Uint8Array<ArrayBuffer> {
  const points = [...new Set(pairs.map(({ point }) => point))];
  const builder = new SegmentBuilder({ seed: 5, points, maxRows: Math.max(1, pairs.length) });
  for (const pair of pairs) addPair(builder, pair, points);
  const times = pairs.map(({ timeNs }) => Number(timeNs / 1000n));
  const segment = pairs.length === 0 ? new Uint8Array() : builder.finish(zstdCodec());
  const { previous, gap, pairsBefore = 0, counters = {} } = meta;
  return Uint8Array.from(
    encodeDnsBatch(
      {
        version: 1,
        points,
        firstUs:
          Math.min(...times, Number.MAX_SAFE_INTEGER - 1) === Number.MAX_SAFE_INTEGER - 1
            ? 0
            : Math.min(...times),
        lastUs: Math.max(0, ...times),
        pairs: pairs.length,
        ...(gap === undefined ? {} : { gap }),
        pairsBefore,
        counters,
        ...(previous === undefined ? {} : { previous }),
      },
      segment,
    ),
  );
}
