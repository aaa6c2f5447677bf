import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import SqliteDatabase from "better-sqlite3";
import type { AuditVerdictAnswer } from "../../controller/src/http/schemas.ts";
import { Bench, QUICK } from "./harness.ts";

test("vsixctl audit verify finds a whole log whole, and exits 1 naming the record that somebody edited", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await bench.vsixctl("edge", "steer", "edge-1", "--plane", "green", "--wait", "0");
  await bench.stop("SIGKILL");
  await bench.start();
  const whole = await bench.json<AuditVerdictAnswer>("audit", "verify");
  assert.equal(whole.broken, null);
  assert.equal(whole.sound, 3);
  const noted = `${whole.head.id}:${whole.head.hash}`;
  assert.equal((await bench.vsixctl("audit", "verify", "--head", noted)).code, 0);
  await bench.stop();

  const database = new SqliteDatabase(join(bench.directory, "state/controller.db"));
  database.exec("DROP TRIGGER audit_no_update; UPDATE audit SET who = 'nobody' WHERE id = 2");
  database.close();
  await bench.start();
  const { code, stdout } = await bench.vsixctl("audit", "verify");
  assert.equal(code, 1);
  assert.match(stdout, /record 2: its hash does not fit/);
  assert.match((await bench.vsixctl("audit", "--limit", "3")).stdout, /2 .*nobody\s+steer/);
});
