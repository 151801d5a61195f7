import { useId } from "preact/hooks";
import { useWords } from "../../words";
import { COUNTIES } from "../../words/counties";
import type { OwnMap } from "./own";

/** Where a reader brings a map along; it stays in the browser. */
export function OwnMapForm({ map, onChosen }: { map: OwnMap; onChosen: () => void }) {
  const say = useWords(COUNTIES);
  const id = useId();
  return (
    <details class="own-map">
      <summary>{say("ownMap")}</summary>
      <p class="small">{say("ownMapHow")}</p>
      <div class="pick">
        <label for={id}>{say("ownMapFile")}</label>
        <input
          id={id} type="file" accept=".geojson,.json,application/geo+json,application/json"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void map.choose(file).then(onChosen);
          }}
        />
      </div>
      {map.isOwn && <button type="button" onClick={map.forget}>{say("forget")}</button>}
      <p role="alert" class="small">{map.problem && say(map.problem)}</p>
    </details>
  );
}
