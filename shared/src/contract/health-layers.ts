/** From the cable up, as SINDAN has them, and behind those what an IPv6-only network needs. */
export const HEALTH_LAYERS = [
  "datalink",
  "interface",
  "local",
  "global",
  "names",
  "web",
  "translation",
  "path-mtu",
  "planes",
  "clock",
] as const;
