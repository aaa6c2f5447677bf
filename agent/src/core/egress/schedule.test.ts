import assert from "node:assert/strict";
import { test } from "node:test";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import fc from "fast-check";
import { EgressBudget } from "./budget.ts";
import { type EgressPlan, planEgress } from "./plan.ts";
import { type EgressJob, EgressSchedule } from "./schedule.ts";

function plan(of: Partial<EgressMeasure>, destinations: number, peers: number): EgressPlan {
  return planEgress({
    cycleMs: 30_000,
    probes: 5,
    timeoutMs: 1_000,
    size: 104,
    fullSize: 1500,
    maxPacketsPerS: 1_000,
    maxPacketsPerDestinationPerS: 2,
    peers: Array.from({ length: peers }, (_, i) => ({ name: `xe/${i}`, segments: ["2001:db8:5f::1"] })),
    destinations: Array.from({ length: destinations }, (_, i) => ({
      address: `2001:db8:1::${(i + 1).toString(16)}`,
      protocol: "icmp6",
    })),
    ...of,
  });
}

interface Sent extends EgressJob {
  readonly atUs: number;
  readonly address: string;
}

/** Cycles one after the other; `lateUs` is how late each look is. */
function runCycles(plans: readonly EgressPlan[], lateUs: (i: number) => number, startUs = 5e6): Sent[] {
  const budget = new EgressBudget();
  const sent: Sent[] = [];
  let nowUs = startUs;
  let looks = 0;
  plans.forEach((each, cycle) => {
    const addresses = new Set(each.destinations.map(({ address }) => address));
    budget.configure(each.ratePerS, each.destinationRatePerS, addresses, nowUs);
    const begin = nowUs;
    const schedule = new EgressSchedule({
      plan: each,
      budget,
      cycle,
      startUs: begin,
      probesOf: () => each.probes,
    });
    for (;;) {
      for (let job = schedule.next(nowUs); job !== undefined; job = schedule.next(nowUs))
        sent.push({ ...job, atUs: nowUs, address: each.destinations[job.destination]?.address ?? "" });
      const nextUs = schedule.nextUs(nowUs);
      if (nextUs === undefined) break;
      nowUs = Math.max(nowUs, Math.ceil(nextUs)) + lateUs(looks++);
    }
    nowUs = Math.max(nowUs, begin + each.cycleUs);
  });
  return sent;
}

function mostIn(times: readonly number[], lengthUs: number): number {
  let most = 0;
  let from = 0;
  times.forEach((atUs, to) => {
    while (atUs - (times[from] ?? 0) >= lengthUs) from++;
    most = Math.max(most, to - from + 1);
  });
  return most;
}

test("everything leaves once: each cell its probes, the one of full size first, peers in turn over the window", () => {
  const each = plan({}, 10, 3);
  const sent = runCycles([each], () => 0);
  assert.equal(sent.length, 10 * 3 * 6);
  const ofOne = sent.filter(({ destination }) => destination === 4);
  assert.deepEqual(
    ofOne.map(({ full }) => full),
    [true, true, true, ...Array<boolean>(15).fill(false)],
  );
  for (let i = 0; i < ofOne.length; i += 3)
    assert.equal(new Set(ofOne.slice(i, i + 3).map(({ peer }) => peer)).size, 3);
  const gaps = ofOne.slice(1).map(({ atUs }, i) => atUs - (ofOne[i]?.atUs ?? 0));
  const step = (each.windowUs - 1e6) / 18;
  assert.ok(Math.min(...gaps) > step * 0.99 && Math.max(...gaps) < step * 1.01, `${gaps}`);
  assert.ok(
    mostIn(
      sent.map(({ atUs }) => atUs),
      1e6,
    ) <= 7,
    "no burst: 180 in 29 s",
  );
});

test("who is held up for most of a second at the end of the window still asks everything", () => {
  const each = plan({}, 100, 2);
  const budget = new EgressBudget();
  budget.configure(1000, 2, new Set(), 0);
  const schedule = new EgressSchedule({ plan: each, budget, cycle: 1, startUs: 1e6, probesOf: () => 5 });
  let asked = 0;
  const ask = (nowUs: number): void => {
    for (let job = schedule.next(nowUs); job !== undefined; job = schedule.next(nowUs)) asked++;
  };
  const endUs = 1e6 + each.windowUs;
  for (let nowUs = 1e6; nowUs < endUs - 900_000; nowUs += 20_000) ask(nowUs);
  for (let nowUs = endUs - 100_000; nowUs < endUs; nowUs += 20_000) ask(nowUs);
  assert.equal(asked, 100 * 2 * 6);
});

