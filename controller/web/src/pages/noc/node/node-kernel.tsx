import { Stack, Table, Text, Title } from "@mantine/core";
import type { NodeDetail } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { nodeTexts } from "./node.texts.ts";

type Kernel = NonNullable<NonNullable<NodeDetail["report"]>["kernel"]>;
type Digests = Pick<Kernel, "observed" | "wanted">;

/** At one glance: whether the kernel is what it should be, and whether it still is what it was at the last look. */
export function KernelDigest({ kernel }: { readonly kernel: Kernel | undefined }) {
  const t = useTexts(nodeTexts);
  const format = useFormat();
  if (kernel === undefined) return <>–</>;
  return (
    <Stack gap={0} data-kernel={stateOf(kernel)}>
      <Mark tone={TONES[stateOf(kernel)]}>{t(`kernel-${stateOf(kernel)}`)}</Mark>
      <Text size="sm" ff="monospace">
        {kernel.observed ?? "–"} / {kernel.wanted}
      </Text>
      <Text size="sm">{t("kernel-since", { time: format.time(kernel.since) })}</Text>
    </Stack>
  );
}

/** The same by kind of object. */
export function KernelObjects({ report }: Pick<NodeDetail, "report">) {
  const t = useTexts(nodeTexts);
  const format = useFormat();
  const digests = new Map(report?.kernel?.kinds.map((one) => [one.kind, one]));
  const kinds = Object.entries(report?.objects ?? {});
  if (kinds.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("objects")}
      </Title>
      <WideTable
        label={t("objects")}
        minWidth={560}
        head={[t("kind"), t("count"), t("state"), t("digest-observed"), t("digest-wanted")]}
      >
        {kinds.map(([kind, count]) => {
          const one = digests.get(kind);
          const state = one === undefined ? undefined : stateOf(one);
          return (
            <Table.Tr key={kind} data-kind={kind}>
              <Table.Th scope="row">{kind}</Table.Th>
              <Table.Td>{format.number(count)}</Table.Td>
              <Table.Td>
                {state === undefined ? "–" : <Mark tone={TONES[state]}>{t(`kernel-${state}`)}</Mark>}
              </Table.Td>
              <Table.Td ff="monospace">{one?.observed ?? "–"}</Table.Td>
              <Table.Td ff="monospace">{one?.wanted ?? "–"}</Table.Td>
            </Table.Tr>
          );
        })}
      </WideTable>
    </Stack>
  );
}

const TONES: Readonly<Record<"same" | "other" | "unknown", Tone>> = {
  same: "good",
  other: "bad",
  unknown: "warning",
};

function stateOf({ observed, wanted }: Digests): "same" | "other" | "unknown" {
  if (observed === undefined) return "unknown";
  return observed === wanted ? "same" : "other";
}
