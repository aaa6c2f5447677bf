import { SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Distribution, Rollout } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { cumulative } from "../../../model/distribution.ts";
import { Answer } from "../../../parts/answer.tsx";
import { LazyPlot } from "../../../parts/lazy-plot.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { distributionsQuery } from "../network-queries.ts";
import { usePlaneColour } from "../plane-colour.ts";
import { rolloutTexts } from "./rollout.texts.ts";

/** Round trips of the plane that is left and of the one that is moved to, over the same targets in the same minute. */
export function Distributions({ rollout: { from, to } }: { readonly rollout: Rollout }) {
  const t = useTexts(rolloutTexts);
  const distributions = useQuery(distributionsQuery);
  return (
    <Stack component="section" aria-label={t("distributions")} gap="xs">
      <Title order={2} size="h3">
        {t("distributions")}
      </Title>
      <Answer
        of={distributions}
        isEmpty={(data) => data.distributions.length === 0}
        empty={<Text>{t("not-measured")}</Text>}
      >
        {({ shares, distributions: all }) => {
          const ours = all.filter(({ plane }) => plane === from || plane === to);
          const targets = [...new Set(ours.map(({ target }) => target))];
          return (
            <>
              <SimpleGrid cols={{ base: 1, md: 2 }}>
                {targets.map((target) => (
                  <TargetPlot
                    key={target}
                    target={target}
                    shares={shares}
                    planes={[from, to]}
                    found={ours.filter((one) => one.target === target)}
                  />
                ))}
              </SimpleGrid>
              <Figures shares={shares} found={ours} />
            </>
          );
        }}
      </Answer>
    </Stack>
  );
}

const DASH = [8, 4];

function TargetPlot({
  target,
  shares,
  planes: [from, to],
  found,
}: {
  readonly target: string;
  readonly shares: readonly number[];
  readonly planes: readonly [string, string];
  readonly found: readonly Distribution[];
}) {
  const t = useTexts(rolloutTexts);
  const colour = usePlaneColour([from, to]);
  const plot = useMemo(() => {
    const { x, lines } = cumulative(shares, found);
    return {
      x,
      lines: lines.map(({ plane, values }) => ({
        ...{ name: plane, values, colour: colour(plane) },
        ...(plane === to ? { dash: DASH } : {}),
      })),
    };
  }, [shares, found, colour, to]);
  const middle = shares.indexOf(0.5);
  const figures = found
    .map(({ plane, quantilesUs }) => `${plane} ${((quantilesUs[middle] ?? Number.NaN) / 1000).toFixed(2)} ms`)
    .join(", ");
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {t("distribution", { target })}
      </Title>
      <LazyPlot
        label={t("distribution-alt", { target, figures })}
        x={plot.x}
        lines={plot.lines}
        xLabel={t("rtt-axis")}
        yLabel={t("share-axis")}
      />
    </Stack>
  );
}

function Figures({
  shares,
  found,
}: {
  readonly shares: readonly number[];
  readonly found: readonly Distribution[];
}) {
  const t = useTexts(rolloutTexts);
  const format = useFormat();
  const places = [0.5, 0.95, 0.99].map((share) => shares.indexOf(share));
  return (
    <WideTable
      label={t("distributions")}
      minWidth={480}
      head={[t("target"), t("plane"), t("p50-p95"), t("lost")]}
    >
      {found.map(({ target, plane, quantilesUs, sent, lost }) => (
        <Table.Tr key={`${target} ${plane}`} data-distribution={`${target} ${plane}`}>
          <Table.Th scope="row">{target}</Table.Th>
          <Table.Td>{plane}</Table.Td>
          <Table.Td>
            {places
              .map((place) => quantilesUs[place])
              .map((us) => (us === undefined ? "–" : format.number(us / 1000)))
              .join(", ")}
          </Table.Td>
          <Table.Td>
            {lost} / {sent}
          </Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  );
}
