import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeartbeatOptions, sendHeartbeats } from "./heartbeat.ts";
import type { HeartbeatNotice } from "./notice.ts";

/** So many turns of the loop; those in `busy` find something waiting. */
async function beats(turns: number, busy: readonly number[] = []): Promise<readonly HeartbeatNotice[]> {
  const stop = new AbortController();
  const sent: HeartbeatNotice[] = [];
  let turn = 1;
  const options: HeartbeatOptions = {
    from: "noc",
    everyMs: 60_000,
    wallMs: () => turn * 60_000,
    sleep: async () => {
      turn += 1;
      if (turn > turns) stop.abort();
    },
    id: () => `n${turn}`,
    send: (notice) => void sent.push(notice),
    isBusy: () => busy.includes(turn),
  };
  await sendHeartbeats(options, stop.signal);
  return sent;
}

test("heartbeats say how often they come, and count up", async () => {
  const [first, ...rest] = await beats(3);
  assert.deepEqual(first, { kind: "heartbeat", id: "n1", at: 60_000, from: "noc", everyS: 60, sequence: 1 });
  assert.deepEqual(
    rest.map(({ sequence }) => sequence),
    [2, 3],
  );
});

test("a heartbeat that would have to wait is left out, and leaves no gap", async () => {
  const sent = await beats(5, [2, 3]);
  assert.deepEqual(
    sent.map(({ id, sequence }) => [id, sequence]),
    [
      ["n1", 1],
      ["n4", 2],
      ["n5", 3],
    ],
  );
});
