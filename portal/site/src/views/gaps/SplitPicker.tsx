import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { FIXED, TABS, TODAY, tabOf } from "./splits";

/** Who is compared with whom; of the mountain counties also by which list, and what that choice means. */
export function SplitPicker({ held, value }: { held: readonly string[]; value: string }) {
  const { go } = useSite();
  const say = useWords(GAPS);
  const tab = tabOf(value);
  return (
    <>
      <fieldset class="choice">
        <legend>{say("split")}</legend>
        {TABS.map((each) => {
          const dimension = held.find((one) => tabOf(one) === each);
          return (
            <button
              key={each} type="button" aria-pressed={each === tab} disabled={!dimension}
              title={dimension ? undefined : say("notSplit")} onClick={() => go({ dimension })}
            >
              {say(each)}
            </button>
          );
        })}
      </fieldset>
      {tab === "mountain" && (
        <fieldset class="choice lists">
          <legend>{say("list")}</legend>
          {[FIXED, TODAY].map((each) => (
            <label key={each}>
              <input type="radio" name="list" checked={value === each} disabled={!held.includes(each)} onChange={() => go({ dimension: each })} />
              {say(each === FIXED ? "fixed" : "today")}
            </label>
          ))}
          <p class="soft small" role="status">{say(value === FIXED ? "fixedMeans" : "todayMeans")}</p>
        </fieldset>
      )}
    </>
  );
}
