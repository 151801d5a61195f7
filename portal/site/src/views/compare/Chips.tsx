import { areaChoices, Combo } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { COMPARE } from "../../words/compare";
import { groupsOf, MOST, type Side } from "./sides";
import { Swatch } from "./Swatch";

/** What is compared: the chart's key, each with a way to take it out, and a way to add. */
export function Chips({ sides }: { sides: readonly Side[] }) {
  const site = useSite();
  const { catalogue, name, go } = site;
  const say = useWords(COMPARE);
  const put = (keys: readonly string[]) => go({ areas: keys.join(",") || "none" });
  const keys = sides.map((each) => each.key);
  const groups = groupsOf(catalogue).map((each) => ({ value: each.key, label: name(each.named), group: say("groups"), also: `${each.named.zh} ${each.named.en}` }));
  const choices = [...groups, ...areaChoices(site)].filter((each) => !keys.includes(each.value));
  return (
    <div class="chosen">
      <ul class="chips" aria-label={say("chosen")}>
        {sides.map((side, at) => (
          <li key={side.key}>
            <Swatch place={at} />
            <span>{name(side.named)}</span>
            <button type="button" aria-label={say("remove", { name: name(side.named) })} onClick={() => put(keys.filter((key) => key !== side.key))}>×</button>
          </li>
        ))}
      </ul>
      {sides.length < MOST ? (
        <Combo key={keys.join()} label={say("add")} choices={choices} value="" onPick={(key) => put([...keys, key])} />
      ) : (
        <p class="small soft">{say("full")}</p>
      )}
    </div>
  );
}
