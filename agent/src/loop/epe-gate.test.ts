import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pino } from "pino";
import { EpeGate } from "./epe-gate.ts";

const part = (keepS: number) => ({ version: 1 as const, classes: [], keepS });
const HOUR_S = 3_600;

/** A router's folder and clocks, and its agent's gate that can be started anew. */
function router(context: TestContext) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const stateDir = mkdtempSync(join(tmpdir(), "vsix-gate-"));
  const clock = { boot: "first", monotonicMs: 1_000_000, wallMs: Date.parse("2026-01-01T00:00:00Z") };
  let gate: EpeGate | undefined;
  let asked = 0;
  context.after(() => {
    gate?.[Symbol.dispose]();
    rmSync(stateDir, { recursive: true });
  });
  return {
    clock,
    stateDir,
    asked: () => asked,
    /** As a killed process comes back. */
    start(keepS: number): EpeGate {
      gate?.[Symbol.dispose]();
      gate = new EpeGate({
        stateDir,
        now: () => ({ ...clock }),
        log: pino({ enabled: false }),
        onChange: () => {},
        ask: () => void asked++,
      });
      gate.configure(part(keepS));
      return gate;
    },
    pass(seconds: number): void {
      // In steps: a mocked interval sees the clock of its own moment.
      for (let left = seconds; left > 0; left -= 60) {
        const step = Math.min(60, left);
        clock.monotonicMs += step * 1000;
        clock.wallMs += step * 1000;
        context.mock.timers.tick(step * 1000);
      }
    },
  };
}

test("overrides age out when the controller has not been heard for as long as it has them kept, and come back when it is", (context) => {
  const { start, pass, asked } = router(context);
  const gate = start(HOUR_S);
  assert.equal(gate.state, "on");
  assert.equal(asked(), 1, "asked at once");
  pass(HOUR_S - 1);
  assert.equal(gate.state, "on");
  assert.equal(asked(), 60, "and every minute");
  pass(1);
  assert.equal(gate.state, "aged");
  assert.match(gate.reason ?? "", /last heard 3600 s ago and has overrides kept for 3600 s: BGP decides/);
  gate.heard();
  assert.deepEqual([gate.state, gate.reason], ["on", undefined]);
});

test("while the controller answers nothing ages, and with 0 nothing ever does, nor is anything asked", (context) => {
  const { start, pass, asked } = router(context);
  const gate = start(HOUR_S);
  for (let i = 0; i < 2; i++) {
    pass(HOUR_S - 60);
    gate.heard();
  }
  assert.equal(gate.state, "on");
  const before = asked();
  gate.configure(part(0));
  pass(100 * HOUR_S);
  assert.deepEqual([gate.state, asked()], ["on", before]);
});

test("a restart neither extends nor cuts the time, whatever the wall clock does meanwhile", (context) => {
  for (const stepMs of [0, 365 * 86_400_000, -365 * 86_400_000]) {
    const { clock, start, pass } = router(context);
    start(HOUR_S);
    pass(1_800);
    clock.wallMs += stepMs;
    clock.monotonicMs += 600_000; // the agent is away
    const gate = start(HOUR_S);
    pass(1_199);
    assert.equal(gate.state, "on", `${stepMs}`);
    pass(1);
    assert.equal(gate.state, "aged", `${stepMs}`);
    assert.equal(start(HOUR_S).state, "aged", "and stays so");
    context.mock.timers.reset();
  }
});

test("over a reboot what has passed before counts, and what the wall clock says of the time between unless it went back", (context) => {
  for (const [awayMs, leftS] of [
    [600_000, 1_200],
    [-86_400_000, 1_800],
  ] as const) {
    const { clock, start, pass } = router(context);
    start(HOUR_S);
    pass(1_800);
    clock.boot = `after ${awayMs}`;
    clock.monotonicMs = 5_000;
    clock.wallMs += awayMs;
    const gate = start(HOUR_S);
    pass(leftS - 1);
    assert.equal(gate.state, "on");
    pass(1);
    assert.equal(gate.state, "aged");
    context.mock.timers.reset();
  }
});

test("a damaged record is taken for a controller that was heard just now", (context) => {
  const { start, pass, stateDir } = router(context);
  start(HOUR_S);
  pass(1_800);
  for (const file of ["epe-heard.json", "epe-heard.json.previous"]) writeFileSync(join(stateDir, file), "{");
  assert.equal(start(HOUR_S).heardAgoMs, 0);
});

test("switched off stays off over restarts and documents until it is switched on, whoever did it", (context) => {
  const { start, stateDir } = router(context);
  const gate = start(HOUR_S);
  gate.switch(false);
  assert.match(gate.reason ?? "", /switched off on this router at 2026-01-01T00:00:00\.000Z/);
  gate.configure(part(60));
  gate.heard();
  assert.equal(gate.state, "off");
  const again = start(HOUR_S);
  assert.equal(again.state, "off");
  again.switch(false);
  again.switch(true);
  assert.equal(again.state, "on");
  // The command writes the file itself where no agent answers.
  writeFileSync(join(stateDir, "epe.off"), "");
  again.lookAtFlag();
  assert.deepEqual([again.state, start(HOUR_S).state], ["off", "off"]);
  assert.match(again.reason ?? "", /at an unknown time/);
});
