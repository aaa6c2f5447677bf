import type { Finding, Path } from "@vsix/shared/fabric/fault.ts";
import type { Loose } from "@vsix/shared/fabric/loose.ts";
import { checkLan } from "./check-lan.ts";
import { checkNetwork } from "./check-network.ts";
import { sshKeyFault } from "./check-ssh-key.ts";
import { wgQuickFault } from "./check-wg-quick.ts";
import type { SeedFile } from "./schema.ts";
import type { Secret, System } from "./words.ts";

/** What the reader needs of the machine that it runs on. */
export interface Ports {
  /** Of a file that nobody else may read; `fault` says why not, and nothing of what is in it. */
  readonly readFile: (path: string) => { readonly text: string } | { readonly fault: string };
  /** Throws an Error that says what is wrong with a claim token, and nothing of what is in it. */
  readonly readClaim: (token: string) => { readonly node: string; readonly expires: string };
  /** Since 1970, milliseconds. */
  readonly nowMs: number;
}

export type Report = (finding: Finding) => void;

/** Everything that a schema cannot say. What was wrong by the schema is missing here, and not told again. */
export function checkSeed(
  file: Loose<SeedFile>,
  ports: Ports,
  report: Report,
): { readonly node: string | undefined; readonly secrets: ReadonlyMap<string, string> } {
  const secrets = new Map<string, string>();
  const secret = (
    path: Path,
    value: Loose<Secret> | undefined,
    fault: (text: string) => string | undefined,
  ) => {
    if (value === undefined) return;
    let text = value as string;
    if (typeof value !== "string") {
      if (value.file === undefined) return;
      const read = ports.readFile(value.file);
      if ("fault" in read) return report({ path: [...path, "file"], message: read.fault });
      text = read.text;
    }
    const wrong = fault(text);
    if (wrong !== undefined) return report({ path, message: wrong });
    secrets.set(path.join("."), text);
  };
  checkSystem(file.system, report);
  let node: string | undefined;
  if (file.kind === "pi" || file.kind === "router")
    secret(["claim"], file.claim, (token) => {
      const found = claimOf(token, ports, file.kind === "pi");
      if ("fault" in found) return found.fault;
      node = found.node;
      return undefined;
    });
  if (file.kind === "router" || file.kind === "controller") checkNetwork(file.network, report);
  if (file.kind === "router") secret(["bundle"], file.bundle, bundleFault);
  if (file.kind === "pi") {
    checkLan(file, report);
    for (const [i, uplink] of (file.uplinks ?? []).entries())
      if (uplink?.kind === "wifi") secret(["uplinks", i, "passphrase"], uplink.passphrase, passphraseFault);
    secret(["lan", "wifi", "passphrase"], file.lan?.wifi?.passphrase, passphraseFault);
    if (file.access?.kind === "wireguard")
      for (const [i, device] of (file.access.devices ?? []).entries())
        secret(["access", "devices", i, "config"], device?.config, wgQuickFault);
  }
  return { node, secrets };
}

function checkSystem(system: Loose<System> | undefined, report: Report): void {
  const names = new Set<string>();
  for (const [i, user] of (system?.users ?? []).entries()) {
    const path = ["system", "users", i];
    if (user === undefined) continue;
    const { name, sshKeys, githubIds, passwordHash } = user;
    if (name === "root")
      report({ path: [...path, "name"], message: "root does not sign in; name a user, who may use sudo" });
    if (name !== undefined && names.has(name))
      report({ path: [...path, "name"], message: `${name} is there twice` });
    if (name !== undefined) names.add(name);
    for (const [j, key] of (sshKeys ?? []).entries()) {
      const fault = key === undefined ? undefined : sshKeyFault(key);
      if (fault !== undefined) report({ path: [...path, "sshKeys", j], message: fault });
    }
    if (passwordHash !== undefined && !HASH.test(passwordHash))
      report({
        path: [...path, "passwordHash"],
        message: "this is no hash of a password: write what `openssl passwd -6` prints, never the password",
      });
    const ways = Object.keys(user).some((key) => key !== "name");
    if (!ways || (sshKeys?.length === 0 && githubIds === undefined && passwordHash === undefined))
      report({
        path,
        message: "nobody could sign in as this user: give `sshKeys`, `githubIds` or `passwordHash`",
      });
  }
}

/** crypt(5): SHA-512, yescrypt. Others are too weak, or not taken by Debian. */
const HASH =
  /^\$(6\$(rounds=\d{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}|y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43})$/;

function claimOf(
  token: string,
  { readClaim, nowMs }: Ports,
  isDevice: boolean,
): { readonly node: string } | { readonly fault: string } {
  try {
    const { node, expires } = readClaim(token);
    if (!(Date.parse(expires) > nowMs))
      return {
        fault: `this claim is over since ${expires}: make a new one (\`vsixctl ${isDevice ? "application claim" : "node rekey"}\`)`,
      };
    if (isDevice && !/^access-[0-9]+$/.test(node))
      return {
        fault: `this claim is for the router ${node}; a Pi wants that of an application (\`vsixctl application claim\`)`,
      };
    if (!isDevice && /^access-[0-9]+$/.test(node))
      return {
        fault: `this claim is for the device of an application (${node}); a router's is made by \`vsixctl node enrol\``,
      };
    return { node };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : "this is no claim token" };
  }
}

/** IEEE 802.11, Annex J.4.1: a passphrase of WPA. */
function passphraseFault(text: string): string | undefined {
  if (/^[\x20-\x7e]{8,63}$/.test(text) && text === text.trim()) return undefined;
  return `a passphrase has 8 to 63 printable ASCII characters and no space at its ends; this has ${text.length} characters`;
}

function bundleFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return undefined;
  } catch {
    // Said below, without what JSON.parse shows of it.
  }
  return "this is no bundle: it is what `vsixctl node bundle` prints, whole";
}
