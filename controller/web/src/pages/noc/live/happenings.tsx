import { Anchor, Card, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useRefreshOn } from "../../../api/queries.ts";
import type { Status } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Mark } from "../../../parts/mark.tsx";
import { epeHistoryQuery, epeQuery, pathsQuery, rolloutsQuery } from "../network-queries.ts";
import { RolloutStage } from "../rollout/rollout-stage.tsx";
import { liveTexts } from "./live.texts.ts";

/** The newest are read; the rest is counted. */
const MOST_ALARMS = 8;
const MOST_MOVES = 5;

function Box({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title} padding="sm">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Card>
  );
}

/** What is wrong now, from everywhere that says so. */
export function Alarms({ status }: { readonly status: Status }) {
  const t = useTexts(liveTexts);
  const paths = useQuery(pathsQuery);
  const epe = useQuery(epeQuery);
  useRefreshOn(pathsQuery.queryKey, ["path"]);
  const bad = (paths.data?.paths ?? []).filter(
    ({ current }) => current?.level === "alarm" || current?.level === "warning",
  );
  const alarms = [
    ...status.why.map((text) => ({ text, tone: "bad" as const })),
    ...bad.map(({ source, target, current }) => ({
      text: t("path", { source, target, words: current?.words ?? "" }),
      tone: current?.level === "alarm" ? ("bad" as const) : ("warning" as const),
    })),
    ...(epe.data?.alarms ?? []).map((text) => ({ text: `EPE: ${text}`, tone: "warning" as const })),
  ];
  return (
    <Box title={t("alarms")}>
      <Stack gap={4} role="status" data-alarms={alarms.length}>
        {alarms.length === 0 && <Mark tone="good">{t("no-alarms")}</Mark>}
        {alarms.slice(0, MOST_ALARMS).map(({ text, tone }) => (
          <Mark key={text} tone={tone}>
            {text}
          </Mark>
        ))}
        {alarms.length > MOST_ALARMS && (
          <Text size="sm">{t("alarms-more", { count: alarms.length - MOST_ALARMS })}</Text>
        )}
      </Stack>
    </Box>
  );
}

export function RunningRollouts() {
  const t = useTexts(liveTexts);
  const rollouts = useQuery(rolloutsQuery);
  useRefreshOn(rolloutsQuery.queryKey, ["rollout", "commit"]);
  const running = (rollouts.data?.rollouts ?? []).filter(({ endedAt }) => endedAt === null);
  return (
    <Box title={t("rollout")}>
      {running.length === 0 && <Text size="sm">{t("no-rollout")}</Text>}
      {running.map((rollout) => (
        <div key={rollout.id} data-running={rollout.id}>
          <Anchor component={Link} href={`/noc/rollouts/${rollout.id}`}>
            {t("rollout-line", {
              id: rollout.id,
              from: rollout.from,
              to: rollout.to,
              moved: rollout.cohort.filter(({ moved }) => moved).length,
              all: rollout.cohort.length,
            })}
          </Anchor>
          <RolloutStage rollout={rollout} />
        </div>
      ))}
    </Box>
  );
}

export function EpeMoves() {
  const t = useTexts(liveTexts);
  const format = useFormat();
  const epe = useQuery(epeQuery);
  const history = useQuery(epeHistoryQuery);
  useRefreshOn(epeQuery.queryKey, ["epe", "commit"]);
  useRefreshOn(epeHistoryQuery.queryKey, ["epe"]);
  const moves = (history.data?.rows ?? [])
    .flatMap(({ id, at, prefix, body }) => {
      const { kind, from, to } = body;
      return kind === "move" || kind === "revert" ? [{ id, at, prefix, from, to }] : [];
    })
    .slice(0, MOST_MOVES);
  return (
    <Box title={t("epe-moves")}>
      {epe.data !== undefined && (
        <Text size="sm">
          {epe.data.mode === "off" ? t("epe-off") : t("epe-mode", { mode: epe.data.mode })}
        </Text>
      )}
      {moves.length === 0 && <Text size="sm">{t("no-moves")}</Text>}
      {moves.map((move) => (
        <Text key={move.id} size="sm">
          {format.time(move.at)} {move.prefix}: {String(move.from ?? "BGP")} → {String(move.to ?? "BGP")}
        </Text>
      ))}
    </Box>
  );
}
