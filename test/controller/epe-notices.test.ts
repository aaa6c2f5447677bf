import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { EpeProgress } from "@vsix/controller/epe/progress.ts";
import type { EpeEventView } from "@vsix/controller/epe/view.ts";
import type { EpeNotice, Notice } from "@vsix/shared/notify/notice.ts";
import SqliteDatabase from "better-sqlite3";
import { Bench, until } from "./harness.ts";

const EPE = fileURLToPath(new URL("../../examples/epe.yaml", import.meta.url));

test("who watches and who receives notices hear of egress peers, once, though the controller was killed; the switch is in the log", async () => {
  const heard: EpeNotice[] = [];
  const hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const notice = JSON.parse(body) as Notice;
      if (notice.kind === "epe") heard.push(notice);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const directory = await mkdtemp(join(tmpdir(), "vsix-epe-"));
  await using files = new AsyncDisposableStack();
  files.defer(async () => {
    hook.closeAllConnections();
    hook.close();
    await rm(directory, { recursive: true });
  });
  const { port } = hook.address() as AddressInfo;
  const notify = join(directory, "notify.yaml");
  await writeFile(join(directory, "secret"), "a secret that only this test knows", { mode: 0o600 });
  const receiver = `{ name: noc, format: json, url: "http://127.0.0.1:${port}/", secretFile: secret, allowLoopbackHttp: true }`;
  await writeFile(notify, `version: 1\nreceivers:\n  - ${receiver}\n`);
  await using bench = await Bench.make(undefined, { notify });
  await bench.start();
  await bench.vsixctl("apply", EPE);
  const off = await bench.get<{ readonly error?: { readonly code: string } }>("/v1/epe/progress");
  assert.equal(off.error?.code, "epe-off");

  await using watch = bench.spawnVsixctl("watch", "--json");
  await until("the watch has begun", async () => {
    await bench.vsixctl("epe", "observe", "--wait", "1s", "--note", "to see");
    return watch.stdout.includes('"type":"epe"');
  });
  const line = watch.stdout.split("\n").find((one) => one.includes('"type":"epe"')) ?? "{}";
  const { body } = JSON.parse(line) as Pick<EpeEventView, "body">;
  assert.ok(body.kind === "mode" && body.mode === "observe" && body.note === "to see", line);
  await until("the receiver hears of it", () => heard.length > 0);
  assert.match(heard[0]?.event.lines[0]?.words ?? "", /^observe, by .*: to see$/);
  const progress = await bench.get<EpeProgress>("/v1/epe/progress?destination=3fff:510::1");
  assert.deepEqual([progress.done, progress.leftMs, progress.complete], [0, null, false]);
  assert.ok(progress.planned > 0);

  // What has arrived and is not yet written down as arrived is sent again, with the id that it had: then it is killed again.
  const [newest] = (await bench.json<{ readonly rows: readonly EpeEventView[] }>("epe", "history")).rows;
  assert.ok(newest !== undefined);
  for (let kills = 1; ; kills++) {
    await bench.stop("SIGKILL");
    const { waiting, switched } = writtenDown(bench);
    if (waiting === "{}" && switched >= newest.id) break;
    assert.ok(kills < 20, `${waiting} waits, told up to ${switched} of ${newest.id}`);
    const arrived = heard.length;
    await bench.start();
    // What waits is sent again, what was not told is told.
    await until("it goes on from where it was", () => heard.length > arrived);
  }
  const before = heard.length;
  await bench.start();
  await bench.vsixctl("epe", "off", "--note", "enough");
  await until("the receiver hears that it is off", () =>
    heard.some(({ event }) => event.lines.some(({ words }) => /^off, by .*: enough$/.test(words))),
  );
  const told = new Set(heard.slice(0, before).map(({ id }) => id));
  const since = heard.slice(before).map(({ id }) => id);
  assert.equal(new Set([...told, ...since]).size, told.size + since.length, "told twice");
  const { rows } = await bench.json<{ readonly rows: readonly EpeEventView[] }>("epe", "history");
  assert.ok(rows.some((row) => row.body.kind === "mode" && row.body.mode === "off"));
});

/** What the controller would begin with after a crash: notices that wait, and the last switching that was told. */
function writtenDown({ directory }: Bench): { readonly waiting: string; readonly switched: number } {
  const database = new SqliteDatabase(join(directory, "state/controller.db"));
  try {
    const kept = (name: string): string => {
      const row = database.prepare("SELECT value FROM watch_memory WHERE name = ?").get(name);
      return (row as { readonly value: string } | undefined)?.value ?? "{}";
    };
    const { switched } = JSON.parse(kept("epe")) as { readonly switched?: { readonly upTo: number } };
    return { waiting: kept("waiting"), switched: switched?.upTo ?? 0 };
  } finally {
    database.close();
  }
}
