import { readFileSync } from "node:fs";
import { AdvertisementSender } from "@vsix/agent/resources/router-advertisement/sender.ts";

/**
 * A provider's access: tells a link of a prefix and a default router until it is ended. `node provider.ts DEVICE PREFIX`, in the provider's
 * namespace.
 */
const [device = "", prefix = ""] = process.argv.slice(2);
const index = Number(readFileSync(`/sys/class/net/${device}/ifindex`, "utf8"));
const sender = new AdvertisementSender(
  {
    ...{ interface: device, intervalS: 10, lifetimeS: 1800, preference: "medium", mtu: undefined },
    prefixes: [{ prefix, onLink: true, autonomous: true, preferredS: 1800, validS: 3600 }],
    ...{ resolvers: [], resolversS: 0, pref64: undefined, pref64S: 0 },
  },
  {
    device: { name: device, index },
    now: () => performance.now(),
    random: Math.random,
    onChange: () => undefined,
  },
);
process.once("SIGTERM", () => {
  void sender[Symbol.asyncDispose]();
});
