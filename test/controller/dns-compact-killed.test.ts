import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DAY, Desk, exported, many, T0 } from "../fakes/dns-desk.ts";

const MINUTE = 60_000;
const WHERE = { fromMs: T0 - DAY, untilMs: T0 + DAY };
const NODES = 16;
const MINUTES = 20;
const SCRIPT = join(import.meta.dirname, "dns-compact-runner.ts");

function rowsOf(desk: Desk): readonly string[] {
  return exported(desk, WHERE, "csv").toString().trim().split("\r\n").slice(1).sort();
}

test("a controller that is killed while it puts segments together has every pair once, at every moment", {
  timeout: 600_000,
}, async () => {
  const desk = new Desk();
  for (let node = 0; node < NODES; node++)
    for (let minute = 0; minute < MINUTES; minute++)
      desk.put(
        `home-${node}`,
        many(2, (i) => ({
          timeMs: T0 + minute * MINUTE + i,
          id: i,
          name: `n${minute}-${i}.example`,
          client: `2001:db8:${node}::1`,
        })),
      );
  desk.settle(T0 + 90 * MINUTE);
  const before = rowsOf(desk);
  assert.equal(before.length, NODES * MINUTES * 2);
  const total = desk.total();
  let amid = 0;
  for (let life = 0; life < 20; life++) {
    const child = spawn(process.execPath, [SCRIPT, desk.file, String(T0 + 5 * 60 * MINUTE)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let groups = 0;
    for await (const said of child.stdout as AsyncIterable<Buffer>) {
      groups += said.length;
      if (groups > life % 3) break;
    }
    // Amid the next group, or a later one.
    await sleep(life % 4);
    child.kill("SIGKILL");
    await once(child, "close");
    const { segments } = desk.writer.figures(null);
    if (segments > NODES && segments < NODES * MINUTES) amid++;
    assert.deepEqual(rowsOf(desk), before);
    assert.deepEqual(desk.total(), total);
    if (segments === NODES) break;
  }
  assert.ok(amid > 0, "never was it killed amid its work");
  desk.settle(T0 + 5 * 60 * MINUTE);
  assert.equal(desk.writer.figures(null).segments, NODES);
  assert.deepEqual(rowsOf(desk), before);
});
