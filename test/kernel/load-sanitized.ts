import { ADDON, SANITIZED_ADDON } from "../../agent/native/paths.ts";

/** Preloaded (`node --import`): whatever asks for the addon gets the one with sanitizers, and the fact is written down. */
export const LOADED = "sanitized addon loaded";

const { dlopen } = process;
process.dlopen = (module: object, file: string, flags?: number): void => {
  const sanitized = file === ADDON;
  if (sanitized) process.stderr.write(`${LOADED}\n`);
  const args = [module, sanitized ? SANITIZED_ADDON : file, ...(flags === undefined ? [] : [flags])];
  Reflect.apply(dlopen, process, args);
};
