import assert from "node:assert/strict";
import { test } from "node:test";
import type { Machine } from "@vsix/shared/contract/up-machine.ts";
import { machineWarnings } from "./machine-warnings.ts";

const GIB = 2 ** 30;
const WELL: Machine = {
  ...{ version: 1, node: "edge-1", at: "2026-01-01T00:00:00Z", uptimeS: 1, processors: 2, load: [9, 5, 4] },
  memory: { totalOctets: GIB, availableOctets: GIB / 2, swapTotalOctets: 0, swapFreeOctets: 0 },
  filesystems: [
    { path: "/", usedOctets: 9 * GIB, availableOctets: GIB, inodes: 100, inodesFree: 5 },
    { path: "/boot/efi", usedOctets: GIB, availableOctets: 9 * GIB, inodes: 0, inodesFree: 0 },
  ],
  temperature: 79.9,
  clockSynchronised: true,
};
const codesOf = (machine: Machine, aheadMs?: number): readonly string[] =>
  machineWarnings(machine, aheadMs).map(({ code, subject, value }) => `${code} ${subject} ${value}`);

test("a machine that is well, and one of which nothing is known, have no warnings", () => {
  assert.deepEqual(codesOf(WELL, 10_400), []);
  assert.deepEqual(codesOf({ version: 1, node: "a", at: "", filesystems: [] }), []);
});

test("a disk is nearly full by its part, but not while gigabytes are left", () => {
  const disk = (availableOctets: number, usedOctets: number): Machine => ({
    ...WELL,
    filesystems: [{ path: "/", usedOctets, availableOctets }],
  });
  assert.deepEqual(codesOf(disk(GIB, 10 * GIB)), ["disk-nearly-full / 9"]);
  assert.deepEqual(codesOf(disk(3 * GIB, 300 * GIB)), []);
  assert.deepEqual(codesOf(disk(0, 0)), []);
});

test("each thing that is short is said with its figure", () => {
  const poor: Machine = {
    ...WELL,
    memory: { totalOctets: GIB, availableOctets: GIB / 16, swapTotalOctets: 0, swapFreeOctets: 0 },
    filesystems: [{ path: "/", usedOctets: 1, availableOctets: GIB, inodes: 1000, inodesFree: 49 }],
    temperature: 84.6,
    load: [0, 0, 5],
    clockSynchronised: false,
  };
  assert.deepEqual(codesOf(poor, -61_000), [
    "inodes-nearly-gone / 4",
    "memory-short  6",
    "clock-not-synchronised  0",
    "clock-differs  -61",
    "hot  85",
    "overloaded  2.5",
  ]);
  assert.match(machineWarnings(poor, -61_000)[3]?.text ?? "", /61 s behind the controller's/);
});
