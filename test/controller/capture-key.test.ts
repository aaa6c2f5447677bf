import assert from "node:assert/strict";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Bundle } from "@vsix/shared/contract/bundle.ts";
import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import { Bench, QUICK } from "./harness.ts";

const PSEUDONYMS = "telescreen: { nodes: { blue-sfc: {} }, privacy: { clients: pseudonym } }";
const OTHER = "ab".repeat(32);

interface NodeAnswer {
  readonly parts: readonly { readonly name: string; readonly generation: number }[];
}

/** What a node is told, as it gets it. */
async function captureOf(bench: Bench, node: string): Promise<CapturePart | undefined> {
  const { parts } = await bench.get<Bundle>(`/v1/nodes/${node}/bundle`);
  const part = parts.find(({ name }) => name === "capture");
  return part && (JSON.parse(Buffer.from(part.bytes, "base64").toString("utf8")) as CapturePart);
}

async function generations(bench: Bench): Promise<Record<string, number>> {
  const { parts } = await bench.get<NodeAnswer>("/v1/nodes/blue-sfc");
  return Object.fromEntries(parts.map(({ name, generation }) => [name, generation]));
}

test("the key of pseudonyms is made by the controller, told to the node that needs it and shown to nobody; another one changes that part alone", async () => {
  await using bench = await Bench.make();
  const log: string[] = [];
  await bench.start();
  const file = join(bench.directory, "state/capture.key");
  const key = (await readFile(file, "utf8")).trim();
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  const fabric = join(bench.directory, "fabric.yaml");
  const quick = await readFile(QUICK, "utf8");
  await writeFile(fabric, `${quick}\n${PSEUDONYMS}\n`);
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await bench.vsixctl(...args);
    log.push(stdout, stderr);
    return stdout + stderr;
  };
  await run("apply", QUICK);
  await run("apply", fabric, "--dry-run");
  await run("apply", fabric);
  assert.equal((await captureOf(bench, "blue-sfc"))?.privacy.key, key);
  assert.equal(await captureOf(bench, "edge-1"), undefined);
  const before = await generations(bench);

  // Of before: refused where it stands, and what stood there is not repeated.
  const old = join(bench.directory, "old.yaml");
  await writeFile(old, `${quick}\n${PSEUDONYMS.replace("pseudonym }", `pseudonym, key: ${OTHER} }`)}\n`);
  assert.match(await run("apply", old), /old\.yaml:\d+:\d+: .*stands in no fabric file/);

  await run("revisions");
  await run("audit", "list");
  await run("status", "--json");
  for (const path of ["/v1/nodes/blue-sfc", "/v1/revisions", "/v1/audit", "/v1/status"])
    log.push(JSON.stringify(await bench.get(path)));

  await bench.stop();
  await writeFile(file, `${OTHER}\n`);
  await bench.start();
  assert.equal((await captureOf(bench, "blue-sfc"))?.privacy.key, OTHER);
  assert.deepEqual(await generations(bench), { ...before, capture: (before["capture"] ?? 0) + 1 });
  await run("audit", "list");
  for (const text of log) for (const secret of [key, OTHER]) assert.ok(!text.includes(secret), text);

  // A node that needs none has none.
  await writeFile(fabric, `${quick}\ntelescreen: { nodes: { blue-sfc: {} } }\n`);
  await run("apply", fabric);
  assert.deepEqual((await captureOf(bench, "blue-sfc"))?.privacy, { clients: "whole", names: "whole" });
});

test("a key file that is missing, open to others or no key keeps the controller from starting, and says nothing of its contents", async () => {
  await using bench = await Bench.make(undefined, {});
  const config = join(bench.directory, "config.json");
  const file = join(bench.directory, "key");
  await writeFile(
    config,
    JSON.stringify({ ...JSON.parse(await readFile(config, "utf8")), captureKeyFile: file }),
  );
  const refused = async (why: RegExp): Promise<void> => {
    await assert.rejects(
      bench.start(),
      (error: Error) => why.test(error.message) && !error.message.includes("cdcd"),
    );
  };
  await refused(/there is no such file/);
  await writeFile(file, "cd".repeat(31), { mode: 0o600 });
  await refused(/holds no key/);
  await writeFile(file, "cd".repeat(32));
  await chmod(file, 0o640);
  await refused(/others may use it/);
  await chmod(file, 0o600);
  await bench.start();
});
