import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { partsTexts } from "./parts.texts.ts";
import { nameOf, saveFile } from "./save-file.ts";

/** A text that goes into a file or a terminal as it is: to read, to copy, to save. */
export function ShownFile({
  path,
  mode,
  text,
  actions,
}: {
  readonly path: string;
  readonly mode?: string;
  readonly text: string;
  readonly actions?: ReactNode;
}) {
  const t = useTexts(partsTexts);
  return (
    <Stack gap="xs" component="section" aria-label={path}>
      <Text size="sm" fw={600}>
        <Code>{path}</Code>
        {mode !== undefined && ` ${t("mode", { mode })}`}
      </Text>
      <Code block tabIndex={0} mah={420}>
        {text}
      </Code>
      <Group gap="xs">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              size="xs"
              onClick={copy}
              aria-label={`${copied ? t("copied") : t("copy")}: ${nameOf(path)}`}
            >
              {copied ? t("copied") : t("copy")}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          size="xs"
          onClick={() => saveFile(nameOf(path), text)}
          aria-label={`${t("save")}: ${nameOf(path)}`}
        >
          {t("save")}
        </Button>
        {actions}
      </Group>
    </Stack>
  );
}
