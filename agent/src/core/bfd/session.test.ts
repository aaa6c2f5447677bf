import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BfdControl, type BfdState, decodeBfd, encodeBfd } from "../../wire/bfd/control.ts";
import { type BfdReason, BfdSession, type BfdSettings } from "./session.ts";

const SETTINGS: BfdSettings = { intervalMs: 200, multiplier: 3 };

interface End {
  readonly session: BfdSession;
  readonly changes: string[];
  readonly sentMs: number[];
  readonly sent: BfdControl[];
}

const end = (discriminator: number, settings: BfdSettings, nowMs = 0): End => ({
  session: new BfdSession(discriminator, settings, nowMs),
  changes: [],
  sentMs: [],
  sent: [],
});

const note = ({ changes }: End, change: { up: boolean; reason: BfdReason } | undefined): void => {
  if (change !== undefined) changes.push(`${change.up ? "up" : "down"} ${change.reason}`);
};

/** Two ends on a wire without delay, in steps of a millisecond; `passes` says which packets arrive. */
function run(
  [a, b]: readonly [End, End],
  fromMs: number,
  untilMs: number,
  passes: (from: End) => boolean = () => true,
  random: () => number = () => 0.5,
): void {
  for (let nowMs = fromMs; nowMs < untilMs; nowMs++)
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      note(from, from.session.expire(nowMs));
      for (;;) {
        const packet = from.session.take(nowMs, random());
        if (packet === undefined) break;
        from.sent.push(packet);
        if (!packet.final) from.sentMs.push(nowMs);
        const decoded = decodeBfd(encodeBfd(packet));
        if (decoded.ok && passes(from)) note(to, to.session.receive(decoded.packet, nowMs));
      }
    }
}

const pair = (one = SETTINGS, other = SETTINGS): readonly [End, End] => [end(1, one), end(2, other)];

test("two ends come up and settle on the slower interval, each counting with the other's multiplier", () => {
  const ends = pair({ intervalMs: 100, multiplier: 5 }, { intervalMs: 300, multiplier: 2 });
  run(ends, 0, 5000);
  const [a, b] = ends;
  assert.deepEqual([a.changes, b.changes], [["up established"], ["up established"]]);
  assert.deepEqual([a.session.transmitIntervalMs, b.session.transmitIntervalMs], [300, 300]);
  assert.deepEqual([a.session.detectionMs, b.session.detectionMs], [600, 1500]);
  assert.deepEqual([a.session.remoteDiscriminator, b.session.remoteDiscriminator], [2, 1]);
});

test("coming up is announced by a Poll sequence that ends with the neighbour's Final", () => {
  const ends = pair();
  run(ends, 0, 5000);
  for (const { sent } of ends) {
    assert.ok(sent.some(({ poll, state }) => poll && state === "up"));
    assert.ok(sent.some(({ final }) => final));
    assert.ok(sent.every(({ poll, final }) => !(poll && final)));
    assert.equal(sent.at(-1)?.poll, false);
  }
});

test("a second lies between packets while a session is not up", () => {
  const lonely = pair();
  run(lonely, 0, 10_000, () => false);
  const [{ sentMs, sent }] = lonely;
  assert.ok(sentMs.length >= 10 && sentMs.length <= 14, String(sentMs.length));
  assert.ok(
    sent.every(
      ({ desiredMinTxUs, yourDiscriminator }) => desiredMinTxUs === 1_000_000 && yourDiscriminator === 0,
    ),
  );
});

test("between packets lie 75 to 100 % of the interval; with a multiplier of 1 at most 90 %", () => {
  for (const [multiplier, most] of [
    [3, 200],
    [1, 180],
  ] as const)
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (stream) => {
        const ends = pair({ ...SETTINGS, multiplier }, SETTINGS);
        run(ends, 0, 8000, undefined, () => stream.next().value ?? 0);
        const late = ends[0].sentMs.filter((ms) => ms > 4000);
        for (const [i, ms] of late.entries()) {
          const gap = ms - (late[i - 1] ?? ms - 150);
          assert.ok(gap >= 150 && gap <= most + 1, `${gap}`);
        }
      }),
      { numRuns: 20 },
    );
});

test("silence takes both ends down after the detection time, and they come back", () => {
  const ends = pair();
  run(ends, 0, 5000);
  run(ends, 5000, 5650, () => false);
  for (const { changes } of ends) assert.deepEqual(changes.splice(0), ["up established", "down timeout"]);
  run(ends, 5650, 10_000);
  for (const { changes } of ends) assert.deepEqual(changes, ["up established"]);
});

test("silence one way: who hears nothing times out and tells the other", () => {
  const ends = pair();
  const [a, b] = ends;
  run(ends, 0, 5000);
  run(ends, 5000, 5700, (from) => from === a);
  assert.deepEqual(a.changes.at(-1), "down timeout");
  assert.deepEqual(b.changes.at(-1), "down signalled");
});

