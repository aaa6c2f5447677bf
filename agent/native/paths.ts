import { fileURLToPath } from "node:url";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What is compiled. */
export const SOURCES: readonly string[] = [here("./addon.c"), here("./pump.c")];

/** What the result must be newer than. */
export const INPUTS: readonly string[] = [...SOURCES, here("./pump.h")];

/** Where the compiled addon for this machine lives. */
export const ADDON = fileURLToPath(
  new URL(`./build/vsix-native-${process.platform}-${process.arch}.node`, import.meta.url),
);
