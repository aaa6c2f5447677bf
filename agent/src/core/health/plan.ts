import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import type { Check, LocalFacts, Task, Where } from "./model.ts";

/** Echoes to one target; what is near costs little. */
const ECHOES = 5;
const FEW_ECHOES = 3;
/** Targets that are traced, and whose path MTU is looked for. */
const TRACED = 2;
/** What DNS64 answers for tells its prefix, RFC 7050 section 3. */
export const WELL_KNOWN_NAME = "ipv4only.arpa";
/** Resolvers that are asked; resolv.conf(5) has three. */
const MAX_RESOLVERS = 8;
/** Of these, told by an advertisement: whoever makes one up must not push out those that are known. */
const MAX_ADVERTISED = 3;

/** All checks of a run, in the order in which they are shown. What depends on another stands behind it. */
export function planChecks(part: HealthPart, facts: LocalFacts): readonly Check[] {
  const checks: Check[] = [];
  const add = (check: Check): string => {
    checks.push(check);
    return check.id;
  };
  const link = add(local("link", "datalink", facts));
  const address = add({ ...local("address", "interface", facts), needs: [[link]] });
  add({
    ...local("advertisement", "interface", facts),
    subject: "router advertisement",
    needs: [[link]],
  });
  const route = add({ ...local("route", "interface", facts), needs: [[address]] });
  const { gateway, index = 0 } = facts.route ?? {};
  const out: readonly (readonly string[])[] =
    gateway === undefined
      ? [[route]]
      : [
          [
            add({
              id: "gateway",
              layer: "local",
              role: "gateway",
              subject: `gateway ${gateway}`,
              task: { kind: "echo", to: { address: gateway }, count: ECHOES, neighbourOn: index },
              needs: [[route]],
            }),
          ],
        ];
  const advertised = (facts.advertisement?.said?.resolvers ?? []).slice(0, MAX_ADVERTISED);
  const own = part.ownResolvers === false ? [] : facts.resolvers;
  const resolvers = [...new Set([...advertised, ...own, ...part.resolvers])].slice(0, MAX_RESOLVERS);
  for (const resolver of resolvers.filter(isIp6))
    add({
      id: `resolver-echo ${resolver}`,
      layer: "local",
      role: "resolver-echo",
      subject: `resolver ${resolver}`,
      task: { kind: "echo", to: { address: resolver }, count: FEW_ECHOES },
      needs: out,
    });
  const lookups = planLookups(part, resolvers, out);
  // Where targets have names, those are looked up first.
  checks.push(...lookups);
  const known = (name: string): readonly string[] =>
    lookups.filter(({ task }) => isLookup(task, name, "AAAA")).map(({ id }) => id);
  const reach = (host: string): Pick<Check, "needs"> & { readonly to: Where } =>
    isIp6(host) ? { to: { address: host }, needs: out } : { to: { name: host }, needs: [known(host)] };
  for (const [i, { name, host }] of part.targets.entries()) {
    const { to, needs } = reach(host);
    const target = add({
      id: `target ${name}`,
      layer: "global",
      role: "target",
      subject: name,
      task: { kind: "echo", to, count: ECHOES },
      needs,
    });
    add({
      id: `trace ${name}`,
      layer: "global",
      role: "target-trace",
      subject: name,
      task: { kind: "trace", to },
      needs,
      ...(i < TRACED ? {} : { onlyIfBad: target }),
    });
    if (i < TRACED && part.sizes.length > 0)
      add({
        id: `mtu ${name}`,
        layer: "path-mtu",
        role: "mtu",
        subject: name,
        task: { kind: "mtu", to, sizes: part.sizes },
        needs: [[target]],
      });
  }
  for (const { name, url } of part.web) {
    const { to, needs } = reach(hostOf(url));
    add({
      id: `web ${name}`,
      layer: "web",
      role: "web",
      subject: name,
      task: { kind: "fetch", url, to },
      needs,
    });
  }
  checks.push(...planTranslation(part, lookups));
  for (const { plane, targets } of part.planes)
    for (const { name, address: to } of targets)
      add({
        id: `plane ${plane} ${name}`,
        layer: "planes",
        role: "plane",
        subject: name,
        task: { kind: "echo", to: { address: to }, count: ECHOES },
        needs: [[route]],
        plane,
      });
  return checks;
}

