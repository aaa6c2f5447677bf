import type { PartName } from "@vsix/shared/contract/manifest.ts";
import type { NodeParts } from "./compile.ts";

/** The parts a node has, in the order in which a manifest names them. */
export function listParts(
  parts: NodeParts,
): readonly { readonly name: PartName; readonly bytes: Uint8Array }[] {
  const names = [
    "fabric",
    "bgp",
    "steering",
    "probes",
    "epe",
    "services",
    "health",
    "capture",
    "advertise",
  ] as const;
  return names.flatMap((name) => {
    const part = parts[name];
    return part === undefined ? [] : [{ name, bytes: partBytes(part) }];
  });
}

/**
 * JSON with sorted keys and nothing but ASCII: the same value always gives the same octets, so a part's SHA-256 (and
 * with it its generation) changes only when its meaning does.
 */
export function partBytes(value: unknown): Uint8Array {
  const text = stableText(value);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** JSON with sorted keys, ASCII only. */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${asciiText(key)}:${stableText(one)}`);
    return `{${entries.join(",")}}`;
  }
  return typeof value === "string" ? asciiText(value) : JSON.stringify(value);
}

function asciiText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
