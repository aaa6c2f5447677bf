import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allocatePrefix, createPool, listPools, movePrefix } from "../../controller/src/access/addresses.ts";
import { allocateIn, freeExpired } from "../../controller/src/access/allocate.ts";
import { systemClock } from "../../controller/src/clock.ts";
import type { Strategy } from "../../controller/src/core/access/blocks.ts";
import type { Pool } from "../../controller/src/core/access/pools.ts";
import { poolOfRow } from "../../controller/src/store/access/reader.ts";
import { Store } from "../../controller/src/store/store.ts";
import type { BenchCase, BenchContext, BenchResult } from "./bench-case.ts";
import { median, spread } from "./statistics.ts";

const PREFIXES = 100_000;
const SPARSE = 100_000;
const BATCH = 1000;
const HOLES = 10_000;
const ROUNDS = 200;
const NOBODY = { state: "active", account: null, project: null, application: null, note: "" } as const;

/**
 * One allocation of a /60 out of a /32 that has given out 100,000, with its commit (fsync) and audit record, as
 * `vsixctl pool allocate` does it: first fit, first fit with 10,000 holes, and sparse; how long it takes to say how full
 * the pool is. In this process, on the disk of the temporary directory.
 */
async function run({ count = ROUNDS, progress, signal }: BenchContext): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-bench-addresses-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    let nowMs = Date.parse("2026-01-01T00:00:00Z");
    const context = { store, clock: { ...systemClock, wallMs: () => nowMs } };
    const moment = () => ({ who: "bench", nowMs });
    const make = async (name: string, prefix: string, strategy: Strategy) => {
      const wish = { name, prefix, purpose: "tunnel", strategy, quarantineS: 60, note: "" } as const;
      return poolOfRow((await createPool(context, "bench", wish)).pool);
    };
    const fill = async (pool: Pool, prefixes: number): Promise<number> => {
      const started = performance.now();
      for (let done = 0; done < prefixes; done += BATCH) {
        signal.throwIfAborted();
        await store.transaction(async (tx) => {
          for (let at = 0; at < BATCH; at++) await allocateIn(tx, pool, 60, NOBODY, moment());
        });
      }
      return performance.now() - started;
    };
    const timed = async (pool: string): Promise<readonly number[]> => {
      const times: number[] = [];
      for (let round = 0; round < count; round++) {
        const started = performance.now();
        await allocatePrefix(context, "bench", { pool, state: "active", note: "" });
        times.push(performance.now() - started);
      }
      return times;
    };
    progress.step("the first of a pool that is empty");
    await make("empty", "2001:db8::/32", "first");
    const empty = await timed("empty");
    progress.step(`${PREFIXES} out of a /32, first fit`);
    const dense = await make("dense", "2001:db9::/32", "first");
    const filledMs = await fill(dense, PREFIXES);
    const full = await timed("dense");
    progress.step(`${HOLES} holes`);
    const rows = await store.read.addresses.prefixes({ pool: "dense", limit: PREFIXES });
    await store.transaction(async (tx) => {
      for (let at = 0; at < HOLES; at++) {
        const row = rows[(at * 7919) % rows.length];
        if (row !== undefined) await movePrefix(tx, row, "release", "", moment());
      }
    });
    nowMs += 120_000;
    await store.transaction((tx) => freeExpired(tx, moment(), HOLES));
    const holes = await timed("dense");
    progress.step(`${SPARSE} out of a /32, sparse`);
    await fill(await make("sparse", "2001:dba::/32", "sparse"), SPARSE);
    const sparse = await timed("sparse");
    const views: number[] = [];
    for (let round = 0; round < 20; round++) {
      const started = performance.now();
      await listPools(context);
      views.push(performance.now() - started);
    }
    const figure = (name: string, values: readonly number[]) => ({
      name,
      unit: "ms" as const,
      value: median(values),
      ...spread(values),
    });
    return {
      figures: [
        figure("one allocation, empty pool", empty),
        figure("one allocation, 100,000 given out", full),
        figure("one allocation, 10,000 holes among them", holes),
        figure("one allocation, sparse, 100,000 given out", sparse),
        figure("how full three pools are, 200,000 prefixes", views),
        { name: "100,000 allocations, a thousand a commit", unit: "ms", value: filledMs },
      ],
      setting: { prefixes: PREFIXES, holes: HOLES, rounds: count },
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const addressesCase: BenchCase = {
  name: "addresses",
  summary: "one allocation out of a /32 with 100,000 given out, with its commit",
  run,
};
