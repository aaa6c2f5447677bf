import { writeSync } from "node:fs";
import { openDatabase } from "@vsix/controller/dns/database.ts";
import { WriterDesk } from "@vsix/controller/dns/writer-desk.ts";

/** Puts segments together until it is killed, and says so after each group: `node dns-compact-runner.ts FILE NOW_MS`. */
const [file = "", now = "0"] = process.argv.slice(2);
const KEPT = { days: 365, octets: 1e12 };
const retention = { pairs: KEPT, minutes: KEPT, hours: KEPT, dayRollups: KEPT };
const { requests } = new WriterDesk(openDatabase(file));
for (let i = 0; i < 10_000; i++) {
  requests.work({ nowMs: Number(now), budgetMs: 0.01, retention, learn: false });
  writeSync(1, ".");
}
