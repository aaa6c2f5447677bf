/** What a try came to. none: there was nothing to try. */
export type Outcome = "worked" | "failed" | "none";

/** Everything that a browser finds out of its connection. */
export interface Tries {
  readonly seen: {
    readonly address: string;
    readonly family: 4 | 6;
    readonly inNetwork: boolean;
    readonly application: { readonly device: string } | null;
  };
  /** Pages that have IPv6. */
  readonly ipv6: Outcome;
  /** Pages that have IPv4 only. */
  readonly translated: Outcome;
  /** Large answers, and large requests, while small ones work. */
  readonly down: Outcome;
  readonly up: Outcome;
}

export type Subject = "ipv6" | "vsix" | "translated" | "dns64" | "size";
export type Word =
  | "ipv6-seen"
  | "ipv6-page"
  | "ipv6-none"
  | "ipv6-untold"
  | "vsix-own"
  | "vsix-other"
  | "vsix-not"
  | "vsix-ipv4"
  | "translated-works"
  | "translated-outside"
  | "translated-fails"
  | "translated-alone"
  | "translated-untold"
  | "dns64-likely"
  | "dns64-unlikely"
  | "dns64-untold"
  | "size-good"
  | "size-down"
  | "size-up"
  | "size-both"
  | "size-untold";

export interface Finding {
  readonly subject: Subject;
  /** unknown: a browser cannot tell. */
  readonly tone: "good" | "bad" | "unknown";
  readonly word: Word;
}

/** What it means, in the order in which things depend on each other. Says that it cannot tell rather than guess. */
export function judge(tries: Tries): readonly Finding[] {
  return [ipv6(tries), vsix(tries), translated(tries), dns64(tries), size(tries)];
}

function has6({ seen, ipv6: pages }: Tries): boolean {
  return seen.family === 6 || pages === "worked";
}

function ipv6(tries: Tries): Finding {
  const { seen, ipv6: pages } = tries;
  const subject = "ipv6";
  if (seen.family === 6) return { subject, tone: "good", word: "ipv6-seen" };
  if (pages === "worked") return { subject, tone: "good", word: "ipv6-page" };
  if (pages === "failed") return { subject, tone: "bad", word: "ipv6-none" };
  return { subject, tone: "unknown", word: "ipv6-untold" };
}

function vsix({ seen }: Tries): Finding {
  const subject = "vsix";
  if (seen.application !== null) return { subject, tone: "good", word: "vsix-own" };
  if (seen.inNetwork) return { subject, tone: "good", word: "vsix-other" };
  return { subject, tone: "unknown", word: seen.family === 4 ? "vsix-ipv4" : "vsix-not" };
}

function translated(tries: Tries): Finding {
  const subject = "translated";
  if (tries.translated === "none") return { subject, tone: "unknown", word: "translated-untold" };
  if (tries.translated === "failed")
    return { subject, tone: "bad", word: has6(tries) ? "translated-fails" : "translated-alone" };
  // Who has IPv4 of his own gets there without us.
  return tries.seen.inNetwork
    ? { subject, tone: "good", word: "translated-works" }
    : { subject, tone: "unknown", word: "translated-outside" };
}

function dns64(tries: Tries): Finding {
  const subject = "dns64";
  if (tries.translated === "worked" && tries.seen.inNetwork)
    return { subject, tone: "unknown", word: "dns64-likely" };
  if (tries.translated === "failed" && has6(tries)) return { subject, tone: "bad", word: "dns64-unlikely" };
  return { subject, tone: "unknown", word: "dns64-untold" };
}

function size({ down, up }: Tries): Finding {
  const subject = "size";
  if (down === "none" || up === "none") return { subject, tone: "unknown", word: "size-untold" };
  if (down === "worked" && up === "worked") return { subject, tone: "good", word: "size-good" };
  if (down === "worked") return { subject, tone: "bad", word: "size-up" };
  return { subject, tone: "bad", word: up === "worked" ? "size-down" : "size-both" };
}
