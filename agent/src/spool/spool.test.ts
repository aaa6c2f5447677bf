import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { decodeDnsBatch } from "@vsix/shared/contract/up-dns.ts";
import { sealJournal } from "./batch-place.ts";
import { JournalFiles } from "./journal-files.ts";
import { DnsSpool, SpoolError, type SpoolItem } from "./spool.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), "vsix-spool-"));
  directories.push(directory);
  return directory;
}

function item(pairs: number, octets = 100): SpoolItem {
  const segment = new Uint8Array(octets).fill(pairs);
  return { points: ["eth0"], firstUs: 1, lastUs: 2, pairs, counters: { packets: pairs * 2 }, segment };
}

async function drain(spool: DnsSpool) {
  const metas = [];
  for (let batch = spool.first(); batch !== undefined; batch = spool.first()) {
    const bytes = await spool.read(batch);
    assert.ok(bytes !== undefined);
    metas.push({ sequence: batch.sequence, instance: batch.instance, ...decodeDnsBatch(bytes).meta });
    await spool.remove(batch.instance, batch.sequence);
  }
  return metas;
}

test("what a life of the agent left is taken up by the next, in its order, under its own instance", async () => {
  const directory = folder();
  const first = new DnsSpool({ directory, maxOctets: 1e6 });
  await first.add(item(3));
  await first.add(item(4));
  first.seen(9);
  // No close: it was killed.
  const second = new DnsSpool({ directory, maxOctets: 1e6 });
  await second.add(item(5));
  const metas = await drain(second);
  assert.deepEqual(
    metas.map(({ sequence, pairs, pairsBefore }) => [sequence, pairs, pairsBefore]),
    [
      [1, 3, 0],
      [2, 4, 3],
      [1, 5, 0],
    ],
  );
  assert.equal(metas[0]?.instance, first.instance);
  assert.equal(metas[2]?.instance, second.instance);
  assert.notEqual(first.instance, second.instance);
  assert.deepEqual(metas[2]?.previous, [{ instance: first.instance, pairs: 9 }]);
  await second.close();
});

test("a life that stored nothing is told by the one after the next", async () => {
  const directory = folder();
  const lives = [4, 6].map((pairs) => {
    const spool = new DnsSpool({ directory, maxOctets: 1e6 });
    spool.seen(pairs);
    return spool;
  });
  const third = new DnsSpool({ directory, maxOctets: 1e6 });
  await third.add(item(1));
  await third.add(item(1));
  const [meta, next] = await drain(third);
  assert.deepEqual(
    meta?.previous,
    lives.map(({ instance }, i) => ({ instance, pairs: [4, 6][i] })),
  );
  assert.equal(next?.previous, undefined, "once is enough");
  await third.close();
});

test("a full spool drops the oldest, and the next batch shows how many pairs are missing", async () => {
  const spool = new DnsSpool({ directory: folder(), maxOctets: 2_000 });
  for (const pairs of [1, 2, 3, 4]) await spool.add(item(pairs, 600));
  assert.equal(spool.figures.dropped, 2);
  assert.ok(spool.figures.octets <= 2_000);
  const metas = await drain(spool);
  assert.deepEqual(
    metas.map(({ sequence, pairs, pairsBefore }) => [sequence, pairs, pairsBefore]),
    [
      [3, 3, 3],
      [4, 4, 6],
    ],
  );
  await spool.close();
});

test("what was half written when the power went is no batch, and numbers are not used twice", async () => {
  const directory = folder();
  const first = new DnsSpool({ directory, maxOctets: 1e6 });
  await first.add(item(3));
  await first.close();
  writeFileSync(join(directory, "00000001-000000000002.batch.new"), "half");
  writeFileSync(join(directory, "spool.json"), "nonsense");
  rmSync(join(directory, "spool.json.previous"), { force: true });
  const second = new DnsSpool({ directory, maxOctets: 1e6 });
  assert.notEqual(second.instance, first.instance);
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.includes("batch")),
    ["00000001-000000000001.batch"],
  );
  await second.add(item(1));
  assert.deepEqual(
    (await drain(second)).map(({ pairs }) => pairs),
    [3, 1],
  );
  await second.close();
});

test("a journal of a killed life becomes the batch that it was to be, before those of later lives, and always the same", async () => {
  const [directory, runDir] = [folder(), folder()];
  const first = new DnsSpool({ directory, maxOctets: 1e6 });
  const journals = new JournalFiles(runDir, first);
  const prefix = journals.prefix();
  await first.add(item(3));
  first.seen(9, 77);
  writeFileSync(`${prefix}-000000000002.open`, "");
  // Killed.
  for (let life = 0; life < 2; life++) {
    const next = new DnsSpool({ directory, maxOctets: 1e6 });
    assert.equal(next.untilUs, 77);
    const left = new JournalFiles(runDir, next).left();
    assert.equal(left.length, 1);
    const [journal = ""] = left;
    // Killed while it was saved: the name says for good which batch it is.
    if (life === 0) sealJournal(journal, { run: 1, sequence: 2, pairsBefore: 3 });
    else {
      await next.add(item(6), journal);
      await next.add(item(1));
      assert.deepEqual(new JournalFiles(runDir, next).left(), []);
      const metas = await drain(next);
      assert.deepEqual(
        metas.map(({ instance, sequence, pairs, pairsBefore }) => [instance, sequence, pairs, pairsBefore]),
        [
          [first.instance, 1, 3, 0],
          [first.instance, 2, 6, 3],
          [next.instance, 1, 1, 0],
        ],
      );
      assert.equal(metas[2]?.previous?.[0]?.pairs, 9);
    }
    await next.close();
  }
});

test("a journal whose batch is on disk already is not read again", async () => {
  const [directory, runDir] = [folder(), folder()];
  const first = new DnsSpool({ directory, maxOctets: 1e6 });
  const journal = `${new JournalFiles(runDir, first).prefix()}-000000000001.open`;
  writeFileSync(journal, "");
  await first.add(item(3));
  sealJournal(journal, { run: 1, sequence: 1, pairsBefore: 0 });
  const second = new DnsSpool({ directory, maxOctets: 1e6 });
  assert.deepEqual(new JournalFiles(runDir, second).left(), []);
  assert.equal(
    readdirSync(runDir, { recursive: true }).filter((name) => String(name).includes("sealed")).length,
    0,
  );
  await second.close();
});

test("a batch that is too large is refused and missed in the count", async () => {
  const spool = new DnsSpool({ directory: folder(), maxOctets: 1e9 });
  await assert.rejects(spool.add(item(7, 9 * 1024 * 1024)), SpoolError);
  await spool.add(item(1));
  const [meta] = await drain(spool);
  assert.equal(meta?.pairsBefore, 7);
  assert.equal(meta?.sequence, 2);
  await spool.close();
});

test("a disk that refuses is a fault that is told, and goes when it takes again", async () => {
  const directory = folder();
  const spool = new DnsSpool({ directory, maxOctets: 1e6 });
  rmSync(directory, { recursive: true });
  writeFileSync(directory, "a file where the folder was");
  await assert.rejects(spool.add(item(1)), SpoolError);
  assert.ok(spool.figures.fault !== undefined);
  rmSync(directory);
  await spool.add(item(2));
  assert.equal(spool.figures.fault, undefined);
  assert.equal((await drain(spool))[0]?.pairsBefore, 1);
  await spool.close();
});
