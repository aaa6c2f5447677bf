import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { describeCables } from "./cable-suite.ts";
import { hasGuest, insideGuest, runInGuest } from "./guest.ts";
import type { Wiring } from "./panel.ts";
import { mustRun } from "./run.ts";
import { tool } from "./tools.ts";
import { bestWiring } from "./topology.ts";

/**
 * Every way of making cables passes one suite: the kernel's own, and what stands in for it. Where the running kernel has
 * no netem, a guest kernel does that half; what stands in is done here.
 */

const GUEST_LIMIT_S = 240;

/** What the running kernel can, found in a namespace of its own. */
async function wirings(): Promise<readonly Wiring[]> {
  const probe = `vt-netem-${process.pid}`;
  await mustRun("ip", ["netns", "add", probe]);
  try {
    const best = await bestWiring(probe);
    const delays: readonly Wiring["delay"][] =
      best.delay === "netem" ? ["netem", "userspace"] : ["userspace"];
    const joins: readonly Wiring["join"][] = best.join === "fwd" ? ["fwd", "bridge"] : ["bridge"];
    return delays.flatMap((delay) => joins.map((join) => ({ delay, join })));
  } finally {
    await mustRun("ip", ["netns", "del", probe]);
  }
}

const possible = await wirings();
const netemHere = possible.some(({ delay }) => delay === "netem");
await tool("cable");
await tool("traffic");

if (!netemHere) {
  const skip = (await hasGuest())
    ? false
    : "this kernel has no netem, and no guest kernel is beside the checkout";
  test("cables by netem pass the same suite in a guest kernel", { skip }, async (context: TestContext) => {
    assert.ok(!insideGuest(), "the guest has no netem either");
    const result = await runInGuest(fileURLToPath(import.meta.url), GUEST_LIMIT_S, {
      signal: context.signal,
    });
    context.diagnostic(`kernel ${result.kernel}: ${result.tests.map(({ name }) => name).join("; ")}`);
    assert.ok(result.ok, result.output);
  });
}
possible
  .filter(({ delay }) => delay === "netem" || !insideGuest())
  .forEach((wiring, i) => {
    describeCables(wiring, `c${process.pid}x${i}`);
  });
