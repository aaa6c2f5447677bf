import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { topics } from "@vsix/shared/contract/topics.ts";
import { encodeDnsChunk } from "@vsix/shared/contract/up-dns.ts";
import type { Egress, EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import type { DnsPair } from "@vsix/shared/dns/model.ts";
import { connectAsync } from "mqtt";
import { batchOf, pairOf } from "../fakes/dns-pairs.ts";
import { FABRIC } from "./network.ts";

/** Fakes for the console's pages to show: what nodes would have told, over the controller's own broker. */

const VECTOR = new URL("../../shared/vectors/v1/up-health.json", import.meta.url);
const FAR = "3fff:250::1";
const PEERS = ["xe-sfc/wide", "xe-sfc/beta"] as const;
const CHUNK = 65_536;

/** The fleet's network with one upstream more, a destination that is measured every second, and nodes that look at their health. */
export async function richFabric(): Promise<string> {
  const fabric = await readFile(FABRIC, "utf8");
  const beta =
    "  beta: { id: 33, role: upstream, site: sfc, as: 64501, software: bird, prefixes: [3fff:501::/32] }\n";
  return `${fabric
    .replace(/^nodes:\n/m, `nodes:\n${beta}`)
    .replace(/^links:\n/m, "links:\n  - { ends: [xe-sfc, beta] }\n")}
health: { intervalS: 60 }
epe:
  measure: { from: [blue-sfc], cycleS: 1, timeoutMs: 500, maxPacketsPerDestinationPerS: 20 }
  destinations: { list: [{ prefix: "3fff:250::/32", address: "${FAR}" }] }
  decide: { cycles: 12, lossCycles: 60, stableS: 5, holdS: 10, checkCycles: 6, rememberS: 60, ageCycles: 30, keepS: 600 }
`;
}

/** An hour of captured DNS of a few clients, of every outcome, thinned out by a wave. */
export async function tellDns(url: string, node: string, nowMs: number): Promise<void> {
  const outcomes = [
    "native",
    "translated",
    "native",
    "nodata",
    "nxdomain",
    "unanswered",
    "servfail",
    "other",
  ] as const;
  const pairs: DnsPair[] = Array.from({ length: 3000 }, (_, i) =>
    pairOf({
      timeMs: nowMs - 3_600_000 + Math.round(1200 * i + 400_000 * Math.sin(i / 300)),
      id: i & 0xffff,
      type: i % 3 === 0 ? 1 : 28,
      outcome: outcomes[(i * 7 + (i >> 4)) % outcomes.length] ?? "native",
      name: i % 11 === 0 ? "<b>bold</b>.example" : `www${i % 40}.example`,
      client: `2001:db8:101::${(i % 9) + 1}`,
    }),
  );
  const bytes = batchOf(pairs.toSorted((a, b) => Number(a.timeNs - b.timeNs)));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const client = await connectAsync(url, { protocolVersion: 4, clientId: "fake-capture" });
  for (let offset = 0; offset < bytes.length; offset += CHUNK) {
    const head = {
      version: 1,
      node,
      instance: "one",
      sequence: 1,
      offset,
      total: bytes.length,
      sha256,
    } as const;
    const chunk = encodeDnsChunk(head, bytes.subarray(offset, offset + CHUNK));
    await client.publishAsync(topics.up(node, "dns"), Buffer.from(chunk), { qos: 1 });
  }
  await client.endAsync();
}

/** What an agent of a bad day tells of its health. */
export async function healthOfABadDay(node: string): Promise<Health> {
  const { text } = JSON.parse(await readFile(VECTOR, "utf8")) as { readonly text: string };
  return { ...(JSON.parse(text) as Health), node, run: 1 };
}

/** One cycle, in which wide is the nearer by far. */
export function egressCycle(cycle: number, ageMs: number): Egress {
  const rttMs = [8 + (cycle % 3) / 10, 31 + (cycle % 4) / 10];
  return {
    ...{ version: 1, node: "blue-sfc", instance: "a", cycle, shard: 0, shards: 1, startMs: 0, ageMs },
    peers: [...PEERS],
    rows: [
      {
        address: FAR,
        cells: rttMs.map((ms, peer) => ({
          ...{ peer, sent: 5, lost: 0, unsent: 0, full: "arrived" as const, hopLimit: 60 },
          rttsUs: Array.from({ length: 5 }, (_, i) => Math.round(ms * 1000) + 17 * i),
        })),
      },
    ],
  };
}

/** beta's route is the shorter one, so BGP takes it. */
export function egressRoutes(at: string): EgressRoutes {
  const route = (peer: number, asPath: readonly number[]) => ({
    ...{ peer, prefix: "3fff:250::/32", origin: "igp" as const, nextHop: "fe80::1", communities: [] },
    asPath: [...asPath],
    best: peer === 1,
  });
  return {
    ...{ version: 1, node: "xe-sfc", at, shard: 0, shards: 1 },
    peers: PEERS.map((name) => ({
      ...{ name, state: "ESTABLISHED", forMs: 3_600_000, received: 1, sid: "peer" as const },
    })),
    rows: [{ address: FAR, routes: [route(0, [2500, 64510, 64511]), route(1, [64501, 64511])] }],
  };
}
