import { Alert, Anchor, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { api } from "../../../api/client.ts";
import { useRefreshOn } from "../../../api/queries.ts";
import type { Revisions } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { statusQuery } from "../network-queries.ts";
import { Editing } from "./editing.tsx";
import { fabricTexts } from "./fabric.texts.ts";
import { revisionQuery, revisionsQuery, trialQuery } from "./fabric-queries.ts";

/** The file that the whole network is made of: read, changed, checked, applied, and put back. */
export function FabricPage() {
  const t = useTexts(fabricTexts);
  const revisions = useQuery(revisionsQuery);
  const [search] = useSearchParams();
  useRefreshOn(revisionsQuery.queryKey, ["commit"]);
  const asked = Number(search.get("revision"));
  // Said here and not in the editor, which begins anew with the new revision.
  const [stored, setStored] = useState<number>();
  return (
    <Page title={t("title")}>
      <Trial />
      {stored !== undefined && (
        <Alert color="green" role="status" data-stored={stored}>
          {t("stored", { revision: stored })}
        </Alert>
      )}
      <Answer of={revisions}>
        {(data) => {
          const shown = Number.isSafeInteger(asked) && asked > 0 ? asked : data.current;
          return (
            <>
              {shown === null ? (
                <Stack gap="xs">
                  <Text>{t("no-fabric")}</Text>
                  <Editing revision={null} file="fabric.yaml" text="" onStored={setStored} />
                </Stack>
              ) : (
                <Shown revision={shown} current={data.current} onStored={setStored} />
              )}
              <History revisions={data} />
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

function Trial() {
  const t = useTexts(fabricTexts);
  const { data } = useQuery(trialQuery);
  useRefreshOn(trialQuery.queryKey, ["commit", "report"]);
  if (data?.trial === null || data === undefined) return null;
  const { revision, state, reason } = data.trial;
  return (
    <Alert color="orange" role="status">
      {t("trial", { revision, state, reason })}
    </Alert>
  );
}

function Shown({
  revision,
  current,
  onStored,
}: {
  readonly revision: number;
  readonly current: number | null;
  readonly onStored: (revision: number | undefined) => void;
}) {
  const t = useTexts(fabricTexts);
  const one = useQuery(revisionQuery(revision));
  return (
    <Answer of={one}>
      {(data) => (
        <Stack gap="xs">
          {revision !== current && (
            <Group>
              <Text size="sm">{t("older", { revision })}</Text>
              <Anchor component={Link} href="/noc/fabric" size="sm">
                {t("to-newest")}
              </Anchor>
            </Group>
          )}
          {data.madeOf !== null && <Text size="sm">{t("made-of")}</Text>}
          <Editing key={revision} revision={revision} file={data.file} text={data.text} onStored={onStored} />
        </Stack>
      )}
    </Answer>
  );
}

function History({ revisions: { current, revisions } }: { readonly revisions: Revisions }) {
  const t = useTexts(fabricTexts);
  const format = useFormat();
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("history")}
      </Title>
      <WideTable
        label={t("history")}
        minWidth={720}
        head={[t("revision"), t("at"), t("author"), t("note"), t("file"), t("what")]}
      >
        {revisions.map(({ revision, at, author, note, file }) => (
          <Table.Tr key={revision} data-revision={revision}>
            <Table.Th scope="row">
              {revision}
              {revision === current && ` (${t("in-force")})`}
            </Table.Th>
            <Table.Td>{format.time(at)}</Table.Td>
            <Table.Td>{author}</Table.Td>
            <Table.Td>{note}</Table.Td>
            <Table.Td>{file}</Table.Td>
            <Table.Td>
              <Group gap={6} wrap="nowrap">
                <Anchor
                  component={Link}
                  href={`/noc/fabric?revision=${revision}`}
                  size="sm"
                  aria-label={`${t("show")}: ${revision}`}
                >
                  {t("show")}
                </Anchor>
                {revision !== current && (
                  <Confirmed
                    needs="apply"
                    isDangerous
                    label={t("rollback")}
                    of={String(revision)}
                    run={() => api.POST("/v1/rollback", { body: { revision } })}
                    refreshes={[revisionsQuery.queryKey, statusQuery.queryKey, trialQuery.queryKey]}
                  >
                    <Text>{t("rollback-sure", { revision })}</Text>
                  </Confirmed>
                )}
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}
