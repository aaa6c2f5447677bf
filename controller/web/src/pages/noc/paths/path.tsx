import { Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { api } from "../../../api/client.ts";
import { useRefreshOn } from "../../../api/queries.ts";
import type { PathDetail } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { waysOf } from "../../../model/ways.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { pathsQuery } from "../network-queries.ts";
import { Level } from "./level.tsx";
import { PathDrawing } from "./path-drawing.tsx";
import { PathEvents } from "./path-events.tsx";
import { pathQuery } from "./path-queries.ts";
import { pathsTexts } from "./paths.texts.ts";

/** One path: as it is now beside what was known before, and its history. */
export function PathPage() {
  const [search] = useSearchParams();
  const source = search.get("source") ?? "";
  const target = search.get("target") ?? "";
  const query = pathQuery(source, target);
  const path = useQuery(query);
  useRefreshOn(query.queryKey, ["path"]);
  const title = `${source} → ${target}`;
  return (
    <Page title={title} actions={path.data !== undefined && <Actions path={path.data} />}>
      <Answer of={path}>
        {(data) => (
          <>
            <Standing path={data} />
            <PathDrawing path={data} />
            <Traces path={data} />
            <PathEvents of={{ source, target }} />
          </>
        )}
      </Answer>
    </Page>
  );
}

const HOUR_S = 3600;

function Actions({ path: { source, target, acknowledged, silenced } }: { readonly path: PathDetail }) {
  const t = useTexts(pathsTexts);
  const same = {
    needs: "steer",
    refreshes: [pathQuery(source, target).queryKey, pathsQuery.queryKey],
  } as const;
  const name = { source, target };
  return (
    <Group gap="xs">
      {acknowledged === null && (
        <Confirmed
          {...same}
          reason="may"
          label={t("acknowledge")}
          run={(note) => api.POST("/v1/paths/ack", { body: { ...name, note } })}
        >
          <Text>{t("acknowledge-sure")}</Text>
        </Confirmed>
      )}
      {silenced === null ? (
        <Confirmed
          {...same}
          reason="may"
          label={t("silence")}
          run={(note) => api.POST("/v1/paths/silence", { body: { ...name, note, forS: HOUR_S } })}
        >
          <Text>{t("silence-sure")}</Text>
        </Confirmed>
      ) : (
        <Confirmed
          {...same}
          label={t("unsilence")}
          run={() => api.POST("/v1/paths/unsilence", { body: name })}
        >
          <Text>{t("unsilence-sure")}</Text>
        </Confirmed>
      )}
    </Group>
  );
}

function Standing({ path }: { readonly path: PathDetail }) {
  const t = useTexts(pathsTexts);
  const format = useFormat();
  const { current, lookedAt, flapping, acknowledged, silenced } = path;
  return (
    <Stack gap={4} role="status">
      <Level level={current?.level} />
      {current !== null && <Text size="sm">{current.words}</Text>}
      {lookedAt !== null && <Text size="sm">{t("looked", { time: format.time(lookedAt) })}</Text>}
      {flapping && <Text size="sm">{t("flapping")}</Text>}
      {acknowledged !== null && (
        <Text size="sm">{t("acknowledged", { by: acknowledged.by, note: acknowledged.note })}</Text>
      )}
      {silenced !== null && (
        <Text size="sm">
          {t("silenced", { by: silenced.by, until: format.time(silenced.until), note: silenced.note })}
        </Text>
      )}
    </Stack>
  );
}

function Traces({ path: { trace, before } }: { readonly path: PathDetail }) {
  const t = useTexts(pathsTexts);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <TraceView title={t("now")} trace={trace} />
      {before !== null && <TraceView title={t("before", { words: before.words })} trace={before.trace} />}
    </SimpleGrid>
  );
}

function TraceView({ title, trace }: { readonly title: string; readonly trace: PathDetail["trace"] }) {
  const t = useTexts(pathsTexts);
  const format = useFormat();
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {title}
      </Title>
      {trace === null && <Text size="sm">{t("no-trace")}</Text>}
      {waysOf(trace).map(({ flows, hops }) => (
        <WideTable
          key={flows.join(" ")}
          label={`${title}: ${t("flows", { flows: flows.join(", ") })}`}
          minWidth={320}
          head={[t("hop"), t("hop-address"), t("hop-rtt")]}
        >
          {hops.map(({ hop, address, rttUs }) => (
            <Table.Tr key={hop}>
              <Table.Th scope="row">{hop}</Table.Th>
              <Table.Td>{address ?? "*"}</Table.Td>
              <Table.Td>{rttUs === undefined ? "–" : format.number(rttUs / 1000)}</Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      ))}
    </Stack>
  );
}
