import { useState } from "preact/hooks";
import { useWords } from "../words";
import { PARTS } from "../words/parts";

/** A button that puts a text on the clipboard and says so. */
export function Copy({ text, label, quiet }: { text: () => string; label?: string; quiet?: boolean }) {
  const say = useWords(PARTS);
  const [told, setTold] = useState<"copied" | "notCopied" | null>(null);
  const copy = () => navigator.clipboard.writeText(text()).then(() => setTold("copied"), () => setTold("notCopied"));
  return (
    <span class="copy">
      <button type="button" class={quiet ? "quiet" : ""} onClick={copy}>{label ?? say("copy")}</button>
      <span role="status" class="told">{told && say(told)}</span>
    </span>
  );
}
