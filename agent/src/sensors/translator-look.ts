import { readFile } from "node:fs/promises";
import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import { parseAddress4 } from "@vsix/shared/net/ip4.ts";
import { embedText } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { Look } from "../core/services/health.ts";
import { TRANSLATOR_DEVICE } from "../core/services/tayga.ts";
import type { Echoes } from "./health/echoes.ts";

/** Of the program itself. */
const OWN_PATIENCE_MS = 500;
/** Of hosts of the IPv4 Internet. */
const PATIENCE_MS = 1500;

/**
 * Whether a translator of this machine translates: the program answers an echo, there is a way to the IPv4 Internet, and one of the
 * IPv4 hosts that the fabric file names answers an echo that was translated both ways. Never throws.
 */
export async function lookAtTranslator(part: TranslatorPart, echoes: Echoes): Promise<Look> {
  if (!(await answers(echoes, part.own6, OWN_PATIENCE_MS)))
    return { ...bad(`tayga does not answer at ${part.own6}`), mute: true };
  if (!(await hasDefault4())) return bad(`no IPv4 default route but through ${TRANSLATOR_DEVICE}`);
  if (await anyOutside(part, echoes)) return { ok: true, reason: "" };
  return bad(`translated echoes to ${(part.check ?? []).join(", ")} fail`);
}

async function anyOutside({ prefix, check = [] }: TranslatorPart, echoes: Echoes): Promise<boolean> {
  const network = parsePrefix(prefix);
  if (network === undefined || check.length === 0) return true;
  const looks = check.map((text) => {
    const address = parseAddress4(text);
    return address === undefined ? false : answers(echoes, embedText(network, address), PATIENCE_MS);
  });
  return (await Promise.all(looks)).includes(true);
}

async function answers(echoes: Echoes, address: string, timeoutMs: number): Promise<boolean> {
  return (await echoes.one(address, { timeoutMs })).kind === "reply";
}

/** struct of /proc/net/route: interface, destination, gateway … in hexadecimal. */
async function hasDefault4(): Promise<boolean> {
  const table = await readFile("/proc/net/route", "utf8").catch(() => "");
  return table.split("\n").some((line) => {
    const [port, destination, , , , , , mask] = line.split("\t");
    return destination === "00000000" && mask === "00000000" && port !== TRANSLATOR_DEVICE;
  });
}

function bad(reason: string): Look {
  return { ok: false, reason };
}
