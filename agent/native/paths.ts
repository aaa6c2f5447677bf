import { fileURLToPath } from "node:url";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What is compiled. */
export const SOURCES: readonly string[] = [
  "addon",
  "beat",
  "clock",
  "pages",
  "pump",
  "ring",
  "socket",
  "transfer",
  "values",
  "watch",
].map((name) => here(`./${name}.c`));

/** What the result must be newer than. */
export const INPUTS: readonly string[] = [
  ...SOURCES,
  ...["beat", "clock", "pages", "pump", "ring", "socket", "values", "watch"].map((name) =>
    here(`./${name}.h`),
  ),
];

/** Where the compiled addon for this machine lives. */
export const ADDON = fileURLToPath(
  new URL(`./build/vsix-native-${process.platform}-${process.arch}.node`, import.meta.url),
);

/** Where the addon with sanitizers goes (build.ts --sanitize): never loaded by the product. */
export const SANITIZED_ADDON = here(
  `../../.cache/native/vsix-native-sanitized-${process.platform}-${process.arch}.node`,
);
