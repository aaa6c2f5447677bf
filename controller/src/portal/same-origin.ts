/** What browsers say of where a request comes from. */
export interface Provenance {
  readonly method: string;
  /** `Origin` (RFC 6454 section 7). */
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` (W3C Fetch Metadata Request Headers); no script can set it. */
  readonly site: string | undefined;
  /** It would open one of our pages, which hold nothing of anybody's (`Sec-Fetch-Mode`, `Sec-Fetch-Dest`). */
  readonly opensPage?: boolean;
}

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Why a request is not our own page's; undefined where it is. What writes must prove it by one of the two headers and be
 * denied by none; what reads is refused only where a browser says that somebody else's page asks. A link in a mail or on another
 * site's page may open a page of ours: the page asks for everything itself, and then it is our own.
 */
export function foreign({ method, origin, site, opensPage }: Provenance, ours: string): string | undefined {
  if (origin !== undefined && origin !== ours) return "the request comes from a page of another origin";
  const safe = SAFE.has(method);
  if (site !== undefined) {
    if (site === "same-origin" || (safe && (site === "none" || opensPage === true))) return undefined;
    return "the browser says that another site's page asks";
  }
  if (origin === undefined && !safe) return "what changes something wants `Origin` or `Sec-Fetch-Site`";
  return undefined;
}
