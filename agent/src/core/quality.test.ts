import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_WINDOW_ECHOES } from "@vsix/shared/contract/up-quality.ts";
import fc from "fast-check";
import { QualityLog, type QualityWindow } from "./quality.ts";

const A = { name: "a", address: "2001:db8::a" };
const B = { name: "b", address: "2001:db8::b" };
const SECOND = 1_000_000;

test("a window is told when its last echo has had its second, with round trips in the order of sending", () => {
  const log = new QualityLog([A, B], 1000, 0);
  log.sent(0, 65_535, 100_000, true);
  log.sent(0, 0, 200_000, true);
  log.sent(0, 1, 900_000, true);
  log.answered(0, A.address, 200_300);
  log.answered(65_535, A.address, 350_000);
  assert.equal(log.take(1_999_999), undefined);
  assert.deepEqual(log.take(2 * SECOND), {
    window: 1,
    startUs: 0,
    targets: [{ ...A, sent: 3, lost: 1, unsent: 0, late: 0, rttsUs: [250_000, 300, -1] }],
  });
});

test("what comes twice, from somebody else or unasked changes nothing", () => {
  const log = new QualityLog([A, B], 1000, 0);
  log.sent(0, 7, 0, true);
  log.answered(7, B.address, 10);
  log.answered(8, A.address, 10);
  log.answered(7, A.address, 500);
  log.answered(7, A.address, 900);
  assert.deepEqual(log.take(2 * SECOND)?.targets, [
    { ...A, sent: 1, lost: 0, unsent: 0, late: 0, rttsUs: [500] },
  ]);
});

test("an answer after a second is a lost echo and a late answer, told with the next window", () => {
  const log = new QualityLog([A], 1000, 0);
  log.sent(0, 1, 0, true);
  log.sent(0, 2, SECOND, true);
  assert.equal(log.take(2 * SECOND)?.targets[0]?.lost, 1);
  log.answered(1, A.address, 2_100_000);
  log.answered(2, A.address, 1_000_100);
  assert.deepEqual(log.take(3 * SECOND)?.targets, [
    { ...A, sent: 1, lost: 0, unsent: 0, late: 1, rttsUs: [100] },
  ]);
});

test("an echo that the kernel refused is lost, and told apart", () => {
  const log = new QualityLog([A], 1000, 0);
  log.sent(0, 1, 0, false);
  log.answered(1, A.address, 10);
  assert.deepEqual(log.take(2 * SECOND)?.targets, [
    { ...A, sent: 1, lost: 1, unsent: 1, late: 0, rttsUs: [-1] },
  ]);
});

test("a number that is used again belongs to the newer echo", () => {
  const log = new QualityLog([A, B], 1000, 0);
  log.sent(0, 1, 0, true);
  log.sent(1, 1, 1000, true);
  log.answered(1, A.address, 2000);
  log.answered(1, B.address, 2000);
  const targets = log.take(2 * SECOND)?.targets ?? [];
  assert.deepEqual(
    targets.map(({ rttsUs }) => rttsUs),
    [[-1], [1000]],
  );
});

test("every echo is counted in exactly one window, sent is lost and answered, and nothing exceeds its bounds", () => {
  const echo = fc.record({
    afterUs: fc.integer({ min: 0, max: 400_000 }),
    rttUs: fc.option(fc.integer({ min: 0, max: 3 * SECOND }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(echo, { maxLength: 120 }), (echoes) => {
      const log = new QualityLog([A], 1000, 0);
      let atUs = 0;
      const events = echoes.flatMap(({ afterUs, rttUs }, sequence) => {
        atUs += afterUs;
        const sentUs = atUs;
        const asked = { atUs: sentUs, run: () => log.sent(0, sequence, sentUs, true) };
        if (rttUs === undefined) return [asked];
        const come = sentUs + rttUs;
        return [asked, { atUs: come, run: () => log.answered(sequence, A.address, come) }];
      });
      const windows: QualityWindow[] = [];
      const takeAll = (nowUs: number): void => {
        for (let window = log.take(nowUs); window !== undefined; window = log.take(nowUs))
          windows.push(window);
      };
      for (const event of events.sort((a, b) => a.atUs - b.atUs)) {
        event.run();
        takeAll(event.atUs);
      }
      takeAll(atUs + 10 * SECOND);
      const told = windows.flatMap(({ targets }) => targets);
      const sent = told.reduce((sum, target) => sum + target.sent, 0);
      const inTime = echoes.filter(({ rttUs }) => rttUs !== undefined && rttUs < SECOND).length;
      for (const target of told) {
        assert.equal(target.sent, target.rttsUs.length);
        assert.equal(target.lost, target.rttsUs.filter((rtt) => rtt < 0).length);
        assert.ok(target.sent <= MAX_WINDOW_ECHOES);
      }
      const lost = told.reduce((sum, target) => sum + target.lost, 0);
      // More than a window can hold is left out; then nothing else can be said.
      if (sent === echoes.length) assert.equal(sent - lost, inTime);
      assert.deepEqual(
        windows.map(({ window }) => window),
        windows.map((_, i) => i + 1),
      );
    }),
  );
});
