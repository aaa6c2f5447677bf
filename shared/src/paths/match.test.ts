import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "../net/address.ts";
import { type HopDirectory, hopDirectory } from "./directory.ts";
import { pathMatcher, type SeenHop } from "./match.ts";
import { atomMatches, type HopPattern, isFault, type PathPattern, parseHop } from "./pattern.ts";

const ADDRESSES = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"] as const;
const [A, B, C, D] = ADDRESSES;

const directory: HopDirectory = hopDirectory(
  [
    { text: A, node: "a", plane: "blue", as: [1] },
    { text: B, node: "b", plane: "blue", as: [2] },
    { text: C, node: "c", plane: "green", as: [2] },
  ].map(({ text, ...info }) => ({
    prefix: { address: parseAddress(text) ?? new Uint8Array(16), length: 128 },
    ...info,
  })),
);

function hop(text: string): HopPattern {
  const parsed = parseHop(text);
  assert.ok(!isFault(parsed), isFault(parsed) ? parsed.fault : "");
  return parsed;
}

const path = (...hops: readonly string[]): PathPattern => hops.map(hop);

function deviation(allowed: readonly PathPattern[], hops: readonly SeenHop[], complete = true) {
  return pathMatcher(allowed, directory)(hops, complete).deviation;
}

test("a path is allowed when one of the patterns takes every hop", () => {
  const allowed = [path("a", "plane: blue"), path("c", "...")];
  assert.equal(deviation(allowed, [[A], [B]]), undefined);
  assert.equal(deviation(allowed, [[C]]), undefined);
  assert.equal(deviation(allowed, [[C], [D], [D], [A]]), undefined);
  assert.deepEqual(deviation(allowed, [[A], [C]]), {
    hop: 2,
    address: C,
    expected: ["plane: blue"],
    orTarget: false,
  });
});

test("the first hop where no allowed path is left is named, and what was expected there", () => {
  assert.deepEqual(deviation([path("a x2", "b"), path("a", "c")], [[A], [D], [B]]), {
    hop: 2,
    address: D,
    expected: ["a x2", "c"],
    orTarget: false,
  });
});

test("a path that ends early or goes on is a deviation there", () => {
  assert.deepEqual(deviation([path("a", "b")], [[A]]), { hop: 2, expected: ["b"], orTarget: false });
  assert.deepEqual(deviation([path("a", "b x0-1")], [[A], [B], [C]]), {
    hop: 3,
    address: C,
    expected: [],
    orTarget: true,
  });
});

test("a silent hop may be anybody, and is told unless any hop was allowed", () => {
  const match = pathMatcher([path("a", "*", "c")], directory);
  assert.deepEqual(match([[], [], [C]], true), { silent: [1] });
  assert.equal(match([[], [C]], true).deviation?.hop, 3);
});

test("of a hop balanced per packet each address must be on an allowed path", () => {
  const allowed = [path("a", "b"), path("a", "c")];
  assert.equal(deviation(allowed, [[A], [B, C]]), undefined);
  assert.equal(deviation(allowed, [[A], [B, D]])?.address, D);
  // d may come second only behind c, and c did not come first.
  assert.equal(deviation([path("a", "b"), path("c", "d")], [[A], [B, D]])?.address, D);
});

test("what is not complete needs to be a beginning only", () => {
  assert.equal(deviation([path("a", "b", "c")], [[A], [B]], false), undefined);
  assert.equal(deviation([path("a", "b", "c")], [], false), undefined);
  assert.equal(deviation([path("a", "b", "c")], [[A], [C]], false)?.hop, 2);
});

test("hostile repetition costs no more than states times answers", () => {
  const stars = Array.from({ length: 60 }, () => hop("a | b | * x0+"));
  const hops = Array.from({ length: 255 }, (): SeenHop => [A, B]);
  const last = [...stars, hop("d")];
  assert.equal(deviation([last], [...hops, [C]])?.hop, 257);
});

const atomText = fc.constantFrom("*", "a", "b", "plane: blue", "as: 2", D, "2001:db8::/126", "a | c");
const times = fc.constantFrom("", " x2", " x0-1", " x1-3", " x0+", " x1+");
const pattern = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(atomText, times).map(([atom, often]) => hop(atom + often)) },
  { weight: 1, arbitrary: fc.constant(hop("...")) },
);
const patterns = fc.array(fc.array(pattern, { maxLength: 4 }), { minLength: 1, maxLength: 3 });
const seen = fc.array(fc.subarray([...ADDRESSES], { maxLength: 2 }), { maxLength: 5 });

test("it says what trying every combination says", () => {
  fc.assert(
    fc.property(patterns, seen, fc.boolean(), (allowed, hops, complete) => {
      const expected = reference(allowed, hops, complete);
      const found = pathMatcher(allowed, directory)(hops, complete);
      assert.equal(found.deviation?.hop, expected.hop);
      assert.equal(found.deviation?.address, expected.address);
    }),
    { numRuns: 3000 },
  );
});

/** One router per hop, out of those that answered; undefined: silent. */
type Word = readonly (string | undefined)[];

/** The same answer by trying everything: every word of the product, every way to split it over the patterns. */
function reference(
  allowed: readonly PathPattern[],
  hops: readonly SeenHop[],
  complete: boolean,
): { hop?: number; address?: string } {
  for (let length = hops.length; length >= 0; length--) {
    const words = product(hops.slice(0, length));
    const whole = complete && length === hops.length;
    let good = words.filter((word) => allowed.some((one) => takes(one, word, whole)));
    const ended = good.length > 0;
    if (!ended && whole) good = words.filter((word) => allowed.some((one) => takes(one, word, false)));
    if (good.length === 0) continue;
    for (let h = 0; h < length; h++) {
      const bad = hops[h]?.find((address) => !good.some((word) => word[h] === address));
      if (bad !== undefined) return { hop: h + 1, address: bad };
    }
    if (length === hops.length && ended) return {};
    const [next] = hops[length] ?? [];
    return { hop: length + 1, ...(next === undefined ? {} : { address: next }) };
  }
  throw new Error("even no hop at all is no beginning");
}

function product(hops: readonly SeenHop[]): readonly Word[] {
  return hops.reduce<readonly Word[]>(
    (words, addresses) =>
      words.flatMap((word) =>
        (addresses.length === 0 ? [undefined] : addresses).map((address) => [...word, address]),
      ),
    [[]],
  );
}

/** By recursion over the first pattern: it takes min, min + 1, … hops. */
function takes(path: PathPattern, word: Word, whole: boolean): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return word.length === 0;
  if (!whole && word.length === 0) return true;
  const most = Math.min(first.max ?? word.length, word.length);
  for (let count = 0; count <= most; count++) {
    if (count > 0) {
      const address = word[count - 1];
      if (address !== undefined && !first.atoms.some((atom) => atomMatches(atom, address, directory))) {
        return false;
      }
    }
    // A beginning may stop in the middle of a repetition.
    if (!whole && count === word.length) return true;
    if (count >= first.min && takes(rest, word.slice(count), whole)) return true;
  }
  return false;
}