function planLookups(
  part: HealthPart,
  resolvers: readonly string[],
  out: readonly (readonly string[])[],
): readonly Check[] {
  const hosts = [...part.targets.map(({ host }) => host), ...part.web.map(({ url }) => hostOf(url))];
  const names = [...new Set([...part.names, ...hosts.filter((host) => !isIp6(host) && !isIp4(host))])];
  const translated = part.translated
    .map(({ url }) => hostOf(url))
    .filter((host) => !isIp6(host) && !isIp4(host));
  return resolvers.flatMap((server): Check[] => {
    const query = (
      role: Check["role"],
      name: string,
      type: "A" | "AAAA",
      needs: Check["needs"],
      dnssec = false,
    ): Check => ({
      id: `${role} ${server} ${name} ${type}`,
      layer: role === "dns64" || role === "translated-lookup" ? "translation" : "names",
      role,
      subject: `${server}`,
      task: { kind: "query", server, name, type, dnssec },
      needs,
    });
    const plain = names.flatMap((name) => [
      query("lookup", name, "AAAA", out),
      query("lookup", name, "A", out),
    ]);
    // A resolver that answers nothing at all has no opinion on the rest.
    const alive = plain.length === 0 ? out : [plain.map(({ id }) => id)];
    return [
      ...plain,
      ...(part.signed === undefined ? [] : [query("signed", part.signed, "AAAA", alive, true)]),
      query("dns64", WELL_KNOWN_NAME, "AAAA", alive),
      ...translated.map((name) => query("translated-lookup", name, "AAAA", alive)),
    ];
  });
}

function planTranslation(part: HealthPart, lookups: readonly Check[]): readonly Check[] {
  const dns64 = lookups.filter(({ role }) => role === "dns64").map(({ id }) => id);
  return part.translated.flatMap(({ name, url }, i): Check[] => {
    const host = hostOf(url);
    const found = lookups.filter(
      ({ role, task }) => role === "translated-lookup" && isLookup(task, host, "AAAA"),
    );
    const to: Where = isIp4(host) ? { ipv4: host } : { name: host };
    const needs = isIp4(host) ? [dns64] : [found.map(({ id }) => id)];
    const about = { layer: "translation" as const, subject: name, needs };
    const fetch = `translated ${name}`;
    return [
      { ...about, id: fetch, role: "translated", task: { kind: "fetch", url, to } },
      {
        ...about,
        id: `translated-echo ${name}`,
        role: "translated-echo",
        task: { kind: "echo", to, count: FEW_ECHOES },
      },
      {
        ...about,
        id: `translated-trace ${name}`,
        role: "translated-trace",
        task: { kind: "trace", to },
        onlyIfBad: fetch,
      },
      ...(i === 0 && part.sizes.length > 0
        ? [
            {
              ...about,
              id: `mtu ${name} (translated)`,
              layer: "path-mtu" as const,
              role: "mtu" as const,
              subject: `${name} (translated)`,
              task: { kind: "mtu" as const, to, sizes: part.sizes },
              needs: [[`translated-echo ${name}`]],
            },
          ]
        : []),
    ];
  });
}

function local(
  about: "link" | "address" | "advertisement" | "route",
  layer: Check["layer"],
  facts: LocalFacts,
): Check {
  const subject = about === "route" ? "default route" : (facts.port?.name ?? "interface");
  return { id: about, layer, role: about, subject, task: { kind: "facts", about }, needs: [] };
}

function isLookup(task: Task, name: string, type: "A" | "AAAA"): boolean {
  return task.kind === "query" && task.name === name && task.type === type;
}

/** Of a checked URL; without brackets. */
export function hostOf(url: string): string {
  const authority = /^https?:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
  const literal = /^\[([^\]]*)\]/.exec(authority)?.[1];
  return (literal ?? authority.replace(/:\d*$/, "")).toLowerCase();
}

/** Also with a zone. */
export function isIp6(host: string): boolean {
  return parseAddress(host.replace(/%.*$/, "")) !== undefined;
}

export function isIp4(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
