import { Alert, Button, Group, NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ApiError, api, dataOf, type Fault } from "../../../api/client.ts";
import { useMay } from "../../../api/queries.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Failure } from "../../../parts/failure.tsx";
import { statusQuery } from "../network-queries.ts";
import { Diff } from "./diff.tsx";
import { fabricTexts } from "./fabric.texts.ts";
import { revisionsQuery, trialQuery } from "./fabric-queries.ts";

const CodeEditor = lazy(async () => ({
  default: (await import("../../../parts/code-editor.tsx")).CodeEditor,
}));

const CONFIRM_S = [30, 60, 300] as const;
const NO_FAULTS: readonly Fault[] = [];

/** A fabric file as it is being changed: only what was checked can be applied. */
export function Editing({
  revision,
  file,
  text,
  onStored,
}: {
  readonly revision: number | null;
  readonly file: string;
  readonly text: string;
  /** A revision has been made of it; undefined: what is there now is another text. */
  readonly onStored: (revision: number | undefined) => void;
}) {
  const t = useTexts(fabricTexts);
  const mayApply = useMay("apply");
  const [now, setNow] = useState(text);
  const [start, setStart] = useState(text);
  const [confirmS, setConfirmS] = useState(0);
  const send = (dryRun: boolean, note: string) =>
    dataOf(
      api.POST("/v1/fabric", {
        body: {
          text: now,
          file,
          note,
          dryRun,
          ...(dryRun || confirmS === 0 ? {} : { confirmWithinS: confirmS }),
        },
      }),
    );
  const check = useMutation({ mutationFn: () => send(true, "") });
  const faults = check.error instanceof ApiError ? check.error.faults : NO_FAULTS;
  const change = (changed: string) => {
    setNow(changed);
    onStored(undefined);
    // What was shown is of another text.
    check.reset();
  };
  const label = revision === null ? t("new-text") : t("file-of", { revision });
  return (
    <Stack gap="sm">
      <Suspense fallback={<Skeleton height={400} />}>
        <CodeEditor label={label} text={start} faults={faults} isReadOnly={!mayApply} onChange={change} />
      </Suspense>
      {mayApply && (
        <Group gap="xs">
          <Button size="xs" loading={check.isPending} onClick={() => check.mutate()}>
            {t("check")}
          </Button>
          {check.data !== undefined && (
            <Confirmed
              needs="apply"
              isDangerous
              reason="may"
              label={t("apply")}
              run={async (note) => onStored((await send(false, note)).revision ?? undefined)}
              refreshes={[revisionsQuery.queryKey, statusQuery.queryKey, trialQuery.queryKey]}
              onDone={() => check.reset()}
            >
              <Text>{t("apply-sure")}</Text>
              <NativeSelect
                label={t("confirm-within")}
                value={String(confirmS)}
                data={[
                  { value: "0", label: t("confirm-never") },
                  ...CONFIRM_S.map((seconds) => ({
                    value: String(seconds),
                    label: t("confirm-s", { seconds }),
                  })),
                ]}
                onChange={({ currentTarget }) => setConfirmS(Number(currentTarget.value))}
              />
            </Confirmed>
          )}
          <Button
            size="xs"
            variant="default"
            disabled={now === text && start === text}
            onClick={() => {
              // The editor begins anew where its text is another.
              setStart(start === text ? `${text}\n` : text);
              change(text);
            }}
          >
            {t("reset")}
          </Button>
          {check.data === undefined && <Text size="sm">{t("check-first")}</Text>}
        </Group>
      )}
      {faults.length > 0 ? (
        <Faults faults={faults} />
      ) : (
        check.error !== null && <Failure error={check.error} />
      )}
      {check.data !== undefined && <Diff answer={check.data} />}
    </Stack>
  );
}

function Faults({ faults }: { readonly faults: readonly Fault[] }) {
  const t = useTexts(fabricTexts);
  return (
    <Alert color="red" role="alert" title={t("faults", { count: faults.length })} data-faults={faults.length}>
      {faults.map(({ line, column, path, message }) => (
        <Text key={`${line} ${column} ${message}`} size="sm">
          {t("go-to", { line, column })}: {path} {message}
        </Text>
      ))}
    </Alert>
  );
}
