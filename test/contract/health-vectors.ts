import { partBytes } from "@vsix/controller/core/parts.ts";
import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";

/** What a node looks at, and what it tells of that, as record-vectors.ts writes it down. */

const HEALTH_PART: HealthPart = {
  version: 1,
  intervalS: 300,
  interface: "to-blue-sfc",
  resolvers: ["2001:db8:53::53"],
  ownResolvers: false,
  targets: [{ name: "wide", host: "3fff:250::1" }],
  names: ["www.example.net"],
  signed: "www.example.org",
  web: [{ name: "portal", url: "https://portal.example.net/" }],
  translated: [{ name: "old", url: "http://ipv4.example.net/" }],
  pref64: [{ prefix: "64:ff9b::/96", at: "note" }],
  planes: [{ plane: "blue", targets: [{ name: "blue-sfc", address: "2001:db8:ff00:1:1:2::" }] }],
  sizes: [1280, 1460, 1500],
  limits: { lossPercent: 5, rttMs: 300, dnsMs: 500, firstByteMs: 3000, clockS: 60 },
};

const HEALTH_MESSAGE: Health = {
  version: 1,
  node: "edge-1",
  instance: "0123456789abcdef",
  run: 7,
  startedMs: 1_767_225_600_000,
  tookMs: 2512,
  state: "bad",
  verdicts: [
    {
      code: "translator-silent",
      layer: "translation",
      state: "bad",
      text: "DNS64 answers, but translated fetches fail: NAT64 at note (no connection: nothing comes back)",
    },
    {
      code: "plane-poor",
      layer: "planes",
      state: "poor",
      text: "plane green is poor: green-sfc 12.3 ms, 20% lost",
      plane: "green",
    },
  ],
  layers: [
    { layer: "datalink", state: "good" },
    { layer: "translation", state: "bad" },
    { layer: "planes", state: "poor" },
    { layer: "clock", state: "unknown" },
  ],
  checks: [
    {
      layer: "global",
      subject: "wide",
      state: "good",
      text: "1.21 ms, nothing lost",
      us: 1210,
      lossPercent: 0,
    },
    {
      layer: "planes",
      subject: "green-sfc",
      state: "poor",
      text: "12.3 ms, 20% lost",
      us: 12_300,
      lossPercent: 20,
      plane: "green",
    },
    {
      layer: "web",
      subject: "portal (https://portal.example.net/)",
      state: "unknown",
      text: "not tried, because resolver 2001:db8:53::53: no answer in 2 s",
    },
  ],
};

function text(value: unknown): string {
  return Buffer.from(partBytes(value)).toString("ascii");
}

/** What a node looks at, what it tells, and what is refused of that: nothing that a terminal obeys. */
export function healthVectors(): readonly { readonly name: string; readonly kind: string }[] {
  const strange = { ...HEALTH_MESSAGE, verdicts: [{ ...HEALTH_MESSAGE.verdicts[0], text: "\u001b[2J" }] };
  const refused = { refused: "wrong-shape", path: "/verdicts/0/text" };
  return [
    { name: "up-health", kind: "health", ...{ text: text(HEALTH_MESSAGE) } },
    { name: "part-health", kind: "part", ...{ part: "health", text: text(HEALTH_PART) } },
    { name: "refused-up-health-control", kind: "health", ...{ text: text(strange) }, ...refused },
  ];
}
