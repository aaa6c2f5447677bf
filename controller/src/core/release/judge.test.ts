import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { baselineOf } from "./compare-latency.ts";
import type { Evidence, TargetEvidence } from "./evidence.ts";
import { judge } from "./judge.ts";
import { DEFAULT_JUDGE, type MetricChange, ON_REQUEST, withChanges } from "./settings.ts";
import { spend } from "./spending.ts";
import type { Series } from "./stats/blocks.ts";
import { type JudgeHistory, NO_HISTORY, type Verdict } from "./verdict.ts";

/** Numbers that look random and are the same every time (Weyl's sequence). */
function noise(seed: number): (at: number) => number {
  return (at) => ((at + 1) * 0.618033988749895 + seed * 0.754877666) % 1;
}

interface Path {
  readonly rttMs?: number;
  /** Every so many-th probe is lost. */
  readonly loseEvery?: number;
  readonly dead?: boolean;
  readonly seconds?: number;
  readonly fromMs?: number;
}

function series(seed: number, path: Path = {}): Series {
  const { rttMs = 20, loseEvery = 0, dead = false, seconds = 60, fromMs = 0 } = path;
  const random = noise(seed);
  const count = seconds * 10;
  return {
    atMs: Array.from({ length: count }, (_, at) => fromMs + at * 100),
    rttMs: Array.from({ length: count }, (_, at) =>
      dead || (loseEvery > 0 && (at + seed) % loseEvery === 0) ? null : rttMs + random(at),
    ),
  };
}

function baseline(candidateMs: number, referenceMs: number) {
  const one = (rttMs: number) => {
    const found = baselineOf(series(99, { rttMs }), DEFAULT_JUDGE);
    assert.ok(found !== undefined);
    return found;
  };
  return { candidate: one(candidateMs), reference: one(referenceMs) };
}

function target(at: number, candidate: Path = {}, reference: Path = {}): TargetEvidence {
  return {
    target: `target-${at}`,
    candidate: series(at * 2, candidate),
    reference: series(at * 2 + 1, reference),
    baseline: baseline(20, 20),
  };
}

const targets = (count: number, candidate: Path = {}, reference: Path = {}): TargetEvidence[] =>
  Array.from({ length: count }, (_, at) => target(at, candidate, reference));

function evidence(rest: Partial<Evidence> = {}): Evidence {
  return {
    fromMs: 0,
    toMs: 60_000,
    targets: targets(5),
    users: [],
    facts: [
      { metric: "path", subject: "edge-1", ok: true, detail: "as expected" },
      { metric: "bgp-session", subject: "edge-1", ok: true, detail: "established" },
    ],
    counts: [{ metric: "prefixes", subject: "green-sfc", now: 40, before: 40 }],
    paths: [],
    ...rest,
  };
}

const look = (rest: Partial<Evidence> = {}, history: JudgeHistory = NO_HISTORY): Verdict =>
  judge(evidence(rest), DEFAULT_JUDGE, history);

const metric = (verdict: Verdict, name: string) => {
  const found = verdict.metrics.find((one) => one.metric === name);
  assert.ok(found !== undefined);
  return found;
};

test("two planes alike pass, and every comparison is in the verdict", () => {
  const verdict = look();
  assert.deepEqual([verdict.result, verdict.why], ["pass", []]);
  for (const name of ["loss", "rtt", "jitter"]) {
    assert.equal(metric(verdict, name).subjects.length, 5);
    assert.notEqual(metric(verdict, name).whole, null);
  }
  assert.equal(metric(verdict, "user-loss").result, "absent");
});

test("evidence and verdict survive JSON unchanged, and the same evidence gives the same verdict", () => {
  const given = evidence({ targets: targets(3, { loseEvery: 50 }) });
  const verdict = judge(given, DEFAULT_JUDGE, NO_HISTORY);
  assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
  const again = JSON.parse(JSON.stringify(given)) as Evidence;
  assert.deepEqual(judge(again, DEFAULT_JUDGE, NO_HISTORY), verdict);
});

