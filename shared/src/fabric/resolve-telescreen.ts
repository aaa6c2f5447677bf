import type { CapturePrivacy } from "../contract/part-capture.ts";
import { canonicalAddress } from "../net/address.ts";
import { WELL_KNOWN_PREFIX } from "../net/pref64.ts";
import { canonicalPrefix } from "../net/prefix.ts";
import type { FabricNode } from "./model.ts";
import type { FabricServices } from "./services-model.ts";
import { DEFAULT_TELESCREEN } from "./telescreen-defaults.ts";
import type { TelescreenFile } from "./telescreen-schema.ts";

/** Where DNS is captured, resolved. */
export interface FabricTelescreen {
  readonly nodes: readonly {
    readonly name: string;
    /** Absent: by what the node is. */
    readonly interfaces?: readonly string[];
    readonly rate: "router" | "home";
  }[];
  readonly pref64: readonly string[];
  readonly resolvers: readonly string[];
  readonly ports: readonly number[];
  readonly timeoutMs: number;
  /** The key, where one is needed, is the controller's own. */
  readonly privacy: Omit<CapturePrivacy, "key">;
}

export function resolveTelescreen(
  file: TelescreenFile,
  nodes: readonly FabricNode[],
  services: FabricServices | undefined,
): FabricTelescreen {
  const ours = [services?.resolver?.dns64?.prefix, services?.nat64?.prefix].flatMap((one) => one ?? []);
  const resolving = nodes.filter(({ service }) => service === "resolver").map(({ loopback }) => loopback);
  const { clients = "whole", names = "whole" } = file.privacy ?? {};
  return {
    nodes: Object.entries(file.nodes).map(([name, { interfaces, rate = "router" }]) => ({
      name,
      ...(interfaces === undefined ? {} : { interfaces }),
      rate,
    })),
    pref64: file.pref64?.map((text) => canonicalPrefix(text) ?? text) ?? [
      ...new Set([WELL_KNOWN_PREFIX, ...ours]),
    ],
    resolvers: (file.resolvers ?? resolving).map((text) => canonicalAddress(text) ?? text),
    ports: file.ports ?? DEFAULT_TELESCREEN.ports,
    timeoutMs: file.timeoutMs ?? DEFAULT_TELESCREEN.timeoutMs,
    privacy: { clients, names } as FabricTelescreen["privacy"],
  };
}
