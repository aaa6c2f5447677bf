import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRefreshOn } from "../../api/queries.ts";
import type { Rollout } from "../../api/types.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { rolloutsQuery } from "./network-queries.ts";
import { rolloutsTexts } from "./rollouts.texts.ts";

/** Rollouts, newest first, as they go. */
export function RolloutsPage() {
  const t = useTexts(rolloutsTexts);
  const rollouts = useQuery(rolloutsQuery);
  useRefreshOn(rolloutsQuery.queryKey, ["rollout", "commit"]);
  return (
    <Page title={t("title")}>
      <Answer
        of={rollouts}
        isEmpty={({ rollouts: all }) => all.length === 0}
        empty={<Text>{t("none")}</Text>}
      >
        {({ rollouts: all }) => (
          <Table.ScrollContainer minWidth={900}>
            <Table aria-label={t("title")}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t("number")}</Table.Th>
                  <Table.Th scope="col">{t("planes")}</Table.Th>
                  <Table.Th scope="col">{t("state")}</Table.Th>
                  <Table.Th scope="col">{t("moved")}</Table.Th>
                  <Table.Th scope="col">{t("verdict")}</Table.Th>
                  <Table.Th scope="col">{t("why")}</Table.Th>
                  <Table.Th scope="col">{t("author")}</Table.Th>
                  <Table.Th scope="col">{t("begun")}</Table.Th>
                  <Table.Th scope="col">{t("ended")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((rollout) => (
                  <RolloutRow key={rollout.id} rollout={rollout} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Answer>
    </Page>
  );
}

function RolloutRow({ rollout }: { readonly rollout: Rollout }) {
  const format = useFormat();
  const { cohort, verdict, endedAt } = rollout;
  return (
    <Table.Tr data-rollout={rollout.id}>
      <Table.Th scope="row">{rollout.id}</Table.Th>
      <Table.Td>
        {rollout.from} → {rollout.to}
      </Table.Td>
      <Table.Td>
        <Stage rollout={rollout} />
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

const TONES: Readonly<Record<string, Tone>> = {
  done: "good",
  aborted: "warning",
  "going-back": "bad",
  "failed-to-go-back": "bad",
};

function Stage({ rollout: { stage, step, steps, paused } }: { readonly rollout: Rollout }) {
  const t = useTexts(rolloutsTexts);
  const words: Readonly<Record<string, string>> = {
    baseline: t("stage-baseline"),
    there: t("stage-there"),
    back: t("stage-back"),
    step: t("stage-step", { step, steps: steps.length }),
    "going-back": t("stage-going-back"),
    done: t("stage-done"),
    aborted: t("stage-aborted"),
    "failed-to-go-back": t("stage-failed-to-go-back"),
  };
  return (
    <>
      <Mark tone={TONES[stage] ?? "plain"}>{words[stage] ?? stage}</Mark>
      {paused !== null && <Text size="sm">{t("paused", { who: paused })}</Text>}
    </>
  );
}
