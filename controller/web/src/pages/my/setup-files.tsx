import { Stack } from "@mantine/core";
import type { SetupFile } from "../../../../src/core/access/setup/setup-file.ts";
import { nameOf } from "../../parts/save-file.ts";
import { ShownFile } from "../../parts/shown-file.tsx";
import { OneTimeLink } from "./one-time-link.tsx";

/** The files of a set-up, each to copy, save, or hand over by a one-time link. */
export function SetupFiles({ files }: { readonly files: readonly SetupFile[] }) {
  return (
    <Stack gap="lg">
      {files.map(({ path, mode, text }) => (
        <ShownFile
          key={path}
          path={path}
          mode={mode}
          text={text}
          actions={<OneTimeLink key={text} file={{ name: nameOf(path), text }} />}
        />
      ))}
    </Stack>
  );
}
