import assert from "node:assert/strict";
import { test } from "node:test";
import { pairPortCounters, watchPortCounters } from "./counters.ts";

test("counters are paired by port, drops are left out", () => {
  const counters = [
    { name: "out-e1", packets: 4, bytes: 400 },
    { name: "in-e1", packets: 3, bytes: 300 },
    { name: "drop-source-e1", packets: 9, bytes: 900 },
    { name: "in-a", packets: 1, bytes: 100 },
  ];
  assert.deepEqual(pairPortCounters(counters), [
    { interface: "a", inPackets: 1, outPackets: 0 },
    { interface: "e1", inPackets: 3, outPackets: 4 },
  ]);
});

test("a watch goes on after a reading that failed and ends with its signal", async () => {
  const stop = new AbortController();
  const errors: unknown[] = [];
  await watchPortCounters(
    {
      intervalMs: 5,
      read: () => Promise.reject(new Error("the kernel says no")),
      onCounters: () => assert.fail("nothing to read"),
      onError: (error) => {
        errors.push(error);
        if (errors.length === 3) stop.abort();
      },
      sleep: async () => {},
    },
    stop.signal,
  );
  assert.equal(errors.length, 3);
});
