import { yaml } from "@codemirror/lang-yaml";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { useEffect, useEffectEvent, useRef } from "react";
import { nonce } from "../shell/nonce.ts";

/** Something wrong at a place; lines and columns from 1. */
export interface EditorFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface CodeEditorProps {
  readonly label: string;
  /** What it begins with; another one begins anew. */
  readonly text: string;
  readonly faults: readonly EditorFault[];
  readonly isReadOnly: boolean;
  readonly onChange: (text: string) => void;
}

/** Colours of the page itself, so that both schemes have their contrast; the library's own styles carry the answer's nonce. */
const LOOKS = EditorView.theme({
  "&": {
    color: "var(--mantine-color-text)",
    backgroundColor: "var(--mantine-color-body)",
    border: "1px solid var(--mantine-color-default-border)",
    borderRadius: "var(--mantine-radius-md)",
    maxHeight: "60vh",
    fontSize: "13px",
  },
  ".cm-scroller": { overflow: "auto" },
  ".cm-content": { caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": {
    color: "var(--mantine-color-dimmed)",
    backgroundColor: "var(--mantine-color-default-hover)",
    borderRight: "none",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--mantine-color-default-hover)" },
  "&.cm-focused": { outline: "2px solid var(--mantine-primary-color-filled)" },
  ".cm-content span": { color: "inherit" },
});

/** An editor for YAML with line numbers and faults at their places. To be loaded lazily. */
export function CodeEditor({ label, text, faults, isReadOnly, onChange }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const changed = useEffectEvent(onChange);
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const view = new EditorView({
      parent,
      doc: text,
      extensions: [
        EditorView.cspNonce.of(nonce),
        basicSetup,
        yaml(),
        lintGutter(),
        LOOKS,
        EditorState.readOnly.of(isReadOnly),
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    });
    view.scrollDOM.tabIndex = 0;
    editor.current = view;
    return () => {
      view.destroy();
      editor.current = undefined;
    };
  }, [text, label, isReadOnly]);
  useEffect(() => {
    const view = editor.current;
    if (view === undefined) return;
    view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state, faults)));
    const [first] = faults;
    if (first !== undefined)
      view.dispatch({ effects: EditorView.scrollIntoView(offsetOf(view.state, first)) });
  }, [faults]);
  return <div ref={place} data-editor />;
}

function offsetOf({ doc }: EditorState, { line, column }: EditorFault): number {
  const there = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(there.from + Math.max(0, column - 1), there.to);
}

function diagnosticsOf(state: EditorState, faults: readonly EditorFault[]): Diagnostic[] {
  return faults.map((fault) => {
    const from = offsetOf(state, fault);
    return { from, to: state.doc.lineAt(from).to, severity: "error", message: fault.message };
  });
}
