import { dirname, resolve } from "node:path";
import type { Fault, Finding, Path } from "../fabric/fault.ts";
import { checkSchema, type Loose } from "../fabric/loose.ts";
import { readYaml } from "../fabric/yaml.ts";
import { type ReceiverFile, ReceiversFile } from "./receivers-schema.ts";
import { readSecretFile, type SecretRead } from "./secret-file.ts";
import { type Receiver, receiverFault } from "./sender.ts";
import { readTextFile } from "./text-file.ts";

/** One receiver as its file says, secrets read. */
export interface ConfiguredReceiver extends Receiver {
  /** Milliseconds from one heartbeat to the next; absent: none is sent. */
  readonly heartbeatMs?: number;
  readonly allowLoopbackHttp: boolean;
}

export type ReceiversResult =
  | { readonly ok: true; readonly receivers: readonly ConfiguredReceiver[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface ReceiversOptions {
  /** Reads the file of a secret, by its path as written. */
  readonly readSecret: (path: string) => SecretRead;
  /** Others may read the file of receivers itself: then no secret may stand in it. */
  readonly shared: boolean;
}

/** Reads a file of receivers and what it names; every fault at once. Paths in it are seen from its folder. Never throws. */
export function readReceivers(file: string): ReceiversResult {
  const folder = dirname(resolve(file));
  const read = readTextFile(file);
  if ("fault" in read)
    return { ok: false, faults: [{ file, line: 1, column: 1, path: "", message: read.fault }] };
  const readSecret = (path: string): SecretRead => readSecretFile(resolve(folder, path));
  return parseReceivers(read.text, file, { readSecret, shared: (read.mode & 0o077) !== 0 });
}

/**
 * What a file of receivers means, or every fault in the order of the file. `file` is the name that faults carry. Never
 * throws on any text; no fault repeats a URL or a secret.
 */
export function parseReceivers(text: string, file: string, options: ReceiversOptions): ReceiversResult {
  const read = readYaml(text, file);
  if (!read.ok) return read;
  const version = (read.yaml.value as { readonly version?: unknown } | null)?.version;
  if (typeof version === "number" && version !== 1) {
    const message = `format version ${version} is not known; this program reads version 1`;
    return { ok: false, faults: [read.yaml.locate({ path: ["version"], message })] };
  }
  const { findings, loose } = checkSchema(ReceiversFile, read.yaml.value);
  const all: Finding[] = [...findings];
  const receivers = checkReceivers(loose, options, (finding) => all.push(finding));
  if (all.length === 0) return { ok: true, receivers };
  const faults = all.map((finding) => read.yaml.locate(finding));
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}

type Report = (finding: Finding) => void;

/** Good where nothing was reported. */
function checkReceivers(
  file: Loose<ReceiversFile> | undefined,
  options: ReceiversOptions,
  report: Report,
): readonly ConfiguredReceiver[] {
  const names = new Set<string>();
  return (file?.receivers ?? []).flatMap((written, i): ConfiguredReceiver[] => {
    if (written === undefined) return [];
    const path = ["receivers", i];
    if (written.name !== undefined && names.has(written.name)) {
      report({ path: [...path, "name"], message: `there is a receiver ${written.name} already; rename one` });
    } else if (written.name !== undefined) names.add(written.name);
    const receiver = checkOne(written, path, options, report);
    return receiver === undefined ? [] : [receiver];
  });
}

function checkOne(
  written: Loose<ReceiverFile>,
  path: Path,
  options: ReceiversOptions,
  report: Report,
): ConfiguredReceiver | undefined {
  const { name, format, heartbeatS, allowLoopbackHttp = false } = written;
  const url = readUrl(written, path, options, report);
  const secret = readKey(written, path, options, report);
  if (name === undefined || format === undefined || url === undefined || secret === undefined)
    return undefined;
  const receiver: Receiver = { name, url: url.text, format, ...(secret === "" ? {} : { secret }) };
  const fault = receiverFault(receiver, allowLoopbackHttp);
  if (fault !== undefined) {
    const at = fault.of === "url" ? url.from : "secretFile";
    report({ path: [...path, at], message: fault.why });
    return undefined;
  }
  const heartbeat = heartbeatS === undefined ? {} : { heartbeatMs: heartbeatS * 1000 };
  return { ...receiver, ...heartbeat, allowLoopbackHttp };
}

function readUrl(
  { url, urlFile, format }: Loose<ReceiverFile>,
  path: Path,
  { readSecret, shared }: ReceiversOptions,
  report: Report,
): { readonly text: string; readonly from: "url" | "urlFile" } | undefined {
  if (url !== undefined && urlFile !== undefined) {
    report({ path: [...path, "urlFile"], message: "url says already where to post; keep one of the two" });
    return undefined;
  }
  if (urlFile !== undefined) {
    const read = readSecret(urlFile);
    if ("secret" in read) return { text: read.secret, from: "urlFile" };
    report({ path: [...path, "urlFile"], message: read.fault });
    return undefined;
  }
  if (url === undefined) {
    report({ path, message: "nothing says where to post; give urlFile: FILE, or url: https://…" });
    return undefined;
  }
  if (format === "slack" && shared) {
    const cure = "put it into a file of mode 600 and name that by urlFile, or chmod 600 this one";
    report({ path: [...path, "url"], message: `this URL is a secret, and others may read it here; ${cure}` });
    return undefined;
  }
  return { text: url, from: "url" };
}

/** Empty where none is wanted; undefined once a fault was reported. */
function readKey(
  { secretFile, format }: Loose<ReceiverFile>,
  path: Path,
  { readSecret }: ReceiversOptions,
  report: Report,
): string | undefined {
  if (secretFile === undefined) {
    if (format !== "json") return "";
    report({ path, message: "a json receiver is signed; give secretFile: FILE" });
    return undefined;
  }
  const read = readSecret(secretFile);
  if ("secret" in read) return read.secret;
  report({ path: [...path, "secretFile"], message: read.fault });
  return undefined;
}
