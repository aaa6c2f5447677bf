import { createInterface } from "node:readline";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import { pino } from "pino";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { EgressProber } from "../../agent/src/sensors/egress-prober.ts";

/**
 * The agent's prober alone, in whatever namespace this is run: `node egress-runner.ts LOOPBACK`. Reads parts, one a line;
 * prints each message, one a line. Ends with its input.
 */
const [, , loopback = ""] = process.argv;
await using netlink = NetlinkSocket.open();
await using links = await LinkTable.open(netlink);
await using prober = new EgressProber({
  node: "here",
  instance: "a1b2",
  log: pino({ level: "warn" }, pino.destination(2)),
  links,
  publish: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
});
for await (const line of createInterface({ input: process.stdin }))
  if (line === "figures") process.stdout.write(`${JSON.stringify(figures())}\n`);
  else prober.configure(JSON.parse(line) as EgressMeasure, loopback);

function figures(): object {
  const { user, system } = process.cpuUsage();
  return { ...prober.figures, fault: prober.fault ?? null, cpuMs: (user + system) / 1000 };
}