test("two per cent of loss on the new plane fail it, at once", () => {
  const verdict = look({ targets: targets(20, { loseEvery: 50 }) });
  assert.equal(verdict.result, "fail");
  assert.match(verdict.why[0] ?? "", /^loss of all targets: 2\.00 % against 0\.00 %/);
});

test("loss of the old plane alone is no reason to stay there", () => {
  assert.equal(look({ targets: targets(20, {}, { loseEvery: 50 }) }).result, "pass");
});

test("fifteen milliseconds more than its own baseline fail the new plane", () => {
  const verdict = look({ targets: targets(5, { rttMs: 35 }) });
  assert.equal(verdict.result, "fail");
  assert.match(verdict.why[0] ?? "", /^rtt of all targets: 1[45]\.\d ms from the other plane/);
});

test("planes of different length by nature pass, either way round", () => {
  for (const [candidateMs, referenceMs] of [
    [20, 50],
    [50, 20],
  ] as const) {
    const alike = targets(5, { rttMs: candidateMs }, { rttMs: referenceMs }).map((one) => ({
      ...one,
      baseline: baseline(candidateMs, referenceMs),
    }));
    assert.equal(look({ targets: alike }).result, "pass");
  }
});

test("targets that got slower by both planes fail nobody", () => {
  assert.equal(look({ targets: targets(5, { rttMs: 60 }, { rttMs: 60 }) }).result, "pass");
});

test("without baselines a small difference may be nature: it holds; a great one fails", () => {
  const bare = (rttMs: number) =>
    targets(5, { rttMs }).map(({ target: name, candidate, reference }) => ({
      target: name,
      candidate,
      reference,
    }));
  assert.equal(look({ targets: bare(20) }).result, "pass");
  assert.equal(look({ targets: bare(26) }).result, "hold");
  assert.equal(look({ targets: bare(40) }).result, "fail");
});

test("one black hole among twenty targets is found, in half a minute", () => {
  const all = targets(20, { seconds: 30 }, { seconds: 30 }).with(
    7,
    target(7, { dead: true, seconds: 30 }, { seconds: 30 }),
  );
  const verdict = look({ targets: all, toMs: 30_000 });
  assert.equal(verdict.result, "fail");
  assert.ok(verdict.why.includes("loss of target-7: 100.00 % against 0.00 %"));
  assert.deepEqual(
    metric(verdict, "loss")
      .subjects.filter(({ result }) => result === "fail")
      .map(({ subject }) => subject),
    ["target-7"],
  );
});

test("one target that is slower by five milliseconds is found among twenty", () => {
  const verdict = look({ targets: targets(20).with(3, target(3, { rttMs: 25 })) });
  assert.equal(verdict.result, "fail");
});

test("one burst of loss on one target holds: it looks bad and proves nothing", () => {
  const bad = target(0);
  const rttMs = bad.candidate.rttMs.map((rtt, at) => (at >= 200 && at < 230 ? null : rtt));
  const all = targets(5).with(0, { ...bad, candidate: { ...bad.candidate, rttMs } });
  assert.equal(look({ targets: all }).result, "hold");
});

test("a target that answers by neither plane says nothing, and so holds", () => {
  const verdict = look({ targets: targets(5).with(2, target(2, { dead: true }, { dead: true })) });
  assert.equal(verdict.result, "hold");
  assert.ok(verdict.why.some((why) => why === "loss of target-2: answers by neither plane"));
});

test("what is missing holds: targets, facts, counts, a target's probes", () => {
  for (const rest of [
    { targets: [] },
    { facts: [] },
    { counts: [] },
    { targets: targets(5).with(1, { ...target(1), candidate: { atMs: [], rttMs: [] } }) },
    { targets: targets(5).with(1, { ...target(1), reference: { atMs: [], rttMs: [] } }) },
  ])
    assert.equal(look(rest).result, "hold");
});

test("nothing passes before the minimum window, however good it is", () => {
  const verdict = look({ toMs: 50_000 });
  assert.equal(verdict.result, "hold");
  assert.equal(verdict.why[0], "watched for 50 s of 60 s");
});

const wrongPath = [
  { metric: "path", subject: "edge-1", ok: false, detail: "by blue-kote" },
  { metric: "bgp-session", subject: "edge-1", ok: true, detail: "established" },
];

