import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { nodeDirectory } from "./programs.ts";

/**
 * Routers of an access point answer as one WireGuard endpoint, so they are given one key before they start, as a technician would
 * at a bench (agent/ACCESS.md). Nobody keeps it elsewhere.
 */
export async function shareWireguardKeys(lab: string, fabric: Fabric): Promise<void> {
  for (const { routers, wireguard } of fabric.services?.access ?? []) {
    for (const { id } of routers.length > 1 ? wireguard : []) {
      const key = `${randomBytes(32).toString("base64")}\n`;
      for (const router of routers) {
        const stateDir = join(nodeDirectory(lab, router), "agent");
        await mkdir(stateDir, { recursive: true, mode: 0o700 });
        await writeFile(join(stateDir, `wireguard-${id}.key`), key, { mode: 0o600, flag: "wx" });
      }
    }
  }
}