test("any packets lost on the way: once they pass again both ends are up", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), (stream) => {
      const ends = pair();
      run(ends, 0, 10_000, () => stream.next().value ?? true);
      run(ends, 10_000, 16_000);
      for (const { session } of ends) assert.equal(session.state, "up");
    }),
    { numRuns: 30 },
  );
});

test("an end that begins anew says so: the other goes down without a failure, and both come up", () => {
  const ends = pair();
  run(ends, 0, 5000);
  const again: readonly [End, End] = [end(9, SETTINGS, 5000), ends[1]];
  // Packets for the old discriminator reach no session of the new process.
  const known = ({ sent }: End): boolean => [0, 9].includes(sent.at(-1)?.yourDiscriminator ?? 0);
  run(again, 5000, 9000, (from) => from === again[0] || known(from));
  assert.deepEqual(again[1].changes, ["up established", "down restarted", "up established"]);
  assert.equal(again[0].session.state, "up");
});

test("an administrative end is told and is no failure", () => {
  const ends = pair();
  run(ends, 0, 5000);
  const [a, b] = ends;
  note(b, b.session.receive(a.session.shutDown(), 5000));
  assert.equal(b.changes.at(-1), "down administrative");
  assert.equal(a.session.take(6000, 0), undefined, "nothing follows");
  note(a, a.session.receive(b.session.take(5000, 0) ?? assert.fail("b says nothing"), 6000));
  assert.equal(a.session.state, "admin-down");
});

test("an interval is changed under way: the shorter for sending, the longer for waiting, until the neighbour knows", () => {
  const ends = pair();
  const [a, b] = ends;
  run(ends, 0, 5000);
  a.session.configure({ intervalMs: 400, multiplier: 3 }, 5000);
  assert.equal(a.session.transmitIntervalMs, 200);
  assert.equal(a.session.detectionMs, 1200);
  run(ends, 5000, 7000);
  assert.deepEqual([a.session.transmitIntervalMs, b.session.detectionMs], [400, 1200]);
  a.session.configure({ intervalMs: 50, multiplier: 3 }, 7000);
  run(ends, 7000, 9000);
  assert.deepEqual([a.session.transmitIntervalMs, b.session.detectionMs], [200, 600]);
  for (const { changes } of ends) assert.deepEqual(changes, ["up established"]);
});

test("a neighbour that wants no periodic packets, or is in demand mode, gets none but its Finals", () => {
  for (const wish of [{ requiredMinRxUs: 0 }, { demand: true }]) {
    const ends = pair();
    const [a] = ends;
    run(ends, 0, 5000);
    const heard = ends[1].sent.at(-1) ?? assert.fail();
    a.session.receive({ ...heard, ...wish }, 5000);
    assert.equal(a.session.take(5250, 0), undefined);
    a.session.receive({ ...heard, ...wish, poll: true }, 5300);
    assert.equal(a.session.take(5300, 0)?.final, true);
    assert.equal(a.session.take(5300, 0), undefined);
  }
});

test("a packet that claims authentication changes nothing", () => {
  const ends = pair();
  const [a, b] = ends;
  run(ends, 0, 5000);
  const heard = b.sent.at(-1) ?? assert.fail();
  const before = [a.session.deadlineMs, a.session.sendMs];
  assert.equal(a.session.receive({ ...heard, authenticated: true, state: "down" }, 5050), undefined);
  assert.deepEqual([a.session.state, a.session.deadlineMs, a.session.sendMs], ["up", ...before]);
});

test("whatever a neighbour sends: states stay states, nothing goes out faster than one answer a packet and the pace", () => {
  const word = fc.nat({ max: 0xffffffff });
  const step = fc.record({
    afterMs: fc.nat({ max: 3000 }),
    state: fc.constantFrom<BfdState>("admin-down", "down", "init", "up"),
    diagnostic: fc.nat({ max: 31 }),
    poll: fc.boolean(),
    final: fc.boolean(),
    demand: fc.boolean(),
    detectMultiplier: fc.integer({ min: 1, max: 255 }),
    myDiscriminator: fc.integer({ min: 1, max: 0xffffffff }),
    desiredMinTxUs: word,
    requiredMinRxUs: word,
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const session = new BfdSession(1, SETTINGS, 0);
      let nowMs = 0;
      for (const { afterMs, ...fields } of steps) {
        nowMs += afterMs;
        session.expire(nowMs);
        const packet: BfdControl = {
          ...fields,
          independent: false,
          authenticated: false,
          yourDiscriminator: 1,
          requiredMinEchoRxUs: 0,
        };
        session.receive(packet, nowMs);
        let sent = 0;
        for (; session.take(nowMs, 0.5) !== undefined; sent++) assert.ok(sent < 2);
        assert.ok(session.sendMs > nowMs && session.deadlineMs > nowMs);
      }
    }),
    { numRuns: 500 },
  );
});
