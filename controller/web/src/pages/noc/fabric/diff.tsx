import { Accordion, Code, Stack, Text, Title } from "@mantine/core";
import type { ApplyAnswer } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { fabricTexts } from "./fabric.texts.ts";

/** What a fabric file would change, node by node. */
export function Diff({ answer: { diff, dropped, unfitPaths } }: { readonly answer: ApplyAnswer }) {
  const t = useTexts(fabricTexts);
  const words = { added: t("diff-added"), changed: t("diff-changed"), removed: t("diff-removed") };
  return (
    <Stack component="section" aria-label={t("diff")} gap="xs" data-diff={diff.length}>
      <Title order={2} size="h3">
        {t("diff")}
      </Title>
      {diff.length === 0 && <Text size="sm">{t("no-change")}</Text>}
      {dropped.map((what) => (
        <Text key={what} size="sm">
          {t("dropped", { what })}
        </Text>
      ))}
      {unfitPaths.length > 0 && (
        <Text size="sm">
          {t("unfit")} {unfitPaths.map(({ message }) => message).join("; ")}
        </Text>
      )}
      <Accordion
        multiple
        order={3}
        variant="contained"
        defaultValue={diff.slice(0, 3).map(({ node }) => node)}
      >
        {diff.map(({ node, change, lines }) => (
          <Accordion.Item key={node} value={node}>
            <Accordion.Control>
              {node}: {words[change]}
            </Accordion.Control>
            <Accordion.Panel>
              <Code block tabIndex={0} role="group" aria-label={node}>
                {lines.join("\n")}
              </Code>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  );
}
