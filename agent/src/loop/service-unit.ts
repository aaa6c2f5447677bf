import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceName, ServicesPart } from "@vsix/shared/contract/part-services.ts";
import { ResourceTable } from "../core/resource-table.ts";
import { BAD_LOOKS, type Look } from "../core/services/health.ts";
import { TRANSLATOR_MTU, taygaConfig, translatorRoutes } from "../core/services/tayga.ts";
import { rootHints, unboundConfig } from "../core/services/unbound-config.ts";
import type { Daemon } from "../io/daemon.ts";
import { userOf } from "../io/program-user.ts";
import { runProgram } from "../io/run-program.ts";
import { resolverDriver } from "../resources/resolver/driver.ts";
import { resolverKind } from "../resources/resolver/model.ts";
import { taygaData, translatorDriver } from "../resources/translator/driver.ts";
import { translatorKind } from "../resources/translator/model.ts";
import { Echoes } from "../sensors/health/echoes.ts";
import { lookAtResolver } from "../sensors/resolver-look.ts";
import { lookAtTranslator } from "../sensors/translator-look.ts";
import { type Managed, manage } from "./managed-kind.ts";

/** What the lane needs of a program that runs. */
export type ServiceProgram = Pick<Daemon, "pid" | "starts" | "find" | "kill">;

/** One service of this node: its resource, and how it is asked. */
export interface ServiceUnit extends AsyncDisposable {
  readonly name: ServiceName;
  readonly daemon: ServiceProgram;
  readonly managed: Managed;
  /** Bad looks in a row after which it is withdrawn. */
  readonly patience: number;
  isWanted(part: ServicesPart | undefined): boolean;
  /** Sets what should be; nothing is done yet. `loopback`: source of what this machine itself sends. */
  desire(part: ServicesPart | undefined, loopback: string, signal: AbortSignal): Promise<void>;
  /** Asks it. Never throws. */
  look(part: ServicesPart): Promise<Look>;
}

/** Every service that a node may have. `newDaemon` makes the keeper of a service's program, by its name. */
export function serviceUnits(
  runDir: string,
  newDaemon: (service: ServiceName, program: string) => Daemon,
): readonly ServiceUnit[] {
  return [
    resolverUnit(runDir, newDaemon("resolver", "unbound")),
    translatorUnit(runDir, newDaemon("translator", "tayga")),
  ];
}

/** DNSKEYs of the Internet's root, Debian's package dns-root-data. */
const TRUST_ANCHOR = "/usr/share/dns/root.key";
const NOTHING: Look = { ok: true, reason: "" };

function resolverUnit(runDir: string, daemon: Daemon): ServiceUnit {
  const directory = join(runDir, "resolver");
  const table = new ResourceTable(resolverKind);
  let asksByNat64: Promise<boolean> | undefined;
  return {
    name: "resolver",
    daemon,
    managed: manage(table, resolverDriver(directory, daemon), () => true),
    patience: BAD_LOOKS,
    isWanted: (part) => part?.resolver !== undefined,
    async desire(part, _loopback, signal) {
      const resolver = part?.resolver;
      if (resolver === undefined) return table.setDesired([]);
      asksByNat64 ??= hasNat64(signal);
      const place = {
        directory,
        user: userOf("unbound")?.name,
        trustAnchor: existsSync(TRUST_ANCHOR) ? TRUST_ANCHOR : undefined,
        asksByNat64: await asksByNat64,
      };
      const config = unboundConfig(resolver, place);
      table.setDesired([{ name: "unbound", config, hints: rootHints(resolver) }]);
    },
    look: async ({ resolver }) => (resolver === undefined ? NOTHING : lookAtResolver(resolver)),
    [Symbol.asyncDispose]: async () => daemon[Symbol.dispose](),
  };
}

function translatorUnit(runDir: string, daemon: Daemon): ServiceUnit {
  const directory = join(runDir, "translator");
  const table = new ResourceTable(translatorKind);
  let echoes: Echoes | undefined;
  return {
    name: "translator",
    daemon,
    managed: manage(table, translatorDriver(directory, daemon, userOf("nobody")), () => true),
    // Another one knows nothing of the connections through this one, and ends them.
    patience: 2 * BAD_LOOKS,
    isWanted: (part) => part?.translator !== undefined,
    async desire(part, loopback) {
      const translator = part?.translator;
      if (translator === undefined) return table.setDesired([]);
      table.setDesired([
        {
          name: "tayga",
          config: taygaConfig(translator, taygaData(directory)),
          mtu: TRANSLATOR_MTU,
          routes: translatorRoutes(translator),
          source: loopback,
        },
      ]);
    },
    async look({ translator }) {
      if (translator === undefined) return NOTHING;
      echoes ??= new Echoes();
      return lookAtTranslator(translator, echoes);
    },
    async [Symbol.asyncDispose]() {
      daemon[Symbol.dispose]();
      await echoes?.[Symbol.asyncDispose]();
    },
  };
}

/** `do-nat64` came with Unbound 1.18. */
async function hasNat64(signal: AbortSignal): Promise<boolean> {
  try {
    const said = await runProgram(["unbound", "-V"], { signal });
    const [, major = "0", minor = "0"] = /^Version (\d+)\.(\d+)/.exec(said) ?? [];
    return Number(major) > 1 || Number(minor) >= 18;
  } catch {
    return false; // starting it will say why
  }
}
