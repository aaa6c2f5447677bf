import { Resolver } from "node:dns/promises";
import type { ResolverPart } from "@vsix/shared/contract/part-services.ts";
import { canonicalAddress } from "@vsix/shared/net/address.ts";
import type { Look } from "../core/services/health.ts";
import { IPV4ONLY_ADDRESSES, IPV4ONLY_NAME, ipv4onlySynthesised } from "../core/services/unbound-config.ts";

/** What it has to find out for itself it answers within this. */
const OWN_PATIENCE_MS = 500;
/** What others have to be asked for. */
const PATIENCE_MS = 1500;

/**
 * Asks a resolver of this machine what clients ask, at the first address that they ask at: ipv4only.arpa (RFC 7050 section 3, RFC 8880),
 * and the names that the fabric file wants to be answered, one of which is enough. Never throws.
 */
export async function lookAtResolver(part: ResolverPart, port = 53): Promise<Look> {
  const [server = ""] = part.listen;
  using own = askedAt(server, port, OWN_PATIENCE_MS);
  const asked = await Promise.all([
    expectAll(() => own.resolver.resolve4(IPV4ONLY_NAME), `A of ${IPV4ONLY_NAME}`, wantedA(part)),
    expectAll(() => own.resolver.resolve6(IPV4ONLY_NAME), `AAAA of ${IPV4ONLY_NAME}`, wantedAaaa(part)),
  ]);
  const wrong = asked.find(({ ok }) => !ok);
  // Who does not answer even that need not be waited for any longer.
  if (wrong !== undefined) return wrong;
  using others = askedAt(server, port, PATIENCE_MS);
  return await expectAny(others.resolver, part.check ?? []);
}

/** c-ares' own clock is not exact: asked to wait 500 ms it waited 1 s. What is cancelled is ECANCELLED. */
function askedAt(
  server: string,
  port: number,
  patienceMs: number,
): Disposable & { readonly resolver: Resolver } {
  const resolver = new Resolver({ timeout: 2 * patienceMs, tries: 1 });
  resolver.setServers([`[${server}]:${port}`]);
  const timer = setTimeout(() => resolver.cancel(), patienceMs);
  return { resolver, [Symbol.dispose]: () => clearTimeout(timer) };
}

const wantedA = ({ dns64 }: ResolverPart): readonly string[] | undefined =>
  dns64 === undefined ? undefined : IPV4ONLY_ADDRESSES;
const wantedAaaa = ({ dns64 }: ResolverPart): readonly string[] | undefined =>
  dns64 === undefined ? undefined : ipv4onlySynthesised(dns64.prefix);

/** @param wanted without DNS64 nothing is known of the name, and nothing asked */
async function expectAll(
  ask: () => Promise<readonly string[]>,
  what: string,
  wanted: readonly string[] | undefined,
): Promise<Look> {
  if (wanted === undefined) return { ok: true, reason: "" };
  try {
    const got = (await ask()).map((text) => canonicalAddress(text) ?? text).sort();
    const ok = got.length === wanted.length && [...wanted].sort().every((one, i) => one === got[i]);
    return { ok, reason: ok ? "" : `${what} is ${got.join(", ").slice(0, 200)}, not ${wanted.join(", ")}` };
  } catch (error) {
    const code = codeOf(error);
    return { ok: false, reason: `${what}: ${code}`, mute: code === "ETIMEOUT" };
  }
}

async function expectAny(resolver: Resolver, names: readonly string[]): Promise<Look> {
  if (names.length === 0) return { ok: true, reason: "" };
  const reasons = await Promise.all(
    names.map((name) =>
      resolver.resolve6(name).then(
        () => undefined,
        (error: unknown) => `AAAA of ${name}: ${codeOf(error)}`,
      ),
    ),
  );
  const ok = reasons.includes(undefined);
  return { ok, reason: ok ? "" : (reasons[0] ?? "") };
}

/** c-ares' word: ESERVFAIL, ECONNREFUSED …; ETIMEOUT for what we no longer waited for. */
function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return code === "ECANCELLED" ? "ETIMEOUT" : code;
}
