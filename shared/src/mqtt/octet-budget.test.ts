import assert from "node:assert/strict";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { mock, test } from "node:test";
import { rulesForClients } from "./frame-scanner.ts";
import { LimitedDuplex } from "./limited-duplex.ts";
import { OctetBudget } from "./octet-budget.ts";

const LIMITS = { octetsPerS: 1000, burstOctets: 5000, octetsPerPacket: 10 };

test("a burst goes through, what is more waits until it is earned, and a pause earns no more than a burst", () => {
  const budget = new OctetBudget(LIMITS, 0);
  assert.equal(budget.spend(4900, 10, 0), 0);
  assert.equal(budget.spend(100, 0, 0), 100);
  assert.equal(budget.spend(0, 0, 100), 0);
  assert.equal(budget.spend(0, 100, 100), 1000);
  assert.equal(budget.spend(5000, 0, 3_600_000), 0);
  assert.equal(budget.spend(1, 0, 3_600_000), 1);
  // A clock that stands still or goes back earns nothing.
  assert.equal(budget.spend(0, 0, 0), 1);
});

test("a connection above its budget is read again once that has been earned, and nothing of it is lost", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const [near, far] = duplexPair();
    const limited = new LimitedDuplex(near, rulesForClients(10_000));
    const budget = new OctetBudget(LIMITS, performance.now());
    limited.budget = budget;
    let passed = 0;
    limited.on("data", (chunk: Buffer) => {
      passed += chunk.length;
    });
    const packet = Buffer.concat([Buffer.of(0x30, 0xb8, 0x17), Buffer.alloc(3000)]);
    for (let i = 0; i < 4; i++) far.write(packet);
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    const first = passed;
    assert.ok(first >= 2 * packet.length && first < 4 * packet.length, `${first}`);
    assert.ok(near.isPaused());
    for (let i = 0; i < 10 && passed < 4 * packet.length; i++) {
      mock.timers.tick(10_000);
      for (let j = 0; j < 20; j++) await new Promise(setImmediate);
    }
    assert.equal(passed, 4 * packet.length);
    limited.destroy();
    await once(limited, "close");
  } finally {
    mock.timers.reset();
  }
});
