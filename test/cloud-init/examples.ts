import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeClaim, encodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import type { Ports } from "../../cloud-init/core/check.ts";
import { readSeed, type Seed } from "../../cloud-init/core/read.ts";
import { renderSeed, type SeedFiles } from "../../cloud-init/core/render.ts";

const ROOT = join(import.meta.dirname, "../..");

export const EXAMPLES = ["home", "home-ngn", "home-wireguard", "router-vm", "controller-vm"] as const;
export type Example = (typeof EXAMPLES)[number];

export const NOW_MS = Date.parse("2026-01-01T00:00:00Z");

export function claimFor(node: string, expires = "2026-01-02T00:00:00Z"): string {
  const url = "https://[2001:db8:10::a]:8443";
  return encodeClaim({ url, node, secret: "S".repeat(43), ca: "0".repeat(64), expires });
}

const key = (octet: number): string => Buffer.alloc(32, octet).toString("base64");

/** What the files beside the examples would hold. */
export const SECRETS: Readonly<Record<string, string>> = {
  "claim.token": claimFor("access-1"),
  "wifi.passphrase": "xyzzy: the # LAN",
  "uplink.passphrase": "plugh-of-the-uplink",
  "vsix0.conf": [
    "[Interface]",
    `PrivateKey = ${key(1)}`,
    "Address = 2001:db8:e100::1/128",
    "[Peer]",
    `PublicKey = ${key(2)}`,
    `PresharedKey = ${key(3)}`,
    "Endpoint = 192.0.2.1:51820",
    "AllowedIPs = ::/0",
  ].join("\n"),
};
/** Those of them that nobody else may read, wherever they are. */
export const HIDDEN = [
  claimFor("access-1"),
  claimFor("pe-1"),
  "xyzzy: the # LAN",
  "plugh-of-the-uplink",
  key(1),
  key(3),
];

export function portsOf(files: Readonly<Record<string, string>> = SECRETS): Ports {
  return {
    nowMs: NOW_MS,
    readClaim: decodeClaim,
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? { fault: `${path} cannot be read (ENOENT)` } : { text };
    },
  };
}

export function exampleText(name: Example): string {
  return readFileSync(join(ROOT, "examples", `${name}.yaml`), "utf8");
}

/** Throws with the faults where there are any. */
export function exampleSeed(name: Example): Seed {
  const files = name === "router-vm" ? { "claim.token": claimFor("pe-1") } : SECRETS;
  const result = readSeed(exampleText(name), `${name}.yaml`, portsOf(files));
  if (!result.ok) throw new Error(result.faults.map(formatFault).join("\n"));
  return result.seed;
}

export function exampleFiles(name: Example): SeedFiles {
  return renderSeed(exampleSeed(name), () => "0123456789abcdef0123");
}
