import { Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { HEALTH_LAYERS } from "../../../../../../shared/src/contract/health-layers.ts";
import { api, dataOf } from "../../../api/client.ts";
import type { Health } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { LongTable, type RowProps } from "../../../parts/long-table.tsx";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { healthTexts } from "./health.texts.ts";

/** Nodes tell of health without an event of the network, milliseconds. */
const FRESH_MS = 10_000;

const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: () => dataOf(api.GET("/v1/health")),
  refetchInterval: FRESH_MS,
});

type State = Health["nodes"][number]["state"];
type Share = Health["sites"][number]["layers"][string];

const TONES: Readonly<Record<State, Tone>> = { good: "good", poor: "warning", bad: "bad", unknown: "plain" };
/** How the network feels from its nodes: sites and planes side by side, and every node layer by layer. */
export function HealthPage() {
  const t = useTexts(healthTexts);
  const health = useQuery(healthQuery);
  return (
    <Page title={t("title")}>
      <Answer of={health}>
        {(data) => (
          <>
            <Text size="sm">{t("every-s", { seconds: data.intervalS })}</Text>
            <Sites sites={data.sites} />
            <Planes planes={data.planes} />
            <Stack gap="xs">
              <Title order={2} size="h3">
                {t("nodes")}
              </Title>
              <LongTable
                label={t("nodes")}
                minWidth={760}
                head={[t("node"), t("site"), t("state"), t("verdicts"), t("at")]}
                items={data.nodes}
                keyOf={nameOf}
                textOf={textOf}
                Row={NodeRow}
              />
            </Stack>
          </>
        )}
      </Answer>
    </Page>
  );
}

const nameOf = ({ node }: Health["nodes"][number]): string => node;
const textOf = ({ node, site, verdicts }: Health["nodes"][number]): string =>
  [node, site, ...verdicts.map(({ text }) => text)].join(" ");

function Sites({ sites }: { readonly sites: Health["sites"] }) {
  const t = useTexts(healthTexts);
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("sites")}
      </Title>
      {sites.length === 0 ? (
        <Text size="sm">{t("none")}</Text>
      ) : (
        <WideTable
          label={t("sites")}
          minWidth={1100}
          head={[t("site"), t("nodes"), ...HEALTH_LAYERS.map((layer) => t(`layer-${layer}`))]}
        >
          {sites.map(({ site, nodes, layers, us }) => (
            <Table.Tr key={site} data-site={site}>
              <Table.Th scope="row">{site}</Table.Th>
              <Table.Td>{nodes}</Table.Td>
              {HEALTH_LAYERS.map((layer) => (
                <Table.Td key={layer}>
                  <ShareMark share={layers[layer]} us={us[layer] ?? null} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </WideTable>
      )}
    </Stack>
  );
}

/** How many found something wrong of those that looked, and the median time. */
function ShareMark({ share, us }: { readonly share: Share | undefined; readonly us: number | null }) {
  const t = useTexts(healthTexts);
  const format = useFormat();
  if (share === undefined || share.looked === 0)
    return (
      <Text span size="sm">
        <span aria-hidden="true">–</span>
        <VisuallyHidden>{t("unknown")}</VisuallyHidden>
      </Text>
    );
  const wrong = share.bad + share.poor;
  const state = share.bad > 0 ? "bad" : wrong > 0 ? "poor" : "good";
  return (
    <>
      <Mark tone={TONES[state]}>
        {wrong === 0 ? t("good") : `${t(state)}: ${t("share", { wrong, looked: share.looked })}`}
      </Mark>
      {us !== null && <Text size="xs">{format.number(Math.round(us / 100) / 10)} ms</Text>}
    </>
  );
}

function Planes({ planes }: { readonly planes: Health["planes"] }) {
  const t = useTexts(healthTexts);
  const format = useFormat();
  if (planes.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("planes")}
      </Title>
      <WideTable label={t("planes")} minWidth={420} head={[t("plane"), t("state"), t("rtt"), t("loss")]}>
        {planes.map(({ plane, us, lossPercent, ...share }) => (
          <Table.Tr key={plane} data-plane-health={plane}>
            <Table.Th scope="row">{plane}</Table.Th>
            <Table.Td>
              <ShareMark share={share} us={null} />
            </Table.Td>
            <Table.Td>{us === null ? "–" : format.number(Math.round(us / 100) / 10)}</Table.Td>
            <Table.Td>
              {lossPercent === null ? "–" : `${format.number(Math.round(lossPercent * 10) / 10)} %`}
            </Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}

const NodeRow = memo(function NodeRow({ item, place }: RowProps<Health["nodes"][number]>) {
  const t = useTexts(healthTexts);
  const format = useFormat();
  const { node, site, at, stale, state, verdicts } = item;
  return (
    <Table.Tr data-health={node} {...place}>
      <Table.Th scope="row">{node}</Table.Th>
      <Table.Td>{site}</Table.Td>
      <Table.Td>
        <Mark tone={stale ? "plain" : TONES[state]}>
          {at === null ? t("unknown") : stale ? t("stale") : t(state)}
        </Mark>
      </Table.Td>
      <Table.Td>
        {verdicts.map((verdict) => (
          <Mark key={verdict.text} tone={TONES[verdict.state]}>
            {verdict.text}
          </Mark>
        ))}
      </Table.Td>
      <Table.Td>{at === null ? "–" : format.time(at)}</Table.Td>
    </Table.Tr>
  );
});
