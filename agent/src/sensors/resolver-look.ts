import { Resolver } from "node:dns/promises";
import type { ResolverPart } from "@vsix/shared/contract/part-services.ts";
import { canonicalAddress } from "@vsix/shared/net/address.ts";
import type { Look } from "../core/services/health.ts";
import { IPV4ONLY_ADDRESSES, IPV4ONLY_NAME, ipv4onlySynthesised } from "../core/services/unbound-config.ts";

/** An answer that comes later than this is none: clients would have asked elsewhere. */
const PATIENCE_MS = 800;

/**
 * Asks a resolver of this machine what clients ask, at the first address that they ask at: ipv4only.arpa (RFC 7050 section 3, RFC 8880),
 * and the names that the fabric file wants to be answered, one of which is enough. Never throws.
 */
export async function lookAtResolver(part: ResolverPart, port = 53): Promise<Look> {
  const [server = ""] = part.listen;
  const resolver = new Resolver({ timeout: PATIENCE_MS, tries: 1 });
  resolver.setServers([`[${server}]:${port}`]);
  const asked = await Promise.all([
    expectAll(() => resolver.resolve4(IPV4ONLY_NAME), `A of ${IPV4ONLY_NAME}`, wantedA(part)),
    expectAll(() => resolver.resolve6(IPV4ONLY_NAME), `AAAA of ${IPV4ONLY_NAME}`, wantedAaaa(part)),
    expectAny(resolver, part.check ?? []),
  ]);
  return asked.find(({ ok }) => !ok) ?? { ok: true, reason: "" };
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
    return { ok: false, reason: `${what}: ${codeOf(error)}` };
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

/** c-ares' word: ETIMEOUT, ESERVFAIL, ECONNREFUSED … */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
