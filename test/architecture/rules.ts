import { posix } from "node:path";
import { codeOf, importsOf } from "./imports.ts";

/** One tracked file of the repository; path relative to its root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly detail: string;
}

const PURE =
  /^(shared\/src\/(net|contract|fabric|errors|paths|dns)|agent\/src\/(core|wire)|controller\/src\/core|cloud-init\/core)\/|^agent\/src\/resources\/[^/]+\/model\.ts$|^shared\/src\/mqtt\/frame-scanner\.ts$/;
const PURE_PACKAGES = new Set(["@sinclair/typebox", "yaml"]);
const MAY_READ_PROCESS =
  /\/main\.ts$|^controller\/src\/cli\/|^scripts\/|^images\/|^test\/|\.test\.ts$|^agent\/native\/build\.ts$/;
const MAY_PRINT = /^controller\/src\/cli\/|^scripts\/|^test\/|\.test\.ts$|^agent\/native\/build\.ts$/;
const MAY_BE_LONG =
  /(^|\/)(gen|vectors|golden)\/|\.golden$|^package-lock\.json$|^LICENSE$|\.proto$|\.schema\.json$/;
const MAX_LINES = 400;

/** Folders of somebody's machine and names of registries: neither belongs into a repository. Written so as not to match. */
const MACHINE_PATH = new RegExp(`(^|[\\s"'\`=(:,])/(${["work", "root", "home"].join("|")})/[\\w.-]`, "m");
const REGISTRY = /\bregistry\.(npmjs|yarnpkg|npmmirror)\.\w+|\/artifactory\//;

/** Every rule that a set of files breaks. Pure. */
export function violations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [
    ...wholeFile(file),
    ...(/\.(ts|mts|js|mjs)$/.test(file.path) ? [...importRules(file), ...codeRules(file)] : []),
  ]);
}

function wholeFile({ path, text }: SourceFile): Violation[] {
  const found: Violation[] = [];
  const lines = text.split("\n").length - 1;
  if (lines > MAX_LINES && !MAY_BE_LONG.test(path)) {
    found.push({ path, rule: "length", detail: `${lines} lines, more than ${MAX_LINES}` });
  }
  const place = MACHINE_PATH.exec(text);
  if (place !== null) found.push({ path, rule: "machine path", detail: place[0].trim() });
  const host = REGISTRY.exec(text);
  if (host !== null) found.push({ path, rule: "registry host", detail: host[0] });
  if (path === "package-lock.json" && /"resolved": "http/.test(text)) {
    found.push({ path, rule: "lock file", detail: "names where packages were fetched from" });
  }
  return found;
}

function codeRules({ path, text }: SourceFile): Violation[] {
  const found: Violation[] = [];
  const code = codeOf(text);
  const process = /\bprocess\s*\.\s*(argv|env)\b/.exec(code);
  if (process !== null && !MAY_READ_PROCESS.test(path)) {
    found.push({ path, rule: "process", detail: `reads ${process[0]} outside main.ts and the CLI` });
  }
  if (/\bconsole\s*\./.test(code) && !MAY_PRINT.test(path)) {
    found.push({ path, rule: "console", detail: "prints outside the CLI and scripts" });
  }
  return found;
}

function importRules({ path, text }: SourceFile): Violation[] {
  const isTest = path.endsWith(".test.ts");
  return importsOf(text).flatMap((specifier) => {
    const target = resolve(path, specifier);
    const found: Violation[] = [];
    const forbid = (rule: string): number => found.push({ path, rule, detail: specifier });
    if (PURE.test(path) && !isTest && !mayPureImport(target)) forbid("pure");
    const [from, to] = [owner(path), owner(target)];
    if (from === "agent" && to === "controller") forbid("agent imports controller");
    if (from === "controller" && to === "agent") forbid("controller imports agent");
    if (from === "shared" && (to === "agent" || to === "controller")) forbid("shared imports a program");
    if (from === "gobgp-ts" && to !== undefined && to !== "gobgp-ts") forbid("gobgp-ts imports ours");
    const inProgram = from !== undefined;
    if (inProgram && !isTest && /^(test|scripts)\//.test(target)) forbid("program imports tests or scripts");
    return found;
  });
}

function mayPureImport(target: string): boolean {
  return PURE.test(target) || PURE_PACKAGES.has(target) || PURE_PACKAGES.has(packageOf(target));
}

/** Repository path of what is imported, or the specifier itself for a foreign package. */
function resolve(path: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(posix.dirname(path), specifier));
  const own = /^@vsix\/(shared|agent|controller)\/(.*)$/.exec(specifier);
  if (own !== null) return `${own[1]}/src/${own[2]}`;
  return specifier === "gobgp-ts" || specifier.startsWith("gobgp-ts/") ? `shared/${specifier}` : specifier;
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function owner(path: string): "agent" | "controller" | "shared" | "gobgp-ts" | undefined {
  if (path === "shared/gobgp-ts" || path.startsWith("shared/gobgp-ts/")) return "gobgp-ts";
  const top = /^(agent|controller|shared)\//.exec(path)?.[1];
  return top === "agent" || top === "controller" || top === "shared" ? top : undefined;
}