test("a wrong path holds when it is first seen and fails when it is seen again", () => {
  const first = look({ facts: wrongPath });
  assert.equal(first.result, "hold");
  const second = look({ facts: wrongPath }, first.history);
  assert.equal(second.result, "fail");
  assert.match(second.why[0] ?? "", /^path of edge-1: by blue-kote/);
});

test("a wrong path that was right in between begins anew; one that nobody knew of does not", () => {
  const first = look({ facts: wrongPath });
  assert.equal(look({ facts: wrongPath }, look({}, first.history).history).result, "hold");
  const unknown = wrongPath.map((one) => (one.ok ? one : { ...one, ok: null }));
  const between = look({ facts: unknown }, first.history);
  assert.equal(between.result, "hold");
  assert.equal(look({ facts: wrongPath }, between.history).result, "fail");
});

test("a rollout's own wishes make a metric critical, wanted, or leave it out", () => {
  const jittery = targets(5).map((one, i) => ({ ...one, candidate: jitterySeries(i) }));
  const result = (change: MetricChange, rest: Partial<Evidence> = { targets: jittery }) =>
    judge(
      evidence(rest),
      {
        ...DEFAULT_JUDGE,
        metrics: withChanges(DEFAULT_JUDGE.metrics, { jitter: change, "user-loss": change }),
      },
      NO_HISTORY,
    );
  const [byDefault] = [result({})];
  assert.equal(metric(byDefault, "jitter").result, "fail");
  assert.equal(byDefault.result, "hold", "not critical by default: it must last");
  assert.equal(result({ critical: true }).result, "fail");
  const off = result({ off: true });
  assert.equal(off.result, "pass");
  assert.ok(off.metrics.every(({ metric: name }) => name !== "jitter"));
  assert.equal(result({ mustHaveData: true }, {}).result, "hold", "nobody's own loss is known");
});

/** Round trips whose median is everybody's, and that vary by 15 ms. */
function jitterySeries(seed: number): Series {
  const { atMs, rttMs } = series(seed);
  return { atMs, rttMs: rttMs.map((rtt, at) => (rtt ?? 0) + (((at * 7) % 3) - 1) * 14) };
}

test("a prefix too few and a prefix too many stop it alike", () => {
  for (const now of [39, 41]) {
    const counts = [{ metric: "prefixes", subject: "green-sfc", now, before: 40 }];
    const first = look({ counts });
    assert.equal(first.result, "hold");
    assert.equal(look({ counts }, first.history).result, "fail");
  }
});

test("a metric that is not critical holds until it has failed for as long as patience goes", () => {
  const counts = [...evidence().counts, { metric: "interface-errors", subject: "v0", now: 500, before: 0 }];
  const results: string[] = [];
  let history = NO_HISTORY;
  for (let at = 0; at < 5; at++) {
    const verdict = look({ counts }, history);
    results.push(verdict.result);
    history = verdict.history;
  }
  assert.deepEqual(results, ["hold", "hold", "hold", "fail", "fail"]);
});

test("a moved user's own loss fails, though all targets are well", () => {
  const user = {
    target: "edge-1",
    candidate: series(1, { loseEvery: 12 }),
    // Measured before its move, in a window of its own.
    reference: series(2, { fromMs: -60_000 }),
  };
  const verdict = look({ users: [user] });
  assert.equal(verdict.result, "fail");
  assert.match(verdict.why[0] ?? "", /^user-loss/);
  assert.equal(look({ users: [{ ...user, candidate: series(1) }] }).result, "pass");
});

test("a moved user's own jitter is looked at where a rollout asks for it, and nowhere else", () => {
  const user = { target: "edge-1", candidate: jitterySeries(1), reference: series(2, { fromMs: -60_000 }) };
  const ask = (changes: Readonly<Record<string, MetricChange>>, candidate: Series = user.candidate) =>
    judge(
      evidence({ users: [{ ...user, candidate }] }),
      { ...DEFAULT_JUDGE, metrics: withChanges([...DEFAULT_JUDGE.metrics, ...ON_REQUEST], changes) },
      NO_HISTORY,
    );
  assert.ok(ask({}).metrics.every(({ metric: name }) => name !== "user-jitter"));
  assert.equal(ask({}).result, "pass");
  assert.equal(metric(ask({ "user-jitter": {} }), "user-jitter").result, "fail");
  assert.equal(ask({ "user-jitter": { critical: true } }).result, "fail");
  assert.equal(ask({ "user-jitter": { critical: true } }, series(3)).result, "pass");
});

