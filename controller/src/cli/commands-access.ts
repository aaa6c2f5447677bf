import type { Command } from "commander";
import { wgQuick } from "../core/access/wg-quick.ts";
import type { ApplicationAnswer, VpnAnswer } from "../http/schemas-account.ts";
import { CliError, EXIT } from "./client.ts";
import { wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showApplication } from "./show-account.ts";
import { formatTable } from "./table.ts";

/** Loaded when it is needed: every command would wait for what it loads. */
const keyFiles = () => import("./vpn-key-file.ts");

/** tunnel … and vpn …: applications as their routers serve them. */
export function addAccessCommands(program: Command): void {
  const tunnel = program.command("tunnel").description("tunnels and SRv6 access, as routers serve them");
  addList(tunnel, ["generic-tunneling", "srv6-access"]);
  addShow(tunnel, ["generic-tunneling", "srv6-access"]);
  const vpn = program.command("vpn").description("VPN devices, as routers serve them");
  addList(vpn, ["remote-access-vpn"]);
  addShow(vpn, ["remote-access-vpn"]);
  addVpnConfig(vpn.command("config <id>"), "/v1/applications");
  addKeygen(vpn);
}

/** A key pair that is made here: nothing is asked of a controller. */
export function addKeygen(noun: Command): void {
  noun
    .command("keygen <file>")
    .description("make a device's private key in a new file that only you may read, and print the public key")
    .option("--json", "answer in JSON")
    .action(async (file: string, { json }: { json?: boolean }) => {
      const publicKey = (await keyFiles()).makeKeyFile(file);
      if (json === true) printJson({ file, publicKey });
      else print(publicKey);
    });
}

/** `path`: of all applications, or of one's own. */
export function addVpnConfig(command: Command, path: string): void {
  addCommonOptions(command)
    .description("configuration for wg-quick; it holds the preshared key, so keep it to yourself")
    .option("--private-key-file <file>", "with the private key that `vpn keygen` made; needs --out")
    .option("--out <file>", "into a new file of mode 0600 instead of printing it")
    .option("--ipv4", "with the endpoint's IPv4 address")
    .option("--keepalive <seconds>", "for devices behind a NAT or firewall", wholeNumber)
    .action(async (id: string, options: ConfigOptions, ran: Command) => {
      const { api, json } = sessionOf(ran);
      const { privateKeyFile, out } = options;
      if (privateKeyFile !== undefined && out === undefined)
        throw new CliError(EXIT.usage, "--private-key-file needs --out: a private key is not printed");
      const own = privateKeyFile === undefined ? undefined : (await keyFiles()).readKeyFile(privateKeyFile);
      const told = await api.get<VpnAnswer>(`${path}/${encodeURIComponent(id)}/vpn`);
      if (own !== undefined && own.publicKey !== told.devicePublicKey)
        throw new CliError(
          EXIT.usage,
          `${privateKeyFile} is the key of ${own.publicKey}, and application ${id} has ${told.devicePublicKey}`,
        );
      if (options.ipv4 === true && told.endpoint4 === null)
        throw new CliError(
          EXIT.refused,
          "the endpoint is not published to the IPv4 Internet (`publish` in the fabric)",
        );
      const text = wgQuick({
        ...told,
        endpoint: options.ipv4 === true ? (told.endpoint4 ?? "") : told.endpoint,
        ...(own === undefined ? {} : { privateKey: own.privateKey }),
        ...(options.keepalive === undefined ? {} : { keepaliveS: options.keepalive }),
      });
      if (out !== undefined) (await keyFiles()).writeNew(out, text);
      if (json) printJson(out === undefined ? told : { out });
      else print(out === undefined ? text.trimEnd() : `written to ${out}; wg-quick up ./${out} takes it`);
    });
}

interface ConfigOptions {
  readonly privateKeyFile?: string;
  readonly out?: string;
  readonly ipv4?: boolean;
  readonly keepalive?: number;
}

function addList(noun: Command, services: readonly string[]): void {
  addCommonOptions(noun.command("list"))
    .description("those that are not over, with what routers count")
    .option("--user <name>")
    .option("--limit <n>", "so many at most", wholeNumber, 1000)
    .action(async ({ user, limit }: { user?: string; limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const found: ApplicationAnswer[] = [];
      for (const service of services) {
        const query = new URLSearchParams({ service, limit: String(limit) });
        if (user !== undefined) query.set("user", user);
        const answer = await api.get<{ applications: ApplicationAnswer[] }>(`/v1/applications?${query}`);
        found.push(...answer.applications.filter(({ state }) => state !== "revoked" && state !== "refused"));
      }
      found.sort((a, b) => a.id - b.id);
      if (json) printJson({ applications: found });
      else print(showServed(found));
    });
}

function addShow(noun: Command, services: readonly string[]): void {
  addCommonOptions(noun.command("show <id>"))
    .description("one of them, router by router")
    .action(async (id: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const one = await api.get<ApplicationAnswer>(`/v1/applications/${encodeURIComponent(id)}`);
      if (!services.includes(one.service))
        throw new CliError(
          EXIT.refused,
          `application ${one.id} is for ${one.service}; \`vsixctl application show ${one.id}\``,
        );
      if (json) printJson(one);
      else print(showApplication(one));
    });
}

function showServed(applications: readonly ApplicationAnswer[]): string {
  if (applications.length === 0) return "there is none";
  const rows = applications.map((one) => [
    String(one.id),
    one.user,
    one.device,
    one.prefixes.join(",") || "-",
    one.endpoint ?? one.publicKey ?? "-",
    one.point ?? "-",
    one.routers.length === 0
      ? (one.waiting ?? one.state)
      : one.routers.map(({ router, state }) => `${router} ${state}`).join(", "),
    String(one.use?.rxOctets ?? "-"),
    String(one.use?.txOctets ?? "-"),
    one.use?.activeAt ?? "-",
  ]);
  return formatTable(
    [
      "ID",
      "USER",
      "DEVICE",
      "PREFIX",
      "ENDPOINT OR KEY",
      "POINT",
      "ROUTERS",
      "OCTETS FROM",
      "OCTETS TO",
      "LAST SEEN",
    ],
    rows,
  );
}
