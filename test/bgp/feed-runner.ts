import { feedRouterId, startBgpFeed } from "../../agent/src/sensors/bgp-feed.ts";

/** Runs a feed inside a namespace and prints its events, one JSON line each. Arguments: AS number, router id. */
const [asn, routerId] = process.argv.slice(2);
if (asn === undefined || routerId === undefined) throw new Error("usage: feed-runner ASN ROUTER-ID");
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
await using feed = await startBgpFeed({
  asn: Number(asn),
  routerId: feedRouterId(routerId),
  signal: stop.signal,
  mayFeed: async (user) => user === 0,
  onEvent: (event) => {
    process.stdout.write(`${JSON.stringify(event)}\n`);
  },
});
process.stderr.write(`listening on ${feed.port}\n`);
await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
