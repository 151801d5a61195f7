import { useState } from "preact/hooks";
import { useWords } from "../words";
import { PARTS } from "../words/parts";
import { csv, json, type Sheet, spreadsheet } from "./sheet";

const KINDS = ["CSV", "XLSX", "JSON"] as const;
type Kind = (typeof KINDS)[number];

/** Buttons that give what is shown as a file; the sheet is made when asked for. */
export function Download({ sheet }: { sheet: () => Sheet }) {
  const say = useWords(PARTS);
  const [told, setTold] = useState<"downloading" | "notDownloaded" | null>(null);
  const give = async (kind: Kind) => {
    setTold("downloading");
    try {
      const made = sheet();
      save(await packed(kind, made), `${made.name}.${kind.toLowerCase()}`);
      setTold(null);
    } catch {
      setTold("notDownloaded");
    }
  };
  return (
    <span class="download" role="group" aria-label={say("download")}>
      {KINDS.map((kind) => (
        <button key={kind} type="button" onClick={() => give(kind)}>
          <span class="unseen">{say("download")} </span>{kind}
        </button>
      ))}
      <span role="status" class="told">{told && say(told)}</span>
    </span>
  );
}

async function packed(kind: Kind, sheet: Sheet): Promise<Blob> {
  if (kind === "CSV") return new Blob([csv(sheet)], { type: "text/csv;charset=utf-8" });
  if (kind === "JSON") return new Blob([json(sheet)], { type: "application/json" });
  const { default: write } = await import("write-excel-file/browser");
  return write(spreadsheet(sheet)).toBlob();
}

function save(content: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
