import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { POINTS, pair } from "../../../test/fakes/dns-pair-arbitrary.ts";
import { zstdCodec } from "../compress/zstd.ts";
import type { DnsPair } from "./model.ts";
import { isBelow, parseName } from "./name.ts";
import { addPair } from "./pair-writer.ts";
import { cellFacts, latencyPower } from "./row-cells.ts";
import { Segment } from "./segment.ts";
import { SegmentBuilder } from "./segment-builder.ts";
import { type DigestParts, digestOf, SegmentDigest } from "./segment-digest.ts";
import { DnsSegmentError } from "./segment-error.ts";
import { matchCells, matchRows, type PairFilter } from "./segment-filter.ts";

const CODEC = zstdCodec();
const wire = (text: string): Uint8Array => parseName(text) ?? assert.fail(text);
const NAMES = [".", "example", "a.example", "b.a.example", "x.b.a.example", "ba.example", "a.test"].map(wire);
const CLIENTS = ["20010db8000100000000000000000001", "20010db8000100000000000000000002", "c0000201"].map(
  (hex) => Uint8Array.from(Buffer.from(hex, "hex")),
);
/** Few names and clients, so that questions find some rows and not all. */
const pairs = fc.array(
  fc
    .tuple(pair, fc.constantFrom(...NAMES), fc.constantFrom(...CLIENTS))
    .map(([one, name, client]): DnsPair => ({ ...one, client, question: { ...one.question, name } })),
  { minLength: 1, maxLength: 60 },
);

function segmentOf(list: readonly DnsPair[]): Segment {
  const builder = new SegmentBuilder({ seed: 7, points: POINTS, maxRows: list.length });
  for (const one of list) addPair(builder, one, POINTS);
  return new Segment(builder.finish(CODEC), CODEC);
}

const reader = (rows: number, parts: DigestParts): SegmentDigest =>
  new SegmentDigest(rows, (part) => parts[part], CODEC);

function partsOf(segment: Segment): DigestParts {
  return digestOf(segment, CODEC) ?? assert.fail("no digest of what is sane");
}

/** Asked of the value itself, pair by pair. */
function holds(one: DnsPair, filter: PairFilter): boolean {
  const { fromNs, untilNs, name, below, client, outcomes, types, class: of, halves } = filter;
  const bits = (octets: Uint8Array): string =>
    [...octets].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  return (
    (fromNs === undefined || one.timeNs >= fromNs) &&
    (untilNs === undefined || one.timeNs < untilNs) &&
    (name === undefined || Buffer.compare(one.question.name, name) === 0) &&
    (below === undefined || isBelow(one.question.name, below)) &&
    (client === undefined ||
      (one.client.length === client.address.length &&
        bits(one.client).startsWith(bits(client.address).slice(0, client.length)))) &&
    (outcomes === undefined || outcomes.includes(one.outcome)) &&
    (types === undefined || types.includes(one.question.type)) &&
    (of === undefined || one.class === of) &&
    (halves === undefined || halves.includes(one.half))
  );
}

/** Any of the parts of a filter, each as some pair has it, or as none has. */
const filterFor = (list: readonly DnsPair[]): fc.Arbitrary<PairFilter> =>
  fc
    .record(
      {
        fromNs: fc.constantFrom(...list.map(({ timeNs }) => timeNs)),
        untilNs: fc.constantFrom(...list.map(({ timeNs }) => timeNs)),
        name: fc.constantFrom(...NAMES, wire("absent.example")),
        below: fc.constantFrom(...NAMES, wire("absent.test")),
        client: fc.record({ address: fc.constantFrom(...CLIENTS), length: fc.nat(32) }),
        outcomes: fc.subarray(["none", "native", "translated", "nodata", "unanswered", "other"] as const, {
          minLength: 1,
        }),
        types: fc.subarray([1, 28, 65, 255, 7]),
        class: fc.constantFrom("client", "authority"),
        halves: fc.subarray(["whole", "query", "response"] as const),
      },
      { requiredKeys: [] },
    )
    .map((filter) => filter as PairFilter);

const asked = pairs.chain((list) => fc.tuple(fc.constant(list), filterFor(list)));

test("rows found with a digest are those found without one, and those that the pairs tell", () => {
  fc.assert(
    fc.property(asked, ([list, filter]) => {
      const segment = segmentOf(list);
      const rows = list.flatMap((one, row) => (holds(one, filter) ? [row] : []));
      assert.deepEqual([...matchRows(segment, filter)], rows, "without");
      assert.deepEqual([...matchRows(segmentOf(list), filter, reader(list.length, partsOf(segment)))], rows);
    }),
    { numRuns: 200 },
  );
});

test("cells say of rows what the pairs say", () => {
  fc.assert(
    fc.property(asked, ([list, filter]) => {
      const segment = segmentOf(list);
      const digest = reader(list.length, partsOf(segment));
      const rows = matchRows(segment, filter);
      const counts = digest.count(rows);
      const whole = matchCells(segment, filter, digest);
      if (whole !== undefined) assert.deepEqual([...whole], [...counts]);
      const told = [...counts].flatMap((count, cell) => {
        const { kind, type, outcome, rcode, latency, ipv4 } = cellFacts(digest.cells(), cell);
        return Array<string>(count).fill([kind & 7, type, outcome, rcode, latency, ipv4].join());
      });
      const names = ["none", "native", "translated", "nodata", "nxdomain", "servfail", "unanswered", "other"];
      const expected = [...rows].map((row) => {
        const one = list[row] ?? assert.fail();
        const half = ["whole", "query", "response"].indexOf(one.half);
        const rcode = one.response === undefined ? 0 : Math.min(24, one.response.rcode) + 1;
        return [
          half | (one.class === "authority" ? 4 : 0),
          one.question.type,
          names.indexOf(one.outcome),
          rcode,
          one.latencyUs === undefined ? 0 : latencyPower(one.latencyUs + 1),
          one.client.length === 4 ? 1 : 0,
        ].join();
      });
      assert.deepEqual(told.sort(), expected.sort());
    }),
  );
});

test("a digest with other octets gives what it gives, or DnsSegmentError", () => {
  const list = fc.sample(pairs, { numRuns: 3, seed: 5 }).flat();
  const segment = segmentOf(list);
  const parts = partsOf(segment);
  const piece = fc.constantFrom("cells", "rows", "names") as fc.Arbitrary<keyof DigestParts>;
  fc.assert(
    fc.property(
      piece,
      fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.option(fc.nat(5_000)),
      (name, changes, cut) => {
        const damaged = parts[name].slice(0, cut ?? parts[name].length);
        for (const [at, octet] of changes) if (damaged.length > 0) damaged[at % damaged.length] = octet;
        const digest = reader(list.length, { ...parts, [name]: damaged });
        for (const filter of [
          { below: wire("a.example"), types: [28] },
          { name: wire("a.test") },
          { outcomes: ["native"] as const },
        ])
          try {
            digest.count(matchRows(segment, filter, digest));
            matchCells(segment, filter, digest);
          } catch (error) {
            assert.ok(error instanceof DnsSegmentError, String(error));
          }
      },
    ),
    { numRuns: 300 },
  );
});
