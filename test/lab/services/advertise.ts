import { AdvertisementSender } from "@vsix/agent/resources/router-advertisement/sender.ts";

/**
 * Tells a link of a router, as an agent does, until it ends: `node advertise.ts DEVICE INDEX PREFIX/64 RESOLVER PREF64/96`. With MTU 1500.
 */
const [name = "", index = "0", prefix = "", resolver = "", pref64 = ""] = process.argv.slice(2);
const LIFETIME_S = 1800;

new AdvertisementSender(
  {
    interface: name,
    intervalS: LIFETIME_S / 3,
    lifetimeS: LIFETIME_S,
    preference: "medium",
    mtu: 1500,
    prefixes: [{ prefix, onLink: true, autonomous: true, preferredS: LIFETIME_S, validS: LIFETIME_S }],
    resolvers: [resolver],
    resolversS: LIFETIME_S,
    pref64,
    pref64S: LIFETIME_S,
  },
  {
    device: { name, index: Number(index) },
    now: () => performance.now(),
    random: Math.random,
    onChange: () => undefined,
  },
);
