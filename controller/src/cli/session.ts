import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import process from "node:process";
import type { Command } from "commander";
import { ApiClient, type ApiTarget, CliError, EXIT } from "./client.ts";

const DEFAULT_SOCKET = "/run/vsix/controller.sock";

/** What every command needs: where the controller is, and whether a program reads the answer. */
export interface Session {
  readonly api: ApiClient;
  readonly json: boolean;
}

export function addCommonOptions(command: Command): Command {
  return command
    .option("--socket <path>", `the controller's socket (default: $VSIX_SOCKET, or ${DEFAULT_SOCKET})`)
    .option("--url <url>", "the controller's API over TCP instead: https://HOST:PORT (or $VSIX_URL)")
    .option("--token-file <file>", "file with the API token, mode 0600 (or $VSIX_TOKEN_FILE)")
    .option("--ca <file>", "the controller's CA certificate, PEM (or $VSIX_CA)")
    .option("--json", "answer in JSON");
}

/** Throws CliError. Options go before the environment, and one way to the controller excludes the other. */
export function sessionOf(command: Command): Session {
  const options: SessionOptions = command.optsWithGlobals();
  const actor = process.env["SUDO_USER"] ?? userInfo().username;
  return { api: new ApiClient(targetOf(options, process.env), actor), json: options.json ?? false };
}

interface SessionOptions {
  readonly socket?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

function targetOf(options: SessionOptions, env: Readonly<Record<string, string | undefined>>): ApiTarget {
  const given = options.socket !== undefined || options.url !== undefined ? options : undefined;
  const { socket, url } = given ?? { socket: env["VSIX_SOCKET"], url: env["VSIX_URL"] };
  if (socket !== undefined && url !== undefined) {
    throw new CliError(EXIT.usage, "both a socket and a URL are given; one of them is wanted");
  }
  if (url === undefined) return { socket: socket ?? DEFAULT_SOCKET };
  const tokenFile = options.tokenFile ?? env["VSIX_TOKEN_FILE"];
  if (tokenFile === undefined) {
    throw new CliError(EXIT.usage, "a URL wants --token-file, or $VSIX_TOKEN_FILE");
  }
  const caFile = options.ca ?? env["VSIX_CA"];
  const ca = caFile === undefined ? {} : { ca: readText(caFile) };
  return { url: checkUrl(url), token: readToken(tokenFile), ...ca };
}

function checkUrl(text: string): URL {
  const fault = (why: string): CliError => new CliError(EXIT.usage, `the controller's URL ${why}`);
  if (!URL.canParse(text)) throw fault("is not a URL; https://HOST:PORT is wanted");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw fault("holds a secret or a query; tokens go into a file");
  }
  if (url.protocol === "https:") return url;
  if (url.protocol !== "http:") throw fault(`begins with ${url.protocol}; https: is wanted`);
  if (/^(localhost|127\.[0-9.]+|\[::1\])$/.test(url.hostname)) return url;
  throw fault("is http: beyond loopback, where the token would travel in clear");
}

/** The token in a file that nobody but its owner can use. */
function readToken(file: string): string {
  let text: string;
  try {
    const handle = openSync(file, "r");
    try {
      const { mode } = fstatSync(handle);
      if ((mode & 0o077) !== 0) {
        throw new Error(`mode is ${(mode & 0o777).toString(8)}, others may use it; 600 is wanted`);
      }
      text = readFileSync(handle, "utf8").trim();
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    throw new CliError(EXIT.refused, `token file ${file}: ${(cause as Error).message}`);
  }
  if (!/^[\x21-\x7e]{1,256}$/.test(text))
    throw new CliError(EXIT.refused, `token file ${file}: holds no token`);
  return text;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError(EXIT.refused, `${file}: ${(cause as Error).message}`);
  }
}