test("no budget is ever exceeded: in no second by the node, in no time by a destination, also across cycles, plans and pauses", () => {
  const limits = fc.record({
    maxPacketsPerS: fc.integer({ min: 1, max: 400 }),
    maxPacketsPerDestinationPerS: fc.double({ min: 0.05, max: 20, noNaN: true }),
    cycleMs: fc.integer({ min: 1_000, max: 5_000 }),
    probes: fc.integer({ min: 1, max: 8 }),
  });
  const shape = fc.record({
    destinations: fc.integer({ min: 1, max: 12 }),
    peers: fc.integer({ min: 1, max: 4 }),
  });
  const cycles = fc.array(fc.tuple(limits, shape), { minLength: 1, maxLength: 4 });
  const late = fc.array(fc.nat(700_000), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(cycles, late, fc.boolean(), (all, delays, same) => {
      const [first] = all;
      const used = same && first !== undefined ? all.map(() => first) : all;
      const plans = used.map(([of, { destinations, peers }]) => plan(of, destinations, peers));
      const sent = runCycles(plans, (i) => delays[i % delays.length] ?? 0);
      const most = Math.max(...plans.map(({ ratePerS }) => ratePerS));
      assert.ok(
        mostIn(
          sent.map(({ atUs }) => atUs),
          1e6,
        ) <= most,
      );
      // Where limits differ, the largest of all is what no second may exceed.
      const spacing = 1e6 / Math.max(...plans.map(({ destinationRatePerS }) => destinationRatePerS));
      const lastUs = new Map<string, number>();
      for (const { address, atUs } of sent) {
        const before = lastUs.get(address) ?? Number.NEGATIVE_INFINITY;
        assert.ok(atUs - before >= spacing - 1, `${address}: ${atUs - before} < ${spacing}`);
        lastUs.set(address, atUs);
      }
    }),
    { numRuns: 150 },
  );
});

test("a budget that does not suffice leaves out the same share of every destination, and of every peer", () => {
  const each = plan({ maxPacketsPerS: 5, maxPacketsPerDestinationPerS: 20 }, 40, 2);
  const sent = runCycles(Array<EgressPlan>(6).fill(each), () => 0);
  const count = (of: (job: Sent) => number): number[] => {
    const counts = new Map<number, number>();
    for (const job of sent) counts.set(of(job), (counts.get(of(job)) ?? 0) + 1);
    return [...counts.values()];
  };
  const destinations = count(({ destination }) => destination);
  assert.equal(destinations.length, 40);
  assert.ok(Math.max(...destinations) - Math.min(...destinations) <= 6, `${destinations}`);
  const peers = count(({ peer }) => peer);
  assert.ok(Math.max(...peers) / Math.min(...peers) < 1.2, `${peers}`);
});

test("a destination that may be asked once in 100 s is, by each of its peers in time", () => {
  const each = plan({ maxPacketsPerDestinationPerS: 0.01 }, 3, 2);
  const sent = runCycles(Array<EgressPlan>(60).fill(each), () => 0);
  assert.ok(sent.length >= 3 * 14 && sent.length <= 3 * 18, `${sent.length}`);
  for (const wanted of each.destinations.keys())
    assert.equal(
      new Set(sent.filter(({ destination }) => destination === wanted).map(({ peer }) => peer)).size,
      2,
    );
});

test("who stops is asked nothing more, and a plan with nobody in it is over at once", () => {
  const each = plan({}, 2, 2);
  const budget = new EgressBudget();
  budget.configure(1000, 2, new Set(), 0);
  const options = { plan: each, budget, cycle: 1, startUs: 1e6, probesOf: () => 5 };
  const schedule = new EgressSchedule(options);
  schedule.end();
  assert.deepEqual([schedule.next(2e7), schedule.nextUs(2e6)], [undefined, undefined]);
  const nobody = new EgressSchedule({ ...options, plan: plan({}, 0, 0) });
  assert.deepEqual([nobody.next(2e7), nobody.nextUs(2e6)], [undefined, undefined]);
});