test("a better plane never fails, whatever the sizes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 3, max: 400 }),
      (count, faster, loseEvery) => {
        const all = targets(count, { rttMs: 20 - faster }, { loseEvery });
        assert.notEqual(look({ targets: all }).result, "fail");
      },
    ),
    { numRuns: 30 },
  );
});

test("evidence of any shape gives a verdict, with numbers that JSON can say", () => {
  const rtt = fc.option(fc.double({ min: 0, max: 5000, noNaN: true }), { freq: 3 });
  const anySeries = fc.array(rtt, { maxLength: 200 }).map((rttMs) => ({
    atMs: rttMs.map((_, at) => at * 500),
    rttMs,
  }));
  const anyTarget = fc.record({ target: fc.string(), candidate: anySeries, reference: anySeries });
  fc.assert(
    fc.property(
      fc.array(anyTarget, { maxLength: 4 }),
      fc.array(anyTarget, { maxLength: 2 }),
      (all, users) => {
        const verdict = look({ targets: all, users, toMs: 100_000 });
        assert.deepEqual(JSON.parse(JSON.stringify(verdict)), JSON.parse(JSON.stringify(verdict)));
        assert.ok(!JSON.stringify(verdict).includes('"pFail":null'));
      },
    ),
    { numRuns: 100 },
  );
});

test("all looks together never spend more than the whole chance of a false alarm", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (total, planned) => {
        let spent = 0;
        for (let at = 1; at <= 20_000; at++) spent += spend(total, planned, at);
        assert.ok(spent <= total);
        assert.ok(spend(total, planned, planned) === spend(total, planned, 1));
      },
    ),
    { numRuns: 20 },
  );
});

test("a metric may get worse downwards, or either way", () => {
  const [rtt] = DEFAULT_JUDGE.metrics.filter((one) => one.name === "rtt");
  assert.ok(rtt?.kind === "latency");
  const result = (direction: "increase" | "decrease" | "either", rttMs: number) => {
    const settings = { ...DEFAULT_JUDGE, metrics: [{ ...rtt, direction }] };
    return judge(evidence({ targets: targets(5, { rttMs }) }), settings, NO_HISTORY).result;
  };
  assert.deepEqual(
    (["increase", "decrease", "either"] as const).map((direction) => [
      result(direction, 10),
      result(direction, 20),
      result(direction, 30),
    ]),
    [
      ["pass", "pass", "fail"],
      ["fail", "pass", "pass"],
      ["fail", "pass", "fail"],
    ],
  );
});

test("many comparisons are adjusted for: what one target alone would be failed for, twenty do not alarm at", () => {
  const at = (count: number) => {
    const one = metric(look({ targets: targets(count).with(0, target(0, { loseEvery: 60 })) }), "loss")
      .subjects[0];
    assert.ok(one?.arithmetic?.test === "score" && one.pAdjusted !== null);
    return { p: one.arithmetic.pFail, adjusted: one.pAdjusted };
  };
  const [alone, among] = [at(1), at(20)];
  assert.equal(alone.p, among.p);
  assert.ok(among.adjusted > alone.adjusted * 10 && alone.adjusted > alone.p);
});

test("a window that ends before it begins, or in which nothing was sent, holds", () => {
  assert.equal(look({ fromMs: 60_000, toMs: 0 }).result, "hold");
  assert.equal(look({ fromMs: 600_000, toMs: 700_000 }).result, "hold");
});

test("a look counts once, and the verdict carries the history to the next", () => {
  const first = look();
  const second = look({}, first.history);
  assert.deepEqual([first.look, second.look, second.history.looks], [1, 2, 2]);
});
