import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { POINTS, pair } from "../../../test/fakes/dns-pair-arbitrary.ts";
import { zstdCodec } from "../compress/zstd.ts";
import { countedSince, noCounters } from "./counters.ts";
import type { DnsPair } from "./model.ts";
import { addPair } from "./pair-writer.ts";
import { Segment } from "./segment.ts";
import { SegmentBuilder } from "./segment-builder.ts";
import { DnsSegmentError } from "./segment-error.ts";
import { matchRows } from "./segment-filter.ts";

const CODEC = zstdCodec();

function segmentOf(pairs: readonly DnsPair[]): Uint8Array {
  const builder = new SegmentBuilder({ seed: 7, points: POINTS, maxRows: Math.max(1, pairs.length) });
  for (const one of pairs) addPair(builder, one, POINTS);
  return builder.finish(CODEC);
}

function pairsOf(blob: Uint8Array): DnsPair[] {
  const segment = new Segment(blob, CODEC);
  return Array.from({ length: segment.rows }, (_, row) => segment.pair(row));
}

test("what goes into a segment comes out of it", () => {
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
      assert.deepEqual(pairsOf(segmentOf(pairs)).map(plain), pairs.map(plain));
    }),
    { numRuns: 200 },
  );
});

test("the header says what is in it", () => {
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 30 }), (pairs) => {
      const { header } = new Segment(segmentOf(pairs), CODEC);
      const times = pairs.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
      assert.equal(header.rows, pairs.length);
      assert.equal(header.leastNs, times[0]);
      assert.equal(header.greatestNs, times.at(-1));
      const native = pairs.filter((one) => one.class === "client" && one.outcome === "native").length;
      assert.equal(header.outcomes.client.native, native);
      assert.equal(header.halves.query, pairs.filter(({ half }) => half === "query").length);
      assert.equal(header.types.get(28) ?? 0, pairs.filter(({ question }) => question.type === 28).length);
    }),
  );
});

test("a segment without rows still says what was counted", () => {
  const builder = new SegmentBuilder({ seed: 7, points: POINTS });
  const counted = { ...noCounters(), packets: 5, kernelDrops: 2 ** 40, rowsLost: 1 };
  const segment = new Segment(builder.finish(CODEC, counted), CODEC);
  assert.equal(segment.rows, 0);
  assert.deepEqual(segment.counters(), counted);
  assert.deepEqual(
    segment.counters(),
    countedSince({ ...counted, packets: 9 }, { ...noCounters(), packets: 4 }),
  );
});

test("a filter finds exactly the rows that it describes", () => {
  fc.assert(
    fc.property(
      fc.array(pair, { minLength: 1, maxLength: 40 }),
      fc.nat(39),
      fc.nat(128),
      (pairs, n, bits) => {
        const segment = new Segment(segmentOf(pairs), CODEC);
        const one = pairs[n % pairs.length] ?? assert.fail();
        const rows = (matches: (other: DnsPair) => boolean) =>
          pairs.flatMap((other, row) => (matches(other) ? [row] : []));
        const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
        const check = (filter: Parameters<typeof matchRows>[1], matches: (other: DnsPair) => boolean) =>
          assert.deepEqual([...matchRows(segment, filter)], rows(matches));
        check({}, () => true);
        check({ fromNs: one.timeNs }, (other) => other.timeNs >= one.timeNs);
        check({ untilNs: one.timeNs }, (other) => other.timeNs < one.timeNs);
        check({ name: one.question.name }, (other) => equal(other.question.name, one.question.name));
        check({ outcomes: [one.outcome] }, (other) => other.outcome === one.outcome);
        check({ types: [one.question.type] }, (other) => other.question.type === one.question.type);
        check(
          { class: one.class, halves: [one.half] },
          (other) => other.class === one.class && other.half === one.half,
        );
        const length = Math.min(bits, one.client.length * 8);
        const leading = (octets: Uint8Array) =>
          [...octets]
            .map((o) => o.toString(2).padStart(8, "0"))
            .join("")
            .slice(0, length);
        check(
          { client: { address: one.client, length } },
          (other) =>
            other.client.length === one.client.length && leading(other.client) === leading(one.client),
        );
      },
    ),
  );
});

test("octets that were changed give what they give, or DnsSegmentError", () => {
  const blob = segmentOf(fc.sample(pair, { numRuns: 50, seed: 4 }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(blob.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(blob.length),
      (changes, cut) => {
        const damaged = blob.slice(0, cut % 3 === 0 ? cut : blob.length);
        for (const [at, octet] of changes) if (at < damaged.length) damaged[at] = octet;
        try {
          pairsOf(damaged);
          new Segment(damaged, CODEC).counters();
          matchRows(new Segment(damaged, CODEC), { outcomes: ["native"], below: Uint8Array.of(0) });
        } catch (error) {
          assert.ok(error instanceof DnsSegmentError, String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("a segment recorded once is read for ever", () => {
  const folder = new URL("../../vectors/dns/", import.meta.url);
  const blob = readFileSync(new URL("segment-1.bin", folder));
  const expected = JSON.parse(readFileSync(new URL("segment-1.json", folder), "utf8"));
  assert.deepEqual(pairsOf(blob).map(plain), expected);
});

/** As JSON has it. */
function plain(pair: DnsPair): unknown {
  const shown = JSON.stringify(pair, (_, value) =>
    typeof value === "bigint"
      ? String(value)
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("hex")
        : value,
  );
  return JSON.parse(shown);
}
