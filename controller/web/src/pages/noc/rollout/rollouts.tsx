import { Anchor, Button, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useMay, useRefreshOn } from "../../../api/queries.ts";
import type { Rollout } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { rolloutsQuery } from "../network-queries.ts";
import { RolloutStage } from "./rollout-stage.tsx";
import { rolloutsTexts } from "./rollouts.texts.ts";

/** Rollouts, newest first, as they go. */
export function RolloutsPage() {
  const t = useTexts(rolloutsTexts);
  const rollouts = useQuery(rolloutsQuery);
  const maySteer = useMay("steer");
  useRefreshOn(rolloutsQuery.queryKey, ["rollout", "commit"]);
  return (
    <Page title={t("title")} actions={maySteer && <NewButton />}>
      <Answer
        of={rollouts}
        isEmpty={({ rollouts: all }) => all.length === 0}
        empty={<Text>{t("none")}</Text>}
      >
        {({ rollouts: all }) => (
          <WideTable
            label={t("title")}
            minWidth={900}
            head={[
              t("number"),
              t("planes"),
              t("state"),
              t("moved"),
              t("verdict"),
              t("why"),
              t("author"),
              t("begun"),
              t("ended"),
            ]}
          >
            {all.map((rollout) => (
              <RolloutRow key={rollout.id} rollout={rollout} />
            ))}
          </WideTable>
        )}
      </Answer>
    </Page>
  );
}

function NewButton() {
  const t = useTexts(rolloutsTexts);
  return (
    <Button component={Link} href="/noc/rollouts/new">
      {t("new")}
    </Button>
  );
}

function RolloutRow({ rollout }: { readonly rollout: Rollout }) {
  const format = useFormat();
  const { cohort, verdict, endedAt } = rollout;
  return (
    <Table.Tr data-rollout={rollout.id}>
      <Table.Th scope="row">
        <Anchor component={Link} href={`/noc/rollouts/${rollout.id}`}>
          {rollout.id}
        </Anchor>
      </Table.Th>
      <Table.Td>
        {rollout.from} → {rollout.to}
      </Table.Td>
      <Table.Td>
        <RolloutStage rollout={rollout} />
      </Table.Td>
      <Table.Td>
        {cohort.filter(({ moved }) => moved).length} / {cohort.length}
      </Table.Td>
      <Table.Td>{verdict?.verdict ?? "–"}</Table.Td>
      <Table.Td maw={320}>{rollout.why}</Table.Td>
      <Table.Td>{rollout.author}</Table.Td>
      <Table.Td>{format.time(rollout.createdAt)}</Table.Td>
      <Table.Td>{endedAt === null ? "–" : format.time(endedAt)}</Table.Td>
    </Table.Tr>
  );
}
