import { Anchor, Grid, Group, Loader, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { useRefreshOn } from "../../../api/queries.ts";
import type { Status, Topology } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { networkOf } from "../../../model/network.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { useShared } from "../../../parts/shared.ts";
import {
  epeQuery,
  loadsQuery,
  STATUS_EVENTS,
  STATUS_GATHER_MS,
  statusQuery,
  topologyQuery,
} from "../network-queries.ts";
import { usePlaneColour } from "../plane-colour.ts";
import { Alarms, EpeMoves, RunningRollouts } from "./happenings.tsx";
import { liveTexts } from "./live.texts.ts";
import { NetworkLists } from "./network-lists.tsx";

/** The library that draws is loaded when something is drawn. */
const NetworkGraph = lazy(async () => ({ default: (await import("./graph.tsx")).NetworkGraph }));

/** The whole network as it is now. */
export function LivePage() {
  const t = useTexts(liveTexts);
  const topology = useQuery(topologyQuery);
  const status = useQuery(statusQuery);
  useRefreshOn(topologyQuery.queryKey, ["commit"]);
  useRefreshOn(statusQuery.queryKey, STATUS_EVENTS, STATUS_GATHER_MS);
  return (
    <Page title={t("title")}>
      <Answer of={status} isEmpty={({ revision }) => revision === null} empty={<Text>{t("no-fabric")}</Text>}>
        {(seen) => (
          <>
            <Group justify="space-between">
              <div role="status">
                <Mark tone={seen.ready ? "good" : "bad"}>
                  {seen.ready ? t("good") : t("bad")} · {t("revision", { revision: seen.revision ?? 0 })}
                </Mark>
              </div>
              <Planes status={seen} />
            </Group>
            <Grid>
              <Grid.Col span={{ base: 12, lg: 8 }}>
                <Answer of={topology}>{(there) => <Shown topology={there} status={seen} />}</Answer>
              </Grid.Col>
              <Grid.Col span={{ base: 12, lg: 4 }}>
                <Stack>
                  <Alarms status={seen} />
                  <RunningRollouts />
                  <EpeMoves />
                </Stack>
              </Grid.Col>
            </Grid>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Planes({ status }: { readonly status: Status }) {
  const t = useTexts(liveTexts);
  const colour = usePlaneColour(status.planes.map(({ plane }) => plane));
  return (
    <Group component="section" aria-label={t("planes")} gap="lg">
      {status.planes.map(({ plane, drained, edgesObserved, edgesWanted }) => (
        <Text key={plane} size="sm" data-plane={plane}>
          <Text span c={colour(plane)} fw={700}>
            ■ {drained ? t("plane-drained", { plane }) : plane}
          </Text>{" "}
          {t("plane-edges", { observed: edgesObserved, wanted: edgesWanted })}
        </Text>
      ))}
    </Group>
  );
}

function Shown({ topology, status }: { readonly topology: Topology; readonly status: Status }) {
  const t = useTexts(liveTexts);
  const [search, setSearch] = useSearchParams();
  const view = search.get("view") === "lists" ? "lists" : "drawing";
  const [chosen, setChosen] = useState<string | null>(null);
  const { data: loads } = useQuery(loadsQuery);
  const { data: epe } = useQuery(epeQuery);
  const network = useShared(
    useMemo(() => networkOf(topology, status, loads, epe), [topology, status, loads, epe]),
  );
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t("view")}
        value={view}
        onChange={(to) => setSearch(to === "lists" ? { view: "lists" } : {}, { replace: true })}
        data={[
          { value: "drawing", label: t("drawing") },
          { value: "lists", label: t("lists") },
        ]}
      />
      {view === "lists" ? (
        <NetworkLists network={network} />
      ) : (
        <>
          <Suspense fallback={<Loader aria-label={t("drawing")} />}>
            <NetworkGraph network={network} onChosen={setChosen} />
          </Suspense>
          {chosen !== null && status.nodes.some(({ name }) => name === chosen) && (
            <Anchor component={Link} href={`/noc/nodes/${chosen}`}>
              {t("open", { node: chosen })}
            </Anchor>
          )}
          <Text size="xs" c="dimmed">
            {t("legend-role")} · {t("legend-seen")} · {t("legend-width")} · {t("legend-astray")} ·{" "}
            {t("legend-down")}
          </Text>
        </>
      )}
    </Stack>
  );
}
