import { type CapturePart, wantsKey } from "@vsix/shared/contract/part-capture.ts";
import { parsePref64 } from "@vsix/shared/net/pref64.ts";
import { parseIp } from "./capture/ip-text.ts";

/** What is wrong with a part `capture`, the field named; undefined when all is well. */
export function faultOfCapture({ interfaces, pref64, resolvers, privacy }: CapturePart): string | undefined {
  const shown = (text: string): string => JSON.stringify(text.slice(0, 64));
  for (const [i, name] of interfaces.entries()) {
    if (name === "." || name === ".." || !/^[^\s/:]+$/.test(name))
      return `capture /interfaces/${i}: ${shown(name)} is no interface`;
    if (interfaces.indexOf(name) !== i) return `capture /interfaces/${i}: ${name} is there twice`;
  }
  for (const [i, text] of pref64.entries())
    if (parsePref64(text) === undefined)
      return `capture /pref64/${i}: ${shown(text)} is no translation prefix (RFC 6052)`;
  for (const [i, text] of resolvers.entries())
    if (parseIp(text) === undefined) return `capture /resolvers/${i}: ${shown(text)} is no address`;
  if (privacy.key === undefined && wantsKey(privacy))
    return "capture /privacy/key: pseudonyms and hashes need one";
  return undefined;
}
