import { List, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTexts } from "../i18n/i18n.ts";
import { Failure } from "./failure.tsx";
import { partsTexts } from "./parts.texts.ts";

export interface Moves {
  readonly edges: readonly { readonly edge: string; readonly plane: string; readonly reason: string }[];
}

/** So many are named; the rest is counted. */
const MOST = 40;

/** Who would move, as the controller works it out now. `name` is what is asked, for the cache. */
export function MovePreview({
  name,
  ask,
}: {
  readonly name: readonly string[];
  readonly ask: () => Promise<Moves>;
}) {
  const t = useTexts(partsTexts);
  const preview = useQuery({ queryKey: ["move-preview", ...name], queryFn: ask, staleTime: 0, gcTime: 0 });
  if (preview.error !== null) return <Failure error={preview.error} />;
  if (preview.data === undefined) return <Skeleton height={60} />;
  const { edges } = preview.data;
  return (
    <Stack gap="xs" data-moves={edges.length}>
      <Text fw={600}>{edges.length === 0 ? t("nobody-moves") : t("moves", { count: edges.length })}</Text>
      <List size="sm">
        {edges.slice(0, MOST).map(({ edge, plane, reason }) => (
          <List.Item key={edge}>
            {edge} → {plane} ({reason})
          </List.Item>
        ))}
      </List>
      {edges.length > MOST && <Text size="sm">{t("more", { count: edges.length - MOST })}</Text>}
    </Stack>
  );
}
