import { readFileSync } from "node:fs";
import { solicitRouter } from "@vsix/agent/sensors/health/solicit.ts";

/** What the router of a link tells, as a JSON object: `node hear-router.ts DEVICE`. Runs in the namespace of a host. */
const [device = ""] = process.argv.slice(2);
const index = Number(readFileSync(`/sys/class/net/${device}/ifindex`, "utf8"));
const heard = await solicitRouter(index, true, AbortSignal.timeout(20_000));
process.stdout.write(JSON.stringify(heard));
