import { parseAddress } from "@vsix/shared/net/address.ts";
import { parseAddress4 } from "@vsix/shared/net/ip4.ts";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

/** As much of a header as is read; what is longer is no browser's. */
const MAX_HEADER = 512;

/**
 * Whether a request means this router. A page elsewhere whose name has been made to lead here (DNS rebinding) has that name in `Host`: so
 * a name has to be one of ours, and addresses, which nobody can rebind, are all taken.
 * @param names lower case
 */
export function isOurHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined || host.length > MAX_HEADER) return false;
  const [, name = ""] = /^(\[[^\]]*\]|[^:[\]]*)(?::[0-9]{1,5})?$/.exec(host) ?? [];
  const literal = /^\[([0-9a-fA-F:.]+)(?:%[0-9A-Za-z%_.-]{1,24})?\]$/.exec(name)?.[1];
  if (literal !== undefined) return parseAddress(literal) !== undefined;
  return names.includes(name.toLowerCase().replace(/\.$/, "")) || parseAddress4(name) !== undefined;
}

/** The language somebody likes best of those there are (RFC 9110 section 12.5.4); English where nothing is said. */
export function languageOf(accept: string | undefined): Language {
  let best: { readonly language: Language; readonly weight: number } = { language: "en", weight: 0 };
  for (const range of (accept ?? "").slice(0, MAX_HEADER).split(",")) {
    const [, tag = "", quality = "1"] =
      /^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?$/.exec(range) ?? [];
    const language = LANGUAGES.find((one) => one === tag.split("-")[0]?.toLowerCase());
    if (language !== undefined && Number(quality) > best.weight) best = { language, weight: Number(quality) };
  }
  return best.language;
}

export type Asked =
  | { readonly what: "page"; readonly language: Language | undefined }
  | { readonly what: "style" | "json" | "nothing" };

/** What a request target asks for. */
export function askedFor(target: string): Asked {
  if (target === "/style.css") return { what: "style" };
  if (target === "/status.json") return { what: "json" };
  const language = LANGUAGES.find((one) => target === `/?lang=${one}`);
  return target === "/" || language !== undefined ? { what: "page", language } : { what: "nothing" };
}
