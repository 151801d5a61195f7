import { amount } from "../../data/format";
import { pastError } from "../../data/forecast";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { PLACES } from "../../words/places";

/** How far such forecasts have been wrong, in a sentence beside the number. */
export function PastError({ note }: { note: string | null }) {
  const { lang, name } = useSite();
  const say = useWords(PLACES);
  const error = pastError(note);
  if (!error) return note ? <p class="small soft">{note}</p> : null;
  const facts = { tested: error.tested, held: error.heldPct, nominal: error.nominalPct };
  return (
    <p class="small error">
      {error.mapePct === null ? say("errorBare", facts) : say("error", { ...facts, mape: amount(error.mapePct, "pct", lang) })}{" "}
      {error.isLastValue ? say("noneBeat") : `${say("way", { way: name(error.way) })}${lang === "zh" ? "。" : "."}`}
      {error.isBeyond && <> {say("beyond")}</>}
    </p>
  );
}
