import { tool } from "../tools.ts";

/** Compiles what is missing or older than its source. */
await Promise.all([
  tool("cable"),
  tool("traffic"),
  tool("packet-watch"),
  tool("tun-feed"),
  tool("dns-flood"),
  tool("guest-registers"),
]);
