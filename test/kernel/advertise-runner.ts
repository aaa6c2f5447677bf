import { createInterface } from "node:readline";
import { LinkTable } from "@vsix/agent/io/links.ts";
import { NetlinkSocket } from "@vsix/agent/io/netlink.ts";
import { AdvertiseLane } from "@vsix/agent/loop/advertise-lane.ts";
import { parsePart } from "@vsix/shared/contract/parse.ts";
import { pino } from "pino";

/**
 * A router's advertisements in a process of its own, which can be killed: `node advertise-runner.ts MEMORY` takes parts `advertise` by lines,
 * tells what waits by lines.
 */
const netlink = NetlinkSocket.open();
const links = await LinkTable.open(netlink);
const [file = ""] = process.argv.slice(2);
const lane = new AdvertiseLane({
  file,
  links,
  log: pino({ level: "silent" }),
  now: () => performance.now(),
  random: Math.random,
  onChange: () => process.stdout.write(`${JSON.stringify([...lane.waiting.values()])}\n`),
});
createInterface({ input: process.stdin }).on("line", (line) =>
  lane.configure(parsePart("advertise", Buffer.from(line))),
);
process.once("SIGTERM", async () => {
  await lane[Symbol.asyncDispose]();
  await links[Symbol.asyncDispose]();
  await netlink[Symbol.asyncDispose]();
  process.exit(0);
});
