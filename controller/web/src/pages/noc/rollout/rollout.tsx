import { Alert, Group, Progress, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams } from "wouter";
import { useRefreshOn } from "../../../api/queries.ts";
import type { Rollout } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { looksOf, turnsOf } from "../../../model/judge-figures.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { rolloutQuery } from "../network-queries.ts";
import { Distributions } from "./distributions.tsx";
import { JudgeFigures } from "./judge-figures.tsx";
import { rolloutTexts } from "./rollout.texts.ts";
import { RolloutActions } from "./rollout-actions.tsx";
import { RolloutStage } from "./rollout-stage.tsx";

/** One rollout as it goes: steps, what the judge sees, what was done. */
export function RolloutPage() {
  const t = useTexts(rolloutTexts);
  const id = Number(useParams()["id"]);
  if (!Number.isSafeInteger(id) || id < 1)
    return (
      <Page title={t("started", { id: "?" })}>
        <Text>{t("no-such")}</Text>
      </Page>
    );
  return <OneRollout id={id} />;
}

function OneRollout({ id }: { readonly id: number }) {
  const t = useTexts(rolloutTexts);
  const query = rolloutQuery(id);
  const evidence = useQuery(query);
  useRefreshOn(query.queryKey, ["rollout", "commit"]);
  const rollout = evidence.data?.rollout;
  const looks = useMemo(() => looksOf(evidence.data?.events ?? []), [evidence.data]);
  const title =
    rollout === undefined ? t("started", { id }) : t("title", { id, from: rollout.from, to: rollout.to });
  return (
    <Page title={title} actions={rollout !== undefined && <RolloutActions rollout={rollout} />}>
      <Answer of={evidence}>
        {(data) => (
          <>
            <Standing rollout={data.rollout} />
            <Steps rollout={data.rollout} />
            {data.rollout.endedAt === null && <Distributions rollout={data.rollout} />}
            <JudgeFigures looks={looks} />
            <History turns={turnsOf(data.events)} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Standing({ rollout }: { readonly rollout: Rollout }) {
  const t = useTexts(rolloutTexts);
  const { cohort, to, verdict, why, note, unjudged } = rollout;
  const moved = cohort.filter((one) => one.moved).length;
  return (
    <Stack gap="xs">
      <div role="status">
        <RolloutStage rollout={rollout} />
      </div>
      <Text size="sm">{t("moved-of", { moved, all: cohort.length, plane: to })}</Text>
      <Progress
        value={cohort.length === 0 ? 0 : (100 * moved) / cohort.length}
        aria-label={t("moved-of", { moved, all: cohort.length, plane: to })}
      />
      {why !== "" && (
        <Alert color="red" title={t("why")}>
          {why}
        </Alert>
      )}
      {note !== "" && (
        <Text size="sm">
          {t("note")}: {note}
        </Text>
      )}
      {verdict !== null && (
        <Text size="sm">
          {t("verdict")}: {verdict.verdict}
          {verdict.reasons.length > 0 && ` – ${verdict.reasons.join("; ")}`}
        </Text>
      )}
      {unjudged.map((what) => (
        <Text key={what} size="sm" c="dimmed">
          {t("unjudged", { what })}
        </Text>
      ))}
    </Stack>
  );
}

export function Steps({ rollout }: { readonly rollout: Rollout }) {
  const t = useTexts(rolloutTexts);
  const { steps, step, stage, cohort, endedAt } = rollout;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("steps")}
      </Title>
      <WideTable
        label={t("steps")}
        minWidth={480}
        head={[t("step"), t("edges"), t("result"), t("who-joins")]}
      >
        {steps.map(({ text, size }, i) => {
          const isDone = stage === "done" || (i + 1 < step && endedAt === null);
          const isNow = i + 1 === step && endedAt === null;
          const isNever = endedAt !== null && stage !== "done";
          const joins = cohort.slice(steps[i - 1]?.size ?? 0, size).map(({ edge }) => edge);
          return (
            <Table.Tr key={text} aria-current={isNow ? "step" : undefined} data-step={i + 1}>
              <Table.Th scope="row">
                {i + 1}: {text}
              </Table.Th>
              <Table.Td>{size}</Table.Td>
              <Table.Td>
                <Mark tone={isDone ? "good" : isNow ? "warning" : "plain"}>
                  {t(isDone ? "step-done" : isNow ? "step-now" : isNever ? "step-never" : "step-next")}
                </Mark>
              </Table.Td>
              <Table.Td>{joins.join(", ")}</Table.Td>
            </Table.Tr>
          );
        })}
      </WideTable>
    </Stack>
  );
}

function History({ turns }: { readonly turns: ReturnType<typeof turnsOf> }) {
  const t = useTexts(rolloutTexts);
  const format = useFormat();
  return (
    <Stack gap="xs">
      <Group>
        <Title order={2} size="h3">
          {t("history-title")}
        </Title>
      </Group>
      <WideTable label={t("history-title")} minWidth={480} head={[t("at"), t("who"), t("told")]}>
        {turns.toReversed().map(({ number, at, who, told }) => (
          <Table.Tr key={number}>
            <Table.Td>{format.time(at)}</Table.Td>
            <Table.Td>{who}</Table.Td>
            <Table.Td>{told}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}
