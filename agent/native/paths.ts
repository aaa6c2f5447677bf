import { fileURLToPath } from "node:url";

/** The C source of the addon. */
export const SOURCE = fileURLToPath(new URL("./addon.c", import.meta.url));

/** Where the compiled addon for this machine lives. */
export const ADDON = fileURLToPath(
  new URL(`./build/vsix-native-${process.platform}-${process.arch}.node`, import.meta.url),
);
